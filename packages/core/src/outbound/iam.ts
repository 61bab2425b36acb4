import { isText } from "../lib/json.ts";
import { crypto } from "#crypto";
import { Budget } from "../lib/bounds.ts";
import { hex } from "../crypto/primitives.ts";
import { checkFlag, checkOptions, must, type OptionNames } from "../lib/options.ts";
import {
  canonicalPath,
  canonicalQuery,
  type CanonicalRequest,
  canonicalText,
  canonicalValue,
  parseQuery,
} from "../sigv4/canonical.ts";
import {
  algorithm,
  bodyHash,
  formatAmzDate,
  scopeText,
  SigningKeys,
  stringToSign,
  terminator,
} from "../sigv4/signing.ts";
import type { Clock, MaybePromise } from "../types.ts";
import type { AwsCredentials, HeaderSource, OutboundRequest } from "./header-source.ts";
import { callsExpired, Clocks, rejectedBy } from "./rejected-signature.ts";

/** Options of `outbound.iam`. */
export interface IamSourceOptions extends SignerOptions {
  /** Whether to send `x-amz-content-sha256`, by which a server checks a signature before it reads the body. Default true. */
  readonly contentSha256?: boolean;
}

/** Headers that servers and proxies add, drop or change, and the one that holds the signature. */
const neverSigned: ReadonlySet<string> = new Set([
  "authorization",
  "cache-control",
  "connection",
  "expect",
  "from",
  "keep-alive",
  "max-forwards",
  "pragma",
  "referer",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "user-agent",
  "x-amzn-trace-id",
]);

/**
 * Signs requests with AWS Signature Version 4: method, path, query, headers and body. If the request has
 * `x-amz-content-sha256`, that value is signed as it is.
 *
 * A rejected request is signed once more if that can change the answer: by the clock of the server, which is remembered
 * for its origin, if this machine's differs by over four minutes; with other credentials, if the session has expired.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 * @throws TypeError if an option is missing or wrong
 * @example
 * import { createAuthFetch, outbound } from "@authmodes/core/outbound";
 *
 * const { ACCESS_KEY_ID = "", SECRET_ACCESS_KEY = "" } = process.env;
 * const source = outbound.iam({
 *   region: "eu-west-1",
 *   credentials: { accessKeyId: ACCESS_KEY_ID, secretAccessKey: SECRET_ACCESS_KEY },
 * });
 * export const authFetch = createAuthFetch(source, { origins: ["https://orders.example.com"] });
 */
export function iam(options: IamSourceOptions): HeaderSource {
  const where = "outbound.iam()";
  checkOptions(where, options, { ...signerNames, contentSha256: [] });
  const { contentSha256 = true, clock = Date.now } = options;
  checkFlag(`${where}: contentSha256`, contentSha256);
  const signer = new Signer(where, options);
  const clocks = new Clocks();

  const source = async (request: OutboundRequest): Promise<Readonly<Record<string, string>>> => {
    const { refused, tried } = request;
    const { time, isOther } = clocks.timeFor(request, clock());
    const isTried = ({ accessKeyId, sessionToken }: AwsCredentials) => {
      const isKey = tried?.authorization?.startsWith(`${algorithm} Credential=${accessKeyId}/`) ?? false;
      return isKey && tried?.["x-amz-security-token"] === sessionToken;
    };
    const isExpired = refused !== undefined && callsExpired(refused);
    const credentials = await signer.credentials(isExpired ? isTried : undefined);
    if (isTried(credentials) && !isOther) return {}; // would be the same request again
    const { date, credential, sign } = signer.begin(credentials, time);
    const { sessionToken } = credentials;
    const given = request.headers.get("x-amz-content-sha256");
    const payload = given ?? (await bodyHash(request.body));
    const added: Record<string, string> = {
      "x-amz-date": date,
      ...(sessionToken !== undefined && { "x-amz-security-token": sessionToken }),
      ...(contentSha256 && given === null && { "x-amz-content-sha256": payload }),
    };
    const { method, url } = request;
    const headers = headersToSign(request, added);
    const query = canonicalQuery(signer.parameters(url));
    const names = [...headers.keys()];
    const signed = { names, text: names.join(";") };
    const signature = await sign({ method, url, query, signed, values: [...headers.values()], payload });
    const authorization = `${algorithm} Credential=${credential}, SignedHeaders=${signed.text}, Signature=${signature}`;
    return { ...added, authorization };
  };
  return Object.assign(source, { needsBody: true, headerNames: ["x-amz-security-token"], rejectedBy });
}

/** Returns canonical values by lower-case name, sorted by it. */
function headersToSign(
  { url, headers }: OutboundRequest,
  added: Readonly<Record<string, string>>,
): ReadonlyMap<string, string> {
  const signed = new Map([["host", url.host]]);
  for (const [name, value] of headers) {
    if (!neverSigned.has(name) && !name.startsWith("proxy-") && !name.startsWith("sec-"))
      signed.set(name, canonicalValue(value));
  }
  for (const [name, value] of Object.entries(added)) signed.set(name, value);
  return new Map([...signed].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/**
 * Fixed credentials, or any credential provider of an AWS SDK, which is called before every request. If a service calls
 * its session expired, it is called with `forceRefresh`, at most once a minute.
 */
export type AwsCredentialsSource =
  | AwsCredentials
  | ((options?: { readonly forceRefresh?: boolean }) => Promise<AwsCredentials>);

/** What every signature needs. */
export interface SignerOptions {
  readonly region: string;
  /** Default `execute-api`. AppSync's is `appsync`. */
  readonly service?: string;
  readonly credentials: AwsCredentialsSource;
  /** Default `Date.now`. */
  readonly clock?: Clock;
}

/** The names of `SignerOptions`. */
export const signerNames: OptionNames = {
  region: [],
  service: [],
  credentials: ["credentialProvider"],
  clock: ["now"],
};

/** What is signed of a request. */
interface SignableParts extends Omit<CanonicalRequest, "path"> {
  readonly url: URL;
}

/** What a signature adds to a request. */
interface Signature {
  /** `YYYYMMDDTHHMMSSZ` */
  readonly date: string;
  /** Access key id and scope. */
  readonly credential: string;
  readonly sign: (parts: SignableParts) => Promise<string>;
}

/** Enough for the keys of the last days and of the credentials before. */
const rememberedKeys = 8;

/** Signs for one region and service. */
export class Signer {
  readonly #where: string;
  readonly #region: string;
  readonly #service: string;
  readonly #credentials: AwsCredentialsSource;
  readonly #signingKeys = new SigningKeys(rememberedKeys);
  #renewed: Promise<AwsCredentials> | undefined;
  readonly #renewals = new Budget(1);

  /** @throws TypeError */
  constructor(where: string, options: SignerOptions) {
    const { region, service = "execute-api", credentials } = options;
    for (const [name, word] of Object.entries({ region, service })) {
      must(
        typeof word === "string" && /^[\w.-]+$/.test(word),
        `${where}: ${name} is the word to sign for, such as ${name === "region" ? "'eu-west-1'" : "'appsync'"}`,
      );
    }
    must(!service.startsWith("s3"), `${where}: S3 signs in another way; use the AWS SDK for it`);
    this.#where = where;
    this.#region = region;
    this.#service = service;
    this.#credentials = credentials;
    if (typeof credentials !== "function") checkCredentials(`${where}: credentials`, credentials);
  }

  /** @param time milliseconds since 1970 */
  begin({ accessKeyId, secretAccessKey }: AwsCredentials, time: number): Signature {
    const date = formatAmzDate(time);
    const scope = { date: date.slice(0, 8), region: this.#region, service: this.#service, term: terminator };
    const credential = `${accessKeyId}/${scopeText(scope)}`;
    const sign = async ({ url, ...parts }: SignableParts) => {
      const canonical = canonicalText({ ...parts, path: canonicalPath(url.pathname, "normalise") });
      const signingKey = await this.#signingKeys.get(credential, secretAccessKey, scope);
      return hex(await crypto.hmacSha256(signingKey, await stringToSign(date, scope, canonical)));
    };
    return { date, credential, sign };
  }

  /**
   * Returns the current credentials.
   * @param isExpired for credentials that a service rejected: others are asked for, once for all requests that wait
   */
  async credentials(isExpired?: (credentials: AwsCredentials) => boolean): Promise<AwsCredentials> {
    if (typeof this.#credentials !== "function") return this.#credentials;
    const credentials = await this.#checked(this.#credentials());
    if (isExpired?.(credentials) !== true) return credentials;
    // A service that rejects everything must not become load for the provider.
    if (this.#renewals.take(Date.now())) this.#renewed = this.#credentials({ forceRefresh: true });
    return this.#checked(this.#renewed ?? credentials);
  }

  async #checked(asked: MaybePromise<AwsCredentials>): Promise<AwsCredentials> {
    const credentials = await asked;
    checkCredentials(`${this.#where}: what credentials() returned`, credentials);
    return credentials;
  }

  /** Returns the canonical parameters of a URL's query, read as servers do: `+` is a space. */
  parameters(url: URL): readonly string[] {
    const parameters = parseQuery(url.search.slice(1));
    must(
      parameters !== undefined,
      `${this.#where}: the URL's query has a '%' that begins no escape; write '%25'`,
    );
    return parameters;
  }
}

function checkCredentials(what: string, credentials: AwsCredentials): void {
  must(typeof credentials === "object" && credentials !== null, `${what} are an object with an access key`);
  const { accessKeyId, secretAccessKey, sessionToken } = credentials;
  must(typeof accessKeyId === "string" && /^[\w.-]+$/.test(accessKeyId), `${what} have no accessKeyId`);
  must(isText(secretAccessKey), `${what} have no secretAccessKey`);
  must(sessionToken === undefined || isText(sessionToken), `${what} have a sessionToken that is none`);
}
