import { isToken, must } from "../lib/options.ts";
import type { MaybePromise } from "../types.ts";

/** A request that is about to be sent, as a header source sees it. */
export interface OutboundRequest {
  readonly method: string;
  readonly url: URL;
  /** A copy of the headers that were set so far, including `content-type`. */
  readonly headers: Headers;
  /** The bytes to send; undefined without a body, and for a stream if the source does not need the bytes. */
  readonly body: Uint8Array | undefined;
  /** The answer that rejected a first try with this source. Read its headers only: its body belongs to your code. */
  readonly refused: Response | undefined;
  /** The headers of this source in that first try. */
  readonly tried?: Readonly<Record<string, string>> | undefined;
}

/** Returns the headers to add to a request. Its errors must hold no credentials. */
export interface HeaderSource {
  (request: OutboundRequest): Promise<Readonly<Record<string, string>>>;
  /** Whether it signs the body: streams are then read first. Default false. */
  readonly needsBody?: boolean;
  /**
   * Lower-case names of the headers that hold its credentials, besides `authorization` and `x-api-key`. Your own header
   * of such a name wins, and does not follow a redirect to another origin.
   */
  readonly headerNames?: readonly string[];
  /**
   * Whether an answer rejects the credentials, so that the source is asked once more. Read its headers only. Default: a
   * 401 does.
   */
  readonly rejectedBy?: (answer: Response) => boolean;
}

/** AWS credentials, as the credential providers of the AWS SDKs return them. */
export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  readonly expiration?: Date;
}

/** A credential, or a function that returns the current one. */
export type Secret = string | (() => MaybePromise<string>);

/** Visible ASCII with spaces inside, which every client and server passes on unchanged. */
const carried = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/;

/** Why a value cannot be sent in a header; undefined if it can. The text does not quote the value, a credential. */
export function headerDefect(value: unknown): string | undefined {
  if (value === undefined || value === null || value === "") return "nothing";
  if (typeof value !== "string") return `a value of type ${typeof value}, not a text`;
  if (carried.test(value)) return undefined;
  return "a text that headers cannot carry: it has a control character, a space at an end, or letters beyond ASCII";
}

/**
 * Reads a credential that is given as text or as a function.
 * @param what the option, as the user wrote it: `outbound.apiKey(): key`
 * @returns rejects with an Error that names the option, if its function returns nothing that can be sent
 * @throws TypeError if a fixed credential cannot be sent
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
 * Writes a token into `Authorization`.
 * @param scheme the word before the token; null for none
 */
export function tokenHeader(where: string, scheme: string | null): (token: string) => Record<string, string> {
  if (scheme === null) return (token) => ({ authorization: token });
  must(isToken(scheme), `${where}: scheme is a word such as 'Bearer', or null for the token alone`);
  return (token) => ({ authorization: `${scheme} ${token}` });
}

/**
 * Checks the headers of a source before they are sent: unlike the runtime's errors, ours do not quote a bad value.
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

export function isEmpty(record: object): boolean {
  return Object.keys(record).length === 0;
}
