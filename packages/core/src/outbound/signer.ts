import { crypto } from "#crypto";
import { must } from "../lib/options.ts";
import { canonicalText, type Scope, scopeText, stringToSign, terminator } from "../sigv4/canonical.ts";
import { canonicalPath } from "../sigv4/path.ts";
import { canonicalQuery, parseQuery } from "../sigv4/query.ts";
import { SigningKeys } from "../sigv4/signing-keys.ts";
import type { AwsCredentials } from "./types.ts";

/** Fixed credentials, or any credential provider of an AWS SDK: asked before every request, it remembers by itself. */
export type AwsCredentialsSource = AwsCredentials | (() => Promise<AwsCredentials>);

export interface SignerOptions {
  readonly region: string;
  /** Default `execute-api`. */
  readonly service?: string;
  readonly credentials: AwsCredentialsSource;
}

/** What is signed of a request. */
export interface SignableParts {
  readonly method: string;
  readonly url: URL;
  /** Of the query, canonical. */
  readonly parameters: readonly string[];
  /** Canonical values by lower-case name, sorted by it. */
  readonly headers: ReadonlyMap<string, string>;
  readonly payload: string;
}

/** Keys of the last days and of the credentials before these. */
const rememberedKeys = 8;

/** Signs for one region and service. */
export class Signer {
  readonly #where: string;
  readonly #region: string;
  readonly #service: string;
  readonly #credentials: AwsCredentialsSource;
  readonly #signingKeys = new SigningKeys(rememberedKeys);

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

  async credentials(): Promise<AwsCredentials> {
    if (typeof this.#credentials !== "function") return this.#credentials;
    const credentials = await this.#credentials();
    checkCredentials(`${this.#where}: what credentials() returned`, credentials);
    return credentials;
  }

  /** @param date `YYYYMMDDTHHMMSSZ` */
  scope(date: string): Scope {
    return { date: date.slice(0, 8), region: this.#region, service: this.#service, term: terminator };
  }

  /** The canonical parameters of a URL's query, read as servers read it: `+` is a space. */
  parameters(url: URL): readonly string[] {
    const parameters = parseQuery(url.search.slice(1));
    must(
      parameters !== undefined,
      `${this.#where}: the URL's query has a '%' that begins no escape; write '%25'`,
    );
    return parameters;
  }

  async sign(parts: SignableParts, date: string, credentials: AwsCredentials): Promise<string> {
    const { method, url, parameters, headers, payload } = parts;
    const scope = this.scope(date);
    const names = [...headers.keys()];
    const canonical = canonicalText({
      method,
      path: canonicalPath(url.pathname, "normalise"),
      query: canonicalQuery(parameters),
      signed: { names, text: names.join(";") },
      values: [...headers.values()],
      payload,
    });
    const { accessKeyId, secretAccessKey } = credentials;
    const credential = `${accessKeyId}/${scopeText(scope)}`;
    const signingKey = await this.#signingKeys.get(credential, { secretAccessKey }, scope);
    return toHex(await crypto.hmacSha256(signingKey, await stringToSign(date, scope, canonical)));
  }
}

function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function checkCredentials(what: string, credentials: AwsCredentials): void {
  must(typeof credentials === "object" && credentials !== null, `${what} are an object with an access key`);
  const { accessKeyId, secretAccessKey, sessionToken } = credentials;
  must(typeof accessKeyId === "string" && /^[\w.-]+$/.test(accessKeyId), `${what} have no accessKeyId`);
  must(typeof secretAccessKey === "string" && secretAccessKey !== "", `${what} have no secretAccessKey`);
  must(
    sessionToken === undefined || (typeof sessionToken === "string" && sessionToken !== ""),
    `${what} have a sessionToken that is none`,
  );
}
