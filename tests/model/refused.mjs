/* What the model refuses: thrown, and turned into an answer by Model.call. */
export class Refused extends Error {
    constructor(type, message, members = {}) {
        super(String(message));
        this.type = type;
        this.text = message; /* a text, or a pattern where the reference leaves the wording open */
        this.members = members;
    }
}

export function refuse(message) {
    throw new Refused("ValidationException", message);
}
