// Percent-encoding as SigV4 wants it: every byte but the unreserved of RFC 3986 §2.3, in upper-case digits. Text stands
// for bytes here, one character each, as servers hand on what HTTP carries: nothing is ever decoded into letters.
// Loops, because a function called by `replace` for each of 15,000 characters takes ten times as long.

const percent = 0x25;
const plus = 0x2b;
const slash = 0x2f;

const reserved = /[^A-Za-z0-9._~-]/;
const reservedInPath = /[^A-Za-z0-9._~/-]/;

/** By byte: its escape; undefined for the unreserved, which stay as they are. */
const escapes: readonly (string | undefined)[] = Array.from({ length: 256 }, (_, byte) =>
  reserved.test(String.fromCharCode(byte))
    ? `%${byte.toString(16).toUpperCase().padStart(2, "0")}`
    : undefined,
);
const characters: readonly string[] = Array.from({ length: 256 }, (_, byte) => String.fromCharCode(byte));

/** Encodes a path: what is escaped on the wire is escaped once more, only `/` stays. */
export function encodePath(path: string): string {
  return reservedInPath.test(path) ? encode(path, slash) : path;
}

export function encodeComponent(text: string): string {
  return encode(text);
}

/** One spelling for each name or value of a query: escapes are decoded bytewise, `+` is a space, all encoded again. */
export function recodeComponent(text: string): string {
  return encode(text.includes("%") || text.includes("+") ? decode(text, plus) : text);
}

/** The bytes behind what `recodeComponent` made. */
export function decodeComponent(encoded: string): string {
  return encoded.includes("%") ? decode(encoded) : encoded;
}

/** Whether a `%` stands without two hexadecimal digits: such text has no meaning, and AWS refuses it. */
export function hasBrokenEscape(text: string): boolean {
  return text.includes("%") && /%(?![0-9A-Fa-f]{2})/.test(text);
}

/** @param kept a byte that stays as it is, besides the unreserved */
function encode(text: string, kept?: number): string {
  if (!reserved.test(text)) return text; // nearly all
  let encoded = "";
  let done = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === kept) continue;
    const escape = code < 256 ? escapes[code] : encodeURIComponent(text.charAt(i));
    if (escape === undefined) continue;
    if (i > done) encoded += text.slice(done, i);
    encoded += escape;
    done = i + 1;
  }
  return done === 0 ? text : encoded + text.slice(done);
}

/** @param space a byte that means a space */
function decode(text: string, space?: number): string {
  let decoded = "";
  let done = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code !== percent && code !== space) continue;
    if (i > done) decoded += text.slice(done, i);
    if (code === percent) {
      decoded += characters[digit(text.charCodeAt(i + 1)) * 16 + digit(text.charCodeAt(i + 2))];
      i += 2;
    } else {
      decoded += " ";
    }
    done = i + 1;
  }
  return decoded + text.slice(done);
}

/** The value of a hexadecimal digit. */
function digit(code: number): number {
  return code < 0x40 ? code - 0x30 : (code & 0xf) + 9;
}
