import type { IncomingHttpHeaders, IncomingMessage } from "node:http";

// Requests that no server of Node parsed: those that adapters for AWS Lambda build of events, and tests by hand.

/** What adapters, such as those for AWS Lambda, fill in of a request: often not all of it, and not as text. */
interface GivenHeaders {
  readonly rawHeaders?: unknown;
  readonly headers?: unknown;
}

/** Headers as a list and by lower-case name. Both are made of the same source, so that they agree. */
export interface RebuiltHeaders {
  readonly list: readonly string[];
  readonly byName: IncomingHttpHeaders;
}

/**
 * The headers of a request that was built by hand.
 * @returns undefined for a request that Node parsed, whose list and names can be read as they are; null if the request
 * has no headers at all
 */
export function rebuiltHeaders({ rawHeaders, headers }: GivenHeaders): RebuiltHeaders | null | undefined {
  const isListed = isTextList(rawHeaders);
  if (isListed && isObject(headers) && (rawHeaders.length > 0 || isEmpty(headers))) return undefined;
  if (isObject(headers)) return rebuilt(Object.entries(headers));
  return isListed ? rebuilt(pairsOf(rawHeaders)) : null;
}

/** A target that is given as a URL object. */
export function textOf(value: string | URL): string {
  return typeof value === "string" ? value : String(value);
}

/** The body, which adapters put on the request; undefined once a parser has read the stream and replaced it. */
export function givenBody(request: IncomingMessage & { readonly body?: unknown }): Uint8Array | undefined {
  const { body } = request;
  return body instanceof Uint8Array && !request.readableDidRead ? body : undefined;
}

function rebuilt(entries: Iterable<readonly [name: string, value: unknown]>): RebuiltHeaders {
  const list: string[] = [];
  const byName: Record<string, string> = Object.create(null);
  for (const [name, value] of entries) {
    const lower = name.toLowerCase();
    for (const text of textsOf(value)) {
      list.push(name, text);
      const before = byName[lower];
      byName[lower] = before === undefined ? text : before + (lower === "cookie" ? "; " : ", ") + text;
    }
  }
  return { list, byName };
}

/** Adapters give numbers for lengths, and lists for headers that were sent repeatedly. */
function textsOf(value: unknown): readonly string[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return value.flatMap(textsOf);
  return [typeof value === "string" ? value : JSON.stringify(value)];
}

function pairsOf(list: readonly string[]): (readonly [string, string])[] {
  return list.flatMap((name, i) => (i % 2 === 0 ? [[name, list[i + 1] ?? ""] as const] : []));
}

function isTextList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.length % 2 === 0 && value.every((text) => typeof text === "string");
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function isEmpty(headers: object): boolean {
  for (const _name in headers) return false;
  return true;
}
