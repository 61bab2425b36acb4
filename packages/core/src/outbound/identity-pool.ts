import { checkInsecureHttp, httpUrl } from "../lib/insecure-http.ts";
import { checkOptions, checkSeconds, must } from "../lib/options.ts";
import type { MaybePromise } from "../types.ts";
import { type AwsCredentials, headerDefect, isSame } from "./header-source.ts";
import { type Answer, askProvider, providerTimeout } from "./provider.ts";
import { type Perishable, Remembered } from "./remembered.ts";

/** Who is signed in: the id token of each provider, by the provider's name. */
export type Logins = Readonly<Record<string, string>>;

export interface IdentityPoolCredentialsOptions {
  /** `us-east-1:4f8a…`. */
  readonly identityPoolId: string;
  /** Default: the part of the pool's id before the colon. */
  readonly region?: string;
  /** Default: Amazon's for the region. */
  readonly endpoint?: string;
  /**
   * The host of `endpoint` if it is asked over plain http, such as `["emulator:9229"]`: with the port, unless that is
   * 80. Others on the network can read tokens and credentials. Default: none; this machine needs no entry.
   */
  readonly allowInsecureHttp?: readonly string[];
  /**
   * Asked before every use: `{ "cognito-idp.us-east-1.amazonaws.com/us-east-1_…": idToken }`, or undefined for a
   * guest. Id tokens only: access tokens are refused.
   */
  readonly logins?: () => MaybePromise<Logins | undefined>;
  /** How the pool is asked, for proxies and tests. */
  readonly fetch?: typeof fetch;
  /** How long the pool may take for each of its two answers; default 10. */
  readonly timeoutSeconds?: number;
}

export interface IdentityPoolCredentials extends AwsCredentials {
  readonly identityId: string;
}

/** Asks the pool one of its operations. */
type Operation = (name: string, input: object, logins: Logins) => Promise<Answer>;

/** What one guest or login holds. */
interface Session {
  readonly logins: Logins;
  identityId: string | undefined;
  readonly credentials: Remembered<IdentityPoolCredentials>;
}

const where = "identityPoolCredentials()";

/**
 * Temporary credentials of an Amazon identity pool, for `outbound.iam`: those of a guest until there is a login, then
 * of who is signed in (the enhanced flow: GetId, GetCredentialsForIdentity). Remembered until shortly before they
 * end, and discarded when the logins change. One provider serves one guest or user at a time.
 */
export function identityPoolCredentials(
  options: IdentityPoolCredentialsOptions,
): () => Promise<IdentityPoolCredentials> {
  const ask = poolOperations(options);
  const { identityPoolId, logins: findLogins } = options;
  let session: Session | undefined;
  return async () => {
    const logins = await readLogins(findLogins);
    if (session === undefined || !isSame(session.logins, logins)) {
      // A guest who signs in keeps the identity. Nobody else's is offered: it would be joined to the new login.
      const guest = session !== undefined && isGuest(session.logins) ? session.identityId : undefined;
      session = openSession(ask, identityPoolId, logins, guest);
    }
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
    const known =
      session.identityId ??
      text(await ask("GetId", { IdentityPoolId: identityPoolId }, logins), "IdentityId");
    session.identityId = undefined; // a failure below may mean that it is gone: then it is asked for anew
    const answer = await ask("GetCredentialsForIdentity", { IdentityId: known }, logins);
    const read = readCredentials(answer);
    session.identityId = read.value.identityId; // may be another than was asked for, after a sign-in joined two
    return read;
  });
  const session: Session = { logins, identityId, credentials };
  return session;
}

function poolOperations(options: IdentityPoolCredentialsOptions): Operation {
  checkPoolOptions(options);
  const { fetch, timeoutSeconds = providerTimeout } = options;
  const url = endpointUrl(options);
  return (name, input, logins) =>
    askProvider({ what: `${where}: ${name}`, fetch, timeoutSeconds, secrets: Object.values(logins) }, url, {
      method: "POST",
      headers: {
        "content-type": "application/x-amz-json-1.1",
        "x-amz-target": `AWSCognitoIdentityService.${name}`,
        "cache-control": "no-store",
      },
      body: JSON.stringify(isGuest(logins) ? input : { ...input, Logins: logins }),
    });
}

function checkPoolOptions(options: IdentityPoolCredentialsOptions): void {
  checkOptions(where, options, {
    identityPoolId: ["poolId"],
    region: [],
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
  must(
    logins === undefined || typeof logins === "function",
    `${where}: logins is a function that returns id tokens by provider, since tokens end`,
  );
  checkSeconds(where, "timeoutSeconds", timeoutSeconds, 0.001, 600);
}

function endpointUrl(options: IdentityPoolCredentialsOptions): URL {
  const url = endpointOf(options);
  checkInsecureHttp(where, options.allowInsecureHttp, { endpoint: [url.href] });
  return url;
}

function endpointOf({ identityPoolId, region, endpoint }: IdentityPoolCredentialsOptions): URL {
  if (endpoint !== undefined) {
    const url = httpUrl(endpoint);
    must(
      url !== undefined,
      `${where}: endpoint is a URL such as https://cognito-identity.us-east-1.amazonaws.com/`,
    );
    return url;
  }
  const name = region ?? identityPoolId.slice(0, identityPoolId.indexOf(":"));
  must(
    /^[a-z]{2}(?:-[a-z]+)+-\d+$/.test(name),
    `${where}: '${name}' is not a region; give region or endpoint`,
  );
  return new URL(`https://cognito-identity.${name}.amazonaws.com/`);
}

/** What is not a token is an error and not a guest: a user whose sign-in broke must not go on as another caller. */
async function readLogins(find: IdentityPoolCredentialsOptions["logins"]): Promise<Logins> {
  const logins = (await find?.()) ?? {};
  for (const [provider, token] of Object.entries(logins)) {
    const defect = headerDefect(token);
    if (defect !== undefined) throw new Error(`${where}: logins returned ${defect} for ${provider}`);
  }
  return { ...logins };
}

function isGuest(logins: Logins): boolean {
  return Object.keys(logins).length === 0;
}

/** `Expiration` is in seconds since 1970, and the secret key is called `SecretKey` here. */
function readCredentials(answer: Answer): Perishable<IdentityPoolCredentials> {
  const { Credentials } = answer;
  const part: Answer = typeof Credentials === "object" && Credentials !== null ? { ...Credentials } : {};
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

function text(answer: Answer, name: string): string {
  const value = answer[name];
  if (typeof value === "string" && value !== "") return value;
  throw new Error(`${where}: the pool answered without ${name}`);
}
