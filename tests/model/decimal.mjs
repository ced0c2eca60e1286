/*
 * Numbers as the service has them: exact, 38 significant digits, 1E-130 to 9.99…E+125.
 * A number is { coefficient, exponent }: coefficient * 10 ** exponent, a BigInt that does not end
 * in a zero digit (zero is 0n and 0).
 */
import { refuse } from "./refused.mjs";

export function parseDecimal(text) {
    const parts = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/.exec(text);
    if (!parts || (parts[2] ?? "") + (parts[3] ?? "") === "")
        refuse(`The parameter cannot be converted to a numeric value: ${text}`);
    const [, sign, whole, fraction = "", power = "0"] = parts;
    return checked(BigInt(`${sign === "-" ? "-" : ""}${whole}${fraction}`), Number(power) - fraction.length);
}

/* `coefficient` of any form, made a number of the service or refused. */
function checked(coefficient, exponent) {
    if (coefficient === 0n)
        return { coefficient, exponent: 0 };
    while (coefficient % 10n === 0n) {
        coefficient /= 10n;
        exponent++;
    }
    const digits = digitsOf({ coefficient }).length;
    const magnitude = digits - 1 + exponent;
    if (magnitude > 125)
        refuse("Number overflow. Attempting to store a number with magnitude larger than supported range");
    if (magnitude < -130)
        refuse("Number underflow. Attempting to store a number with magnitude smaller than supported range");
    if (digits > 38)
        refuse("Attempting to store more than 38 significant digits in a Number");
    return { coefficient, exponent };
}

function digitsOf({ coefficient }) {
    return String(coefficient < 0n ? -coefficient : coefficient);
}

export function formatDecimal(number) {
    const sign = number.coefficient < 0n ? "-" : "";
    const digits = digitsOf(number);
    if (number.exponent >= 0)
        return sign + digits + "0".repeat(number.exponent);
    const padded = digits.padStart(1 - number.exponent, "0");
    return `${sign}${padded.slice(0, number.exponent)}.${padded.slice(number.exponent)}`;
}

function aligned(a, b) {
    const exponent = Math.min(a.exponent, b.exponent);
    const scaled = (number) => number.coefficient * 10n ** BigInt(number.exponent - exponent);
    return { a: scaled(a), b: scaled(b), exponent };
}

export function compareDecimals(left, right) {
    const { a, b } = aligned(left, right);
    return a < b ? -1 : a > b ? 1 : 0;
}

/* Too many digits are an overflow here, as measured. */
export function addDecimals(left, right) {
    const { a, b, exponent } = aligned(left, right);
    try {
        return checked(a + b, exponent);
    } catch {
        return refuse("Number overflow. Attempting to store a number with magnitude larger than supported range");
    }
}

export function negated({ coefficient, exponent }) {
    return { coefficient: -coefficient, exponent };
}

/* One byte, one for the sign, and half a byte for each digit on either side of the point. */
export function decimalBytes(number) {
    if (number.coefficient === 0n)
        return 1;
    const digits = digitsOf(number).length;
    const whole = Math.min(digits, Math.max(0, digits + number.exponent));
    return 1 + Math.ceil(whole / 2) + Math.ceil((digits - whole) / 2) + (number.coefficient < 0n ? 1 : 0);
}
