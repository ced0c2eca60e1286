/* What the model refuses: thrown, and turned into an answer by Model.call. No Error: no stack. */
export class Refused {
    constructor(type, message, members = {}) {
        this.type = type;
        this.text = message; /* a text, or a pattern where the reference leaves the wording open */
        this.members = members;
    }
}

export function refuse(message) {
    throw new Refused("ValidationException", message);
}
