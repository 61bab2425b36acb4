import {
  checkHeaders,
  type HeaderSource,
  type OutboundRequest,
  type Secret,
  secretReader,
  tokenHeader,
} from "./header-source.ts";
import { checkOptions, isToken, must } from "../lib/options.ts";
import type { MaybePromise } from "../types.ts";
import { clientCredentials, type ClientCredentialsOptions } from "./client-credentials.ts";

// As a namespace, so that bundlers drop what nobody uses.
export { forward } from "./forward.ts";
export { iam } from "./iam.ts";

const nothing = Object.freeze({});

/** Sends no credentials: for services where anybody may call. */
export function none(): HeaderSource {
  return () => Promise.resolve(nothing);
}

/** A header source of your own; it may answer at once. */
export interface CustomSource {
  (request: OutboundRequest): MaybePromise<Readonly<Record<string, string>>>;
  readonly needsBody?: boolean;
  readonly headerNames?: readonly string[];
}

/**
 * Sends the headers that a function returns. One that signs bodies, or uses headers of its own names, says so:
 * `Object.assign(sign, { needsBody: true, headerNames: ["x-signature"] })`.
 */
export function custom(source: CustomSource): HeaderSource {
  must(
    typeof source === "function",
    "outbound.custom() takes a function that returns the headers to add to a request",
  );
  const headers = async (request: OutboundRequest) =>
    checkHeaders("outbound.custom()", await source(request));
  return Object.assign(headers, {
    needsBody: source.needsBody ?? false,
    headerNames: (source.headerNames ?? []).map((name) => name.toLowerCase()),
  });
}

export interface ApiKeySourceOptions {
  /** The key, or a function that is asked for it before every request. */
  readonly key: Secret;
  /** Default `x-api-key`, which AppSync and API Gateway read. */
  readonly header?: string;
}

/** Sends a key in a header. */
export function apiKey(options: ApiKeySourceOptions): HeaderSource {
  checkOptions("outbound.apiKey()", options, { key: ["keys", "value"], header: ["headerName"] });
  const header = options.header ?? "x-api-key";
  must(isToken(header), `outbound.apiKey(): '${header}' is not a header name`);
  const name = header.toLowerCase();
  const key = secretReader("outbound.apiKey(): key", options.key);
  const source = async () => ({ [name]: await key() });
  return Object.assign(source, { headerNames: [name] });
}

export interface TokenSourceOptions {
  /** Asked for the current token before every request: the place to refresh one. */
  readonly token: () => MaybePromise<string>;
  /** The word before the token; null for none. */
  readonly scheme?: string | null;
}

export interface LambdaSourceOptions {
  /** What the authorizer decides by, or a function that is asked for it before every request. */
  readonly token: Secret;
  /** The word before it; default null, none. */
  readonly scheme?: string | null;
}

const tokenNames = {
  token: ["accessToken", "authToken", "authorizationToken", "getToken"],
  scheme: ["prefix"],
};

/** Sends a user pool's token as it is, as Amplify's clients do, unless `scheme` names a word to put before it. */
export function userPool(options: TokenSourceOptions): HeaderSource {
  return tokenSource("outbound.userPool()", options, null);
}

/**
 * Sends an access token of an OpenID provider after `Bearer`: what a function returns, or a token that this service
 * gets for itself with its client id and secret.
 */
export function oidc(options: TokenSourceOptions | ClientCredentialsOptions): HeaderSource {
  const ownToken = typeof options === "object" && options !== null && "token" in options;
  return ownToken ? tokenSource("outbound.oidc()", options, "Bearer") : clientCredentials(options);
}

/** Sends what a Lambda authorizer decides by, as it is unless `scheme` names a word to put before it. */
export function lambda(options: LambdaSourceOptions): HeaderSource {
  const where = "outbound.lambda()";
  checkOptions(where, options, tokenNames);
  return sourceOf(where, options.token, options.scheme ?? null);
}

function tokenSource(where: string, options: TokenSourceOptions, usual: string | null): HeaderSource {
  checkOptions(where, options, tokenNames);
  must(
    typeof options.token === "function",
    `${where}: token is a function that returns the current token, since tokens end`,
  );
  return sourceOf(where, options.token, options.scheme === undefined ? usual : options.scheme);
}

function sourceOf(where: string, token: Secret, scheme: string | null): HeaderSource {
  const read = secretReader(`${where}: token`, token);
  const header = tokenHeader(where, scheme);
  return async () => header(await read());
}
