import { isToken, must } from "../lib/options.ts";
import type { MaybePromise } from "../types.ts";

/** A request that is about to be sent, as a header source sees it. */
export interface OutboundRequest {
  readonly method: string;
  readonly url: URL;
  /** Those of whoever makes the request, `content-type` included; a copy. */
  readonly headers: Headers;
  /** The bytes to be sent; undefined without a body, and for a stream where the source does not need the bytes. */
  readonly body: Uint8Array | undefined;
  /** The 401 to a first try with what this source gave. Its headers may be read, its body belongs to the caller. */
  readonly refused: Response | undefined;
}

/** From a request to the headers to add. It adds credentials, or rejects; what it rejects with holds none. */
export interface HeaderSource {
  (request: OutboundRequest): Promise<Readonly<Record<string, string>>>;
  /** true where it signs the body: a stream has to be read ahead for it, and its headers are never used twice. */
  readonly needsBody?: boolean;
  /**
   * Lower-case names of the headers that hold its credentials, besides `authorization` and `x-api-key`. A caller's own
   * header of such a name wins, and does not follow a redirect to another origin.
   */
  readonly headerNames?: readonly string[];
}

/** The shape that the credential providers of every AWS SDK give. */
export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  readonly expiration?: Date;
}

/** A credential, or a function that returns the current one. */
export type Secret = string | (() => MaybePromise<string>);

/** Visible ASCII with spaces inside: what every client and server carries unchanged. */
const carried = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/;

/** Why no header carries a value; undefined where one does. Says nothing of the value, which is a credential. */
export function headerDefect(value: unknown): string | undefined {
  if (value === undefined || value === null || value === "") return "nothing";
  if (typeof value !== "string") return `a value of type ${typeof value}, not a text`;
  if (carried.test(value)) return undefined;
  return "a text that no header carries: a control character, a space at an end, or letters beyond ASCII";
}

/**
 * One way to read a credential that may be given in two.
 * @param what the option, as the user wrote it: `outbound.apiKey(): key`
 * @returns rejects with an Error that names the option where its function returned nothing that can be sent
 * @throws TypeError where a fixed credential cannot be sent
 */
export function secretReader(what: string, secret: Secret): () => Promise<string> {
  if (typeof secret !== "function") {
    const defect = headerDefect(secret);
    must(defect === undefined, `${what} is ${defect}`);
    return () => Promise.resolve(secret);
  }
  return async () => {
    const current = await secret();
    const defect = headerDefect(current);
    if (defect !== undefined) throw new Error(`${what} returned ${defect}`);
    return current;
  };
}

/**
 * How a token is written into `Authorization`.
 * @param scheme the word before it, null for none
 */
export function tokenHeader(where: string, scheme: string | null): (token: string) => Record<string, string> {
  if (scheme === null) return (token) => ({ authorization: token });
  must(isToken(scheme), `${where}: scheme is a word such as 'Bearer', or null for the token alone`);
  return (token) => ({ authorization: `${scheme} ${token}` });
}

/**
 * What a header source gave, proven fit to be sent: clients quote a bad value in their errors, this does not.
 * @throws Error that names the header
 */
export function checkHeaders<H extends Readonly<Record<string, string>>>(where: string, headers: H): H {
  if (typeof headers !== "object" || headers === null) throw new Error(`${where}: no headers were given`);
  for (const [name, value] of Object.entries(headers)) {
    if (!isToken(name)) throw new Error(`${where}: a header was given that has no name`);
    const defect = headerDefect(value);
    if (defect !== undefined) throw new Error(`${where}: the header '${name}' is ${defect}`);
  }
  return headers;
}

/** Whether two records have the same names with the same values. */
export function isSame(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name]);
}
