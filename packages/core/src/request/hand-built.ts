import { isObject, type JsonObject } from "../lib/json.ts";
import type { IncomingHttpHeaders, IncomingMessage } from "node:http";

// Requests that Node's HTTP server did not parse: adapters for AWS Lambda build them from events, and tests by hand.

/** Headers as a list and by lower-case name, both made from the same source. */
interface RebuiltHeaders {
  readonly list: readonly string[];
  readonly byName: IncomingHttpHeaders;
}

/**
 * Rebuilds the headers of a request that was built by hand: often incomplete, and not always text.
 * @returns undefined for a request that Node parsed; null if the request has no headers that can be read
 */
export function rebuiltHeaders(headers: unknown, rawHeaders: unknown): RebuiltHeaders | null | undefined {
  const isRead = isObject(headers) && !isIterable(headers);
  if (isRead && isTextList(rawHeaders)) {
    if (rawHeaders.length > 0 && isPlain(headers)) return undefined; // nearly all
    if (agree(rawHeaders, headers)) return withHidden(rawHeaders, headers);
  }
  const entries = entriesOf(headers);
  if (entries !== undefined && entries.length > 0) return rebuilt(entries);
  const pairs = Array.isArray(rawHeaders) ? pairsOf(rawHeaders) : undefined;
  // A list of another form may hold credentials: without them, the request would be a guest's.
  if (pairs === null) return null;
  if (pairs !== undefined) return rebuilt(pairs);
  return entries === undefined ? null : rebuilt(entries);
}

function withHidden(rawHeaders: readonly string[], headers: JsonObject): RebuiltHeaders | undefined {
  const hidden = hiddenIn(headers);
  return hidden.length === 0 ? undefined : rebuilt(hidden, [...rawHeaders], Object.create(headers));
}

/**
 * The target as it was on the wire, as text; some adapters set a URL object. HTTP APIs of API Gateway decode the path, and
 * adapters pass it on like that: what no wire carries is escaped again. A `/` or `:` that was escaped is lost, and a
 * signature of it is rejected.
 */
export function targetOf(value: string | URL): string {
  const text = typeof value === "string" ? value : String(value);
  return wire.test(text) ? text : text.replace(neverSent, encodeURIComponent);
}

const wire = /^[\x21-\x7e]*$/;

/** All but visible ASCII; not half of a surrogate pair, which cannot be encoded. */
const neverSent = /(?:[\ud800-\udbff][\udc00-\udfff]|[^\x21-\x7e\ud800-\udfff])+/g;

/** The body that an adapter put on the request; undefined once a parser has read the stream and replaced it. */
export function givenBody(request: IncomingMessage & { readonly body?: unknown }): Uint8Array | undefined {
  const { body } = request;
  return body instanceof Uint8Array && !request.readableDidRead ? body : undefined;
}

/**
 * Lets body parsers read a request after an adapter waited. `serverless-express` marks it as read as soon as a handler waits,
 * and parsers then skip the body: it would be parsed or not, depending on whether a key was cached.
 * @example
 * import { letParsersRead } from "@authmodes/core/adapter";
 * import type { NodeRequest } from "@authmodes/core";
 *
 * export async function after(verified: Promise<unknown>, request: NodeRequest, next: () => void): Promise<void> {
 *   await verified;
 *   letParsersRead(request);
 *   next();
 * }
 */
export function letParsersRead(request: IncomingMessage & { readonly body?: unknown }): void {
  // Before members of the prototypes, which take long to find: Express gives every request others.
  if (!Object.hasOwn(request, "body")) return;
  if (!request.readable && !request.destroyed && givenBody(request) !== undefined) request.readable = true;
}

/** Adds entries to a list and to headers by name: by default, to none. */
function rebuilt(
  entries: Iterable<readonly [name: string, value: unknown]>,
  list: string[] = [],
  byName: Record<string, string> = Object.create(null),
): RebuiltHeaders {
  for (const [name, value] of entries) {
    const lower = name.toLowerCase();
    for (const text of textsOf(value)) {
      list.push(name, text);
      const before = byName[lower];
      byName[lower] = typeof before === "string" ? before + (lower === "cookie" ? "; " : ", ") + text : text;
    }
  }
  return { list, byName };
}

/** Includes inherited properties, as frameworks do; `Headers` and `Map` are read by their iterators. */
function entriesOf(headers: unknown): readonly (readonly [string, unknown])[] | undefined {
  if (!isObject(headers)) return undefined;
  if (isIterable(headers)) return Array.from(headers, ([name, value]) => [String(name), value] as const);
  const entries: (readonly [string, unknown])[] = [];
  for (const name in headers) entries.push([name, headers[name]]);
  return entries;
}

function isIterable(value: object): value is Iterable<readonly [unknown, unknown]> {
  return Symbol.iterator in value;
}

/** Adapters set numbers for lengths, and lists for headers that were sent repeatedly. */
function textsOf(value: unknown): readonly string[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return value.flatMap(textsOf);
  if (typeof value === "string") return [value];
  return [typeof value === "bigint" ? value.toString() : (JSON.stringify(value) ?? "")];
}

/** null if the names are no texts, as in a list of pairs. */
function pairsOf(list: readonly unknown[]): (readonly [string, unknown])[] | null {
  const pairs: (readonly [string, unknown])[] = [];
  for (let i = 0; i < list.length; i += 2) {
    const name = list[i];
    if (typeof name !== "string") return null;
    pairs.push([name, list[i + 1] ?? ""]);
  }
  return pairs;
}

function isTextList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.length % 2 === 0 && value.every((text) => typeof text === "string");
}

/** Whether there are headers, and all are texts by lower-case names. */
function isPlain(headers: JsonObject): boolean {
  let count = 0;
  for (const name in headers) {
    if (typeof headers[name] !== "string" || name !== name.toLowerCase()) return false;
    count++;
  }
  return count > 0;
}

/**
 * Whether `headers` holds texts by lower-case names, as Node makes it from the list. Middleware may have removed or added
 * some, but no header may be hidden by another spelling or type.
 */
function agree(list: readonly string[], headers: JsonObject): boolean {
  if (isEmpty(headers)) return list.length === 0;
  for (let i = 0; i < list.length; i += 2) {
    const name = list[i] ?? "";
    const lower = name.toLowerCase();
    const value = headers[lower];
    if (typeof value === "string" || lower === "set-cookie") continue;
    // A client may name a header `__proto__`, which Node leaves out.
    if (value !== undefined && Object.hasOwn(headers, lower)) return false;
    if (name !== lower && Object.hasOwn(headers, name)) return false;
  }
  // The list may be empty although `headers` is not.
  return list.length > 0;
}

/**
 * Headers that the list lacks and that reading by lower-case names would miss: adapters and middleware may write `X-Api-Key`,
 * a list or a number. Objects are notes of middleware.
 */
function hiddenIn(headers: JsonObject): readonly (readonly [string, unknown])[] {
  const hidden: (readonly [string, unknown])[] = [];
  for (const name in headers) {
    const value = headers[name];
    const lower = name.toLowerCase();
    const isOdd = typeof value === "number" || (Array.isArray(value) && name !== "set-cookie");
    if (lower === name ? isOdd : !isObject(value) && value !== headers[lower]) hidden.push([name, value]);
  }
  return hidden;
}

function isEmpty(headers: JsonObject): boolean {
  for (const _name in headers) return false;
  return true;
}
