import type { SignedNames } from "./claim.ts";

/** The parts of a canonical request, which signer and server hash. */
export interface CanonicalRequest {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly signed: Pick<SignedNames, "names" | "text">;
  /** Their values in the same order, as `canonicalValue` returns them. */
  readonly values: readonly (string | undefined)[];
  /** SHA-256 of the body, or a word in its place. */
  readonly payload: string;
}

/** @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html "Create a canonical request" */
export function canonicalText(request: CanonicalRequest): string {
  const { method, path, query, signed, values, payload } = request;
  const { names, text } = signed;
  let lines = "";
  for (let i = 0; i < names.length; i++) lines += `${names[i]}:${values[i] ?? ""}\n`;
  return `${method}\n${path}\n${query}\n${lines}\n${text}\n${payload}`;
}

/** A header's value: trimmed, runs of spaces made one, inside quotes too. */
export function canonicalValue(value: string): string {
  return isPlain(value) ? value : value.replace(/[\t-\r ]+/g, " ").replace(/^ | $/g, "");
}

/** True for nearly every value. Tokens are long, and an expression takes ten times as long as a search for a letter. */
function isPlain(value: string): boolean {
  return !(
    value.startsWith(" ") ||
    value.endsWith(" ") ||
    value.includes("  ") ||
    value.includes("\t") ||
    value.includes("\n")
  );
}

/**
 * How to treat `.` and `..` segments and `//` in a path: signers resolve them before they sign, so one signature is valid
 * for all spellings of a path. `refuse` leaves the path as it is, and is for paths that have none.
 */
export type DotSegments = "refuse" | "normalise";

/**
 * The canonical URI of every service but S3: the path as on the wire, encoded once more.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export function canonicalPath(path: string, dotSegments: DotSegments): string {
  if (path === "") return "/";
  return encodePath(dotSegments === "normalise" ? normalise(path) : path);
}

/** Whether signers and servers may resolve a path differently: dot segments, escaped or not, and `//`. */
export function isAmbiguousPath(path: string): boolean {
  if (path.includes("//")) return true;
  return (path.includes("/.") || path.includes("/%")) && /\/(?:\.|%2e){1,2}(?:\/|$)/i.test(path);
}

/** Dot segments that signers do not see as such, but URL parsers do (WHATWG URL, "double-dot URL path segment"). */
export function hasEscapedDotSegment(path: string): boolean {
  return path.includes("%") && /\/(?=[^/]*%)(?:\.|%2e){1,2}(?:\/|$)/i.test(path);
}

/**
 * Normalises like signers, which is nearly RFC 3986 §5.2.4: empty segments are removed too, and a slash at the end stays
 * if there was one.
 */
function normalise(path: string): string {
  if (!isAmbiguousPath(path)) return path;
  const kept: string[] = [];
  for (const segment of path.split("/")) {
    if (segment === "..") kept.pop();
    else if (segment !== "" && segment !== ".") kept.push(segment);
  }
  const end = kept.length > 0 && path.endsWith("/") ? "/" : "";
  return `/${kept.join("/")}${end}`;
}

/** Sorts before every character of a canonical name or value, so that parameters sort by name first. */
const separator = "\0";

/** A canonical query parameter, as text that sorts like parameters. */
export function parameterOf(name: string, value: string): string {
  return name + separator + value;
}

/** The name and the value that `parameterOf` was given. */
export function partsOf(parameter: string): readonly [name: string, value: string] {
  const end = parameter.indexOf(separator);
  return [parameter.slice(0, end), parameter.slice(end + 1)];
}

/** Splits a query into parameters, in its own order. undefined if a `%` escape is broken. */
export function parseQuery(query: string): string[] | undefined {
  if (hasBrokenEscape(query)) return undefined;
  const parameters: string[] = [];
  let equals = -1;
  for (let start = 0, end: number; start < query.length; start = end + 1) {
    end = indexOrEnd(query, "&", start);
    if (end === start) continue;
    // Searched once, also in a query without any, so that the time is linear.
    if (equals < start) equals = indexOrEnd(query, "=", start);
    const nameEnd = Math.min(equals, end);
    const name = recodeComponent(query.slice(start, nameEnd));
    parameters.push(parameterOf(name, recodeComponent(query.slice(nameEnd + 1, end))));
  }
  return parameters;
}

function indexOrEnd(text: string, character: string, start: number): number {
  const index = text.indexOf(character, start);
  return index === -1 ? text.length : index;
}

/**
 * Sorted by name, then by value, byte by byte.
 * @param without the name of a parameter to leave out
 */
export function canonicalQuery(parameters: readonly string[], without?: string): string {
  if (parameters.length === 0) return "";
  const left = without === undefined ? undefined : parameterOf(without, "");
  const kept =
    left === undefined ? parameters : parameters.filter((parameter) => !parameter.startsWith(left));
  // Without a compare function, which would be called ten thousand times for a thousand parameters.
  if (kept.length > 1) return kept.toSorted().join("&").replaceAll(separator, "=");
  return kept[0]?.replace(separator, "=") ?? "";
}

// The percent-encoding of SigV4: every byte but the unreserved ones of RFC 3986 §2.3, in upper-case digits. A character of
// text is a byte here, as servers pass on what HTTP carries. We use loops, because `replace` with a function takes ten
// times as long for 15,000 characters.

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

/** Encodes a path as on the wire: escapes are escaped once more, only `/` stays. */
export function encodePath(path: string): string {
  return reservedInPath.test(path) ? encodeComponent(path, slash) : path;
}

/** The canonical spelling of a name or value in a query: escapes are decoded, `+` is a space, then all is encoded. */
export function recodeComponent(text: string): string {
  return encodeComponent(text.includes("%") || text.includes("+") ? decode(text, plus) : text);
}

/** The bytes behind what `recodeComponent` made. */
export function decodeComponent(encoded: string): string {
  return encoded.includes("%") ? decode(encoded) : encoded;
}

/** Whether a `%` has no two hexadecimal digits after it. AWS rejects such text. */
export function hasBrokenEscape(text: string): boolean {
  return text.includes("%") && /%(?![0-9A-Fa-f]{2})/.test(text);
}

/** @param kept a byte that is not encoded, besides the unreserved ones */
export function encodeComponent(text: string, kept?: number): string {
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
