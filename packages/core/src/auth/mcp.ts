import { opened } from "./accepted-modes.ts";
import type { Auth } from "./auth.ts";
import { checkAuth } from "./requirements.ts";
import { isObject } from "../lib/json.ts";
import { checkOptions, must } from "../lib/options.ts";
import type { NodeRequest } from "../request/node.ts";
import type { Reply } from "../refusal/reply.ts";
import { metadataPaths } from "../lib/urls.ts";
import type { IdentityBase } from "../types.ts";

// For servers of the Model Context Protocol, whose clients sign in at the issuer that the server names.

/** Options of `protectedResource`. */
export interface ProtectedResourceOptions {
  /**
   * The scopes that a client requests at first, unless the challenge of a route names others: the least with which it can
   * start. Default: the document names none.
   */
  readonly scopes?: readonly string[];
}

/** The answer of `node:http`, as far as it is used. */
interface NodeAnswer {
  writeHead(status: number, headers: Record<string, string>): { end(body: string): unknown };
}

/** The metadata of a protected resource, as both kinds of servers mount it: without authentication. */
export interface ProtectedResource {
  /** The paths of the document. Requests of other paths are not answered. */
  readonly paths: readonly string[];
  /**
   * Answers a request, for servers that use `Request` and `Response`. Mount it for `GET` and `OPTIONS`. The answer to other
   * paths is 404.
   * @example
   * import { Hono } from "hono";
   * import { protectedResource } from "@authmodes/core";
   *
   * const metadata = protectedResource(auth);
   * new Hono().on(["GET", "OPTIONS"], [...metadata.paths], (c) => metadata.handler(c.req.raw));
   */
  readonly handler: (request: Request) => Response;
  /**
   * Answers a request, for servers on `node:http`. Mount it before `authenticate`. Requests of other paths are passed to
   * `next`; without it they are answered with 404.
   * @example
   * import { protectedResource } from "@authmodes/core";
   *
   * app.use(protectedResource(auth).node); // Express
   */
  readonly node: (request: NodeRequest, response: NodeAnswer, next?: () => void) => void;
}

/**
 * Creates the handler of the document by which MCP clients find the issuer of their tokens (RFC 9728). It is public, for
 * pages of any origin too. Rejections name its URL in their challenge.
 * @throws TypeError if the auth has no `resource`, or no mode of tokens; if a scope is none, or `offline_access`, which
 *   is between the client and the issuer
 * @example
 * import { createAuth, oidc, protectedResource } from "@authmodes/core";
 *
 * const resource = "https://api.example.com/mcp";
 * const auth = createAuth([oidc({ issuer: "https://id.example.com", audience: resource })], { resource });
 * export const metadata = protectedResource(auth, { scopes: ["books:read"] });
 */
export function protectedResource(auth: Auth, options: ProtectedResourceOptions = {}): ProtectedResource {
  checkAuth("protectedResource(auth): auth", auth);
  checkOptions("protectedResource()", options, { scopes: ["scopes_supported", "scopesSupported"] });
  const { shared, issuers } = opened(auth);
  const { resource } = shared;
  must(
    resource !== undefined,
    'protectedResource(): the auth has no resource; write createAuth([…], { resource: "https://api.example.com/mcp" })',
  );
  must(issuers.length > 0, "protectedResource(): this auth accepts no tokens, so clients cannot sign in");
  const { scopes } = options;
  must(scopes === undefined || areScopes(scopes), scopesText);
  const paths = metadataPaths(resource);
  const body = JSON.stringify({
    resource,
    authorization_servers: issuers.filter((issuer) => !isReplica(issuer, issuers)),
    ...(scopes !== undefined && { scopes_supported: scopes }),
    bearer_methods_supported: ["header"],
  });
  return {
    paths,
    handler(request) {
      const answer = answerTo(request.method, paths.includes(new URL(request.url).pathname), body);
      return new Response(answer.body === "" ? null : answer.body, answer);
    },
    node(request, response, next) {
      const path = (request.originalUrl ?? request.url ?? "").split("?", 1)[0] ?? "";
      const isHere = paths.includes(path);
      if (!isHere && next !== undefined) return next();
      const { status, headers, body: text } = answerTo(request.method ?? "GET", isHere, body);
      response.writeHead(status, headers).end(text);
    },
  };
}

const scopesText =
  'protectedResource(): scopes is a list of at least one scope, such as ["books:read"], without offline_access, which clients request by themselves';

function areScopes(scopes: readonly unknown[]): boolean {
  // RFC 6749 §3.3.
  const isScope = (scope: unknown) =>
    typeof scope === "string" && /^[\x21\x23-\x5b\x5d-\x7e]+$/.test(scope) && scope !== "offline_access";
  return Array.isArray(scopes) && scopes.length > 0 && Array.from(scopes).every(isScope);
}

/** Whether this is the second issuer of a user pool, which exists only if the pool is replicated to other regions. */
function isReplica(issuer: string, issuers: readonly string[]): boolean {
  const first = issuer.replace("https://issuer-cognito-idp.", "https://cognito-idp.");
  return first !== issuer && issuers.includes(first);
}

const methods = "GET, HEAD, OPTIONS";
const cors = {
  "access-control-allow-origin": "*",
  "access-control-allow-methods": methods,
  "access-control-allow-headers": "*",
};

function answerTo(method: string, isHere: boolean, document: string): Reply {
  if (!isHere) return { status: 404, headers: cors, body: "" };
  if (method === "OPTIONS") return { status: 204, headers: cors, body: "" };
  if (method !== "GET" && method !== "HEAD")
    return { status: 405, headers: { ...cors, allow: methods }, body: "" };
  const headers = { ...cors, "content-type": "application/json", "cache-control": "max-age=300" };
  return { status: 200, headers, body: method === "HEAD" ? "" : document };
}

/** What the transports of the MCP SDKs take as `AuthInfo`, and pass to tools as `authInfo`. */
export interface McpAuthInfo<I extends IdentityBase = IdentityBase> {
  readonly token: string;
  readonly clientId: string;
  readonly scopes: string[];
  /** Seconds since 1970; absent if the credentials do not expire. */
  readonly expiresAt?: number;
  readonly extra: { readonly identity: I };
}

/**
 * Returns an identity as the `AuthInfo` of the MCP SDKs, for any mode. `clientId` is the client of a token (`azp`, else
 * `client_id`); for callers without one, their mode and id: `apiKey:ci`.
 * @param token the caller's token, if tools exchange it for another. Default: empty, since tools must not pass it to other
 *   services
 * @example
 * import { type Identity, toMcpAuthInfo } from "@authmodes/core";
 *
 * export function authInfoOf(caller: Identity) {
 *   return toMcpAuthInfo(caller); // tools read authInfo.extra.identity
 * }
 */
export function toMcpAuthInfo<I extends IdentityBase>(identity: I, token = ""): McpAuthInfo<I> {
  const { mode, id, scopes, expiresAt } = identity;
  const claims = "claims" in identity && isObject(identity.claims) ? identity.claims : {};
  const client = claims["azp"] ?? claims["client_id"];
  return {
    token,
    clientId: typeof client === "string" ? client : `${mode}:${id ?? ""}`,
    scopes: [...scopes],
    ...(expiresAt !== null && { expiresAt }),
    extra: { identity },
  };
}
