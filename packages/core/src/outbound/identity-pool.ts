import { isObject, isText, type JsonObject } from "../lib/json.ts";
import { checkInsecureHttp } from "../lib/urls.ts";
import { checkFunction, checkOptions, checkSeconds, must } from "../lib/options.ts";
import type { MaybePromise } from "../types.ts";
import { type AwsCredentials, headerDefect, isEmpty, isSame } from "./header-source.ts";
import { askProvider, ProviderError, providerUrl, type Perishable, Remembered } from "./provider.ts";

/** The logins of a user: the id token of each provider, by the provider's name. A guest has none. */
export type Logins = Readonly<Record<string, string>>;

/** Options of `identityPoolCredentials`. */
export interface IdentityPoolCredentialsOptions {
  /** `us-east-1:4f8a…`. */
  readonly identityPoolId: string;
  /** Default: Amazon's for the region before the colon of the pool's id. */
  readonly endpoint?: string;
  /**
   * The host of `endpoint` if it is asked over plain http, such as `["emulator:9229"]`: with the port, unless that is
   * 80. Others on the network can read tokens and credentials. Default: none; this machine needs no entry.
   */
  readonly allowInsecureHttp?: readonly string[];
  /**
   * Called before every use. Returns `{ "cognito-idp.us-east-1.amazonaws.com/us-east-1_…": idToken }`, or undefined for
   * a guest. The pool accepts id tokens only. Default: always a guest.
   */
  readonly logins?: () => MaybePromise<Logins | undefined>;
  /** Sends the requests to the pool, for proxies and tests. Default: the global `fetch`. */
  readonly fetch?: typeof fetch;
  /** How long the pool may take for each of its two answers, in seconds. Default 10. */
  readonly timeoutSeconds?: number;
}

/** Temporary AWS credentials, with the identity that they belong to. */
export interface IdentityPoolCredentials extends AwsCredentials {
  readonly identityId: string;
}

/** Calls one of the pool's operations. */
type Operation = (name: string, input: object, logins: Logins) => Promise<JsonObject>;

/** What one guest or login holds. */
interface Session {
  readonly logins: Logins;
  identityId: string | undefined;
  readonly credentials: Remembered<IdentityPoolCredentials>;
}

const where = "identityPoolCredentials()";

/**
 * Returns a credential provider for `outbound.iam`, which gets temporary credentials from an Amazon Cognito identity pool:
 * those of a guest until there is a login, then those of the user (the enhanced flow: GetId, GetCredentialsForIdentity).
 * They are cached until shortly before they expire, until the logins change, or until a call with `forceRefresh`, which
 * has an effect once a minute. One provider serves one guest or user.
 * @throws TypeError if an option is missing or wrong
 * @example
 * import { identityPoolCredentials, outbound } from "@authmodes/core/outbound";
 *
 * const credentials = identityPoolCredentials({
 *   identityPoolId: "us-east-1:01234567-89ab-cdef-0123-456789abcdef",
 * });
 * export const source = outbound.iam({ region: "us-east-1", service: "appsync", credentials });
 */
export function identityPoolCredentials(
  options: IdentityPoolCredentialsOptions,
): (options?: { readonly forceRefresh?: boolean }) => Promise<IdentityPoolCredentials> {
  const ask = poolOperations(options);
  const { identityPoolId, logins: findLogins } = options;
  let session: Session | undefined;
  return async ({ forceRefresh = false } = {}) => {
    const logins = await readLogins(findLogins);
    if (session === undefined || !isSame(session.logins, logins)) {
      // A guest who signs in keeps the identity. Another user's would be joined to the new login.
      const guest = session !== undefined && isEmpty(session.logins) ? session.identityId : undefined;
      session = openSession(ask, identityPoolId, logins, guest);
    }
    if (forceRefresh) session.credentials.refused();
    return session.credentials.get();
  };
}

function openSession(
  ask: Operation,
  identityPoolId: string,
  logins: Logins,
  identityId: string | undefined,
): Session {
  const credentials = new Remembered(async () => {
    session.identityId ??= text(await ask("GetId", { IdentityPoolId: identityPoolId }, logins), "IdentityId");
    try {
      const asked = { IdentityId: session.identityId };
      const read = readCredentials(await ask("GetCredentialsForIdentity", asked, logins));
      session.identityId = read.value.identityId; // differs if a sign-in joined two identities
      return read;
    } catch (error) {
      // GetId gives a user the same identity again, and a guest another one.
      if (!isEmpty(logins) || isGone(error)) session.identityId = undefined;
      throw error;
    }
  });
  const session: Session = { logins, identityId, credentials };
  return session;
}

function isGone(error: unknown): boolean {
  return error instanceof ProviderError && /(?:^|#)ResourceNotFoundException$/.test(String(error.type));
}

function poolOperations(options: IdentityPoolCredentialsOptions): Operation {
  checkPoolOptions(options);
  const { identityPoolId, endpoint, allowInsecureHttp, fetch, timeoutSeconds } = options;
  const url =
    endpoint === undefined ? amazonsEndpoint(identityPoolId) : providerUrl(`${where}: endpoint`, endpoint);
  checkInsecureHttp(where, allowInsecureHttp, { endpoint: [url.href] });
  return (name, input, logins) =>
    askProvider({ what: `${where}: ${name}`, fetch, timeoutSeconds, secrets: Object.values(logins) }, url, {
      method: "POST",
      headers: {
        "content-type": "application/x-amz-json-1.1",
        "x-amz-target": `AWSCognitoIdentityService.${name}`,
        "cache-control": "no-store",
      },
      body: JSON.stringify(isEmpty(logins) ? input : { ...input, Logins: logins }),
    });
}

function checkPoolOptions(options: IdentityPoolCredentialsOptions): void {
  checkOptions(where, options, {
    identityPoolId: ["poolId"],
    endpoint: ["identityPoolEndpoint"],
    allowInsecureHttp: [],
    logins: [],
    fetch: [],
    timeoutSeconds: ["timeout"],
  });
  const { identityPoolId, logins, timeoutSeconds } = options;
  must(
    typeof identityPoolId === "string" && /^[\w-]+:[\w-]+$/.test(identityPoolId),
    `${where}: identityPoolId has the form us-east-1:01234567-89ab-cdef-0123-456789abcdef`,
  );
  checkFunction(`${where}: logins`, logins, "which returns id tokens by provider, since tokens expire");
  checkSeconds(where, "timeoutSeconds", timeoutSeconds, 0.001, 600);
}

function amazonsEndpoint(identityPoolId: string): URL {
  const region = identityPoolId.slice(0, identityPoolId.indexOf(":"));
  must(/^[a-z]{2}(?:-[a-z]+)+-\d+$/.test(region), `${where}: '${region}' is not a region; give endpoint`);
  return new URL(`https://cognito-identity.${region}.amazonaws.com${region.startsWith("cn-") ? ".cn" : ""}/`);
}

/** A value that is no token is an error and not a guest: a user whose sign-in failed must not continue as a guest. */
async function readLogins(find: IdentityPoolCredentialsOptions["logins"]): Promise<Logins> {
  const logins = (await find?.()) ?? {};
  for (const [provider, token] of Object.entries(logins)) {
    const defect = headerDefect(token);
    if (defect !== undefined) throw new Error(`${where}: logins returned ${defect} for ${provider}`);
  }
  return { ...logins };
}

/** In the pool's answer, `Expiration` is in seconds since 1970. */
function readCredentials(answer: JsonObject): Perishable<IdentityPoolCredentials> {
  const { Credentials } = answer;
  const part = isObject(Credentials) ? Credentials : {};
  const expiresAt = Number(part.Expiration) * 1000;
  if (!(expiresAt > 0)) throw new Error(`${where}: the pool answered without Expiration`);
  const value = Object.freeze({
    accessKeyId: text(part, "AccessKeyId"),
    secretAccessKey: text(part, "SecretKey"),
    sessionToken: text(part, "SessionToken"),
    expiration: new Date(expiresAt),
    identityId: text(answer, "IdentityId"),
  });
  return { value, expiresAt };
}

function text(answer: JsonObject, name: string): string {
  const value = answer[name];
  if (isText(value)) return value;
  throw new Error(`${where}: the pool answered without ${name}`);
}
