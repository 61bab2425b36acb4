import {
  checkHeaders,
  type HeaderSource,
  type OutboundRequest,
  type Secret,
  secretReader,
  tokenHeader,
} from "./header-source.ts";
import { checkFunction, checkOptions, isToken, must } from "../lib/options.ts";
import type { MaybePromise, RequestView } from "../types.ts";
import { clientCredentials, type ClientCredentialsOptions } from "./client-credentials.ts";
import { type ForwardableCredential, viewState } from "../request/state.ts";
export { iam } from "./iam.ts";

// `outbound` is a namespace, so that bundlers drop unused sources.

const nothing = Object.freeze({});

/**
 * Sends no credentials, for public services.
 * @example
 * import { createAuthFetch, outbound } from "@authmodes/core/outbound";
 *
 * const authFetch = createAuthFetch(outbound.none(), { origins: ["https://public.example.com"] });
 */
export function none(): HeaderSource {
  return () => Promise.resolve(nothing);
}

/** A header source of your own, synchronous or async. */
export interface CustomSource extends Pick<HeaderSource, "needsBody" | "headerNames" | "rejectedBy"> {
  (request: OutboundRequest): MaybePromise<Readonly<Record<string, string>>>;
}

/**
 * Sends the headers that a function returns. If it signs bodies or sets other headers than `authorization` and
 * `x-api-key`, add `needsBody` and `headerNames` to it, and `rejectedBy` if the service rejects credentials by another
 * status than 401 (see `HeaderSource`).
 * @throws TypeError if `source` or its `rejectedBy` is not a function
 * @example
 * import { createHmac } from "node:crypto";
 * import { outbound, type OutboundRequest } from "@authmodes/core/outbound";
 *
 * const sign = ({ body = new Uint8Array() }: OutboundRequest) => {
 *   const hmac = createHmac("sha256", process.env["PARTNER_SECRET"] ?? "").update(body);
 *   return { "x-signature": hmac.digest("hex") };
 * };
 * const settings = { needsBody: true, headerNames: ["x-signature"] };
 * export const source = outbound.custom(Object.assign(sign, settings));
 */
export function custom(source: CustomSource): HeaderSource {
  const where = "outbound.custom()";
  must(
    typeof source === "function",
    `${where} takes a function that returns the headers to add to a request`,
  );
  const { needsBody = false, headerNames = [], rejectedBy } = source;
  checkFunction(`${where}: rejectedBy`, rejectedBy, "which tells whether an answer rejects the credentials");
  const headers = async (request: OutboundRequest) => checkHeaders(where, await source(request));
  return Object.assign(headers, {
    needsBody,
    headerNames: headerNames.map((name) => name.toLowerCase()),
    ...(rejectedBy !== undefined && { rejectedBy }),
  });
}

/** Options of `outbound.apiKey`. */
export interface ApiKeySourceOptions {
  /** The key, or a function that returns it, called before every request. */
  readonly key: Secret;
  /** Default `x-api-key`, which AppSync and API Gateway read. */
  readonly header?: string;
}

/**
 * Sends an API key in a header.
 * @throws TypeError if an option is missing or wrong
 * @example
 * import { outbound } from "@authmodes/core/outbound";
 *
 * export const source = outbound.apiKey({ key: () => process.env["ORDERS_KEY"] ?? "" });
 */
export function apiKey(options: ApiKeySourceOptions): HeaderSource {
  checkOptions("outbound.apiKey()", options, { key: ["keys", "value"], header: ["headerName"] });
  const header = options.header ?? "x-api-key";
  must(isToken(header), `outbound.apiKey(): '${header}' is not a header name`);
  const name = header.toLowerCase();
  const key = secretReader("outbound.apiKey(): key", options.key);
  const source = async () => ({ [name]: await key() });
  return Object.assign(source, { headerNames: [name] });
}

/** Options of `outbound.userPool` and `outbound.oidc`. */
export interface TokenSourceOptions {
  /** Returns the current token, and refreshes it if needed. Called before every request. */
  readonly token: () => MaybePromise<string>;
  /** The word before the token; null for none. Default: none for `userPool`, `Bearer` for `oidc`. */
  readonly scheme?: string | null;
}

/** Options of `outbound.lambda`. */
export interface LambdaSourceOptions {
  /** The token that the authorizer decides by, or a function that returns it, called before every request. */
  readonly token: Secret;
  /** The word before the token. Default null: none. */
  readonly scheme?: string | null;
}

const tokenNames = {
  token: ["accessToken", "authToken", "authorizationToken", "getToken"],
  scheme: ["prefix"],
};

/**
 * Sends a token of a user pool (Amazon Cognito's user directory), without a scheme, as Amplify's clients do.
 * @throws TypeError if an option is missing or wrong
 * @example
 * import { outbound } from "@authmodes/core/outbound";
 *
 * export function sourceOf(session: { readonly accessToken: string }) {
 *   return outbound.userPool({ token: () => session.accessToken });
 * }
 */
export function userPool(options: TokenSourceOptions): HeaderSource {
  return tokenSource("outbound.userPool()", options, null);
}

/**
 * Sends an access token of an OpenID provider after `Bearer`: one that a function returns, or one that this service gets
 * for itself with its client id and secret (RFC 6749 §4.4), caches, and renews before it expires.
 * @throws TypeError if an option is missing or wrong
 * @example
 * import { outbound } from "@authmodes/core/outbound";
 *
 * export const source = outbound.oidc({
 *   issuer: "https://id.example.com",
 *   clientId: "orders",
 *   clientSecret: process.env["CLIENT_SECRET"] ?? "",
 *   scope: "invoices/read",
 * });
 */
export function oidc(options: TokenSourceOptions | ClientCredentialsOptions): HeaderSource {
  const ownToken = typeof options === "object" && options !== null && "token" in options;
  return ownToken ? tokenSource("outbound.oidc()", options, "Bearer") : clientCredentials(options);
}

/**
 * Sends the token of a custom authorizer in `Authorization`.
 * @throws TypeError if an option is missing or wrong
 * @example
 * import { outbound } from "@authmodes/core/outbound";
 *
 * export const source = outbound.lambda({ token: () => process.env["PARTNER_TOKEN"] ?? "" });
 */
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

/**
 * Calls another service as the caller: forwards the one credential that was verified for this request, and no other that
 * it carried. Nothing is sent after a rejection, also if that comes between this call and the outgoing request.
 * @param view the request, after `authenticate` accepted it
 * @throws AuthError the rejection, if any auth rejected the request
 * @throws Error if the request was not verified, or only report-only let it pass, and for modes whose credentials cannot
 *   be forwarded: a signature is valid for one request only, and `none` has nothing to send
 * @example
 * import { nodeView, type NodeRequest } from "@authmodes/core";
 * import { createAuthFetch, outbound } from "@authmodes/core/outbound";
 *
 * export async function ordersOf(request: NodeRequest): Promise<Response> {
 *   const source = outbound.forward(nodeView(request)); // after auth.authenticate(nodeView(request))
 *   const authFetch = createAuthFetch(source, { origins: ["https://orders.example.com"] });
 *   return authFetch("https://orders.example.com/orders");
 * }
 */
export function forward(view: RequestView): HeaderSource {
  const { name, value } = credentialOf(view);
  const headers = Object.freeze({ [name]: value });
  const source = async (): Promise<typeof headers> => {
    credentialOf(view); // throws if a guard rejected the request since
    return headers;
  };
  return Object.assign(source, { headerNames: [name.toLowerCase()] });
}

function credentialOf(view: RequestView): ForwardableCredential {
  const verified = viewState(view).decisions.forwardable(view);
  if (verified === undefined) {
    throw new Error(
      "outbound.forward(): the request has not been verified; authenticate it first. " +
        "A caller that only report-only let pass cannot be forwarded",
    );
  }
  const { mode, credential } = verified;
  if (credential !== undefined) return credential;
  throw new Error(
    `outbound.forward(): callers of the mode ${mode} cannot be forwarded; let the route accept other modes only, ` +
      "or call the service with credentials of your own",
  );
}
