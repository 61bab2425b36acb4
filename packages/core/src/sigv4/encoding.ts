// Percent-encoding as SigV4 wants it: every byte but the unreserved of RFC 3986 §2.3, in upper-case digits. Text stands
// for bytes here, one character each, as servers hand on what HTTP carries: nothing is ever decoded into letters.

const reserved = /[^A-Za-z0-9._~-]/;

const encodedBytes: readonly string[] = Array.from({ length: 256 }, (_, byte) => {
  const char = String.fromCharCode(byte);
  return reserved.test(char) ? `%${byte.toString(16).toUpperCase().padStart(2, "0")}` : char;
});

/** Encodes a path: what is escaped on the wire is escaped once more, only `/` stays. */
export function encodePath(path: string): string {
  return path.replace(/[^A-Za-z0-9._~/-]/g, encodeByte);
}

export function encodeComponent(text: string): string {
  return text.replace(/[^A-Za-z0-9._~-]/g, encodeByte);
}

/** One spelling for each name or value of a query: escapes are decoded bytewise, `+` is a space, all encoded again. */
export function recodeComponent(text: string): string {
  return reserved.test(text) ? text.replace(/%..|[^A-Za-z0-9._~-]/g, recode) : text;
}

/** The bytes behind what `recodeComponent` made. */
export function decodeComponent(encoded: string): string {
  return encoded.includes("%") ? encoded.replace(/%../g, decodeEscape) : encoded;
}

/** Whether a `%` stands without two hexadecimal digits: such text has no meaning, and AWS refuses it. */
export function hasBrokenEscape(text: string): boolean {
  return /%(?![0-9A-Fa-f]{2})/.test(text);
}

function recode(match: string): string {
  if (match === "+") return "%20";
  return encodeByte(match.length === 1 ? match : decodeEscape(match));
}

function encodeByte(char: string): string {
  return encodedBytes[char.charCodeAt(0)] ?? encodeURIComponent(char);
}

function decodeEscape(escape: string): string {
  return String.fromCharCode(Number.parseInt(escape.slice(1), 16));
}
