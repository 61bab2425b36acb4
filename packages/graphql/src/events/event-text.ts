import { isPromise, maxNesting } from "@authmodes/core/adapter";

// Events as text: JSON in which an object with one key that starts with `$` stands for a value that JSON does not have. Such
// an object of the record itself gets one more `$`.

/** The longest event, in characters of its JSON. AppSync's is 240 KB. */
const maxLength = 2 ** 18;

/** @throws TypeError if a value has no text that would become the same value again */
export function toText(event: unknown): string {
  const text = JSON.stringify(toJson(event, "the record", 1));
  if (text.length <= maxLength) return text;
  throw new TypeError(`the record has ${text.length} characters as JSON: an event can have ${maxLength}`);
}

/** @throws SyntaxError for another text */
export function fromText(text: string): unknown {
  return JSON.parse(text, (_key, value: unknown) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
    const [only, ...others] = Object.entries(value);
    if (only === undefined || others.length > 0) return value;
    const [name, inner] = only;
    if (name.startsWith("$$")) return { [name.slice(1)]: inner as unknown };
    if (typeof inner !== "string") return value;
    if (name === "$date") return new Date(inner);
    if (name === "$bigint") return BigInt(inner);
    return name === "$bytes" ? new Uint8Array(Buffer.from(inner, "base64")) : value;
  });
}

/** @param path the place of the value, for errors, which quote no value */
function toJson(value: unknown, path: string, depth: number): unknown {
  if (typeof value === "bigint") return { $bigint: String(value) };
  if (typeof value === "function" || typeof value === "symbol")
    throw new TypeError(`${path} is a ${typeof value}, which cannot be sent`);
  if (typeof value !== "object" || value === null) return value;
  if (depth > maxNesting) throw new TypeError(`the record nests deeper than ${maxNesting} levels`);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : { $date: value.toISOString() };
  if (value instanceof Uint8Array) return { $bytes: Buffer.from(value).toString("base64") };
  if (Array.isArray(value)) return value.map((element, i) => toJson(element, `${path}[${i}]`, depth + 1));
  // Of Decimal, ObjectId, and the documents of some database clients.
  if ("toJSON" in value && typeof value.toJSON === "function") return toJson(value.toJSON(), path, depth + 1);
  // A Map would become an empty object.
  if (isPromise(value) || Symbol.iterator in value)
    throw new TypeError(`${path} is neither a list nor plain data, and cannot be sent`);
  const members = Object.entries(value).map(([name, inner]): [string, unknown] => [
    name,
    toJson(inner, `${path}.${name}`, depth + 1),
  ]);
  const [only] = members;
  if (members.length === 1 && only?.[0].startsWith("$") === true) return { [`$${only[0]}`]: only[1] };
  return Object.fromEntries(members);
}
