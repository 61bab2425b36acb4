import { createHash } from "node:crypto";
import type {
  Access,
  Auth,
  CallContext,
  IdentityBase,
  Requirements,
  RouteOperation,
  Values,
} from "@authmodes/core";
import type { GuardNote } from "@authmodes/core/inspect";

/** One `authenticate` of the adapter. */
export interface AuditGuard {
  readonly auth: Auth;
  readonly needs?: Requirements;
}

/** A route of an app under audit. */
export interface AuditRoute {
  /** The route serves this path and everything below it, for every method. */
  readonly path: string;
  /** Run one after the other, before the handler; none at `/unguarded` and on the routes of audit `3fe7`. */
  readonly guards: readonly AuditGuard[];
  /** Run behind the guards, and behind a parser of JSON if the adapter needs one. */
  readonly allow?: AuditAllow;
}

/** An `allow` of the adapter, for the app's auth, and what the handler behind it answers. */
export interface AuditAllow {
  readonly operation: RouteOperation;
  readonly model: string;
  /** Given the URL of the request, absolute or not, and what the adapter's `load` is given last. */
  readonly load?: (url: string, context: CallContext) => Promise<Values | undefined>;
  readonly handlerDecides?: boolean;
  /** What the handler answers as JSON with 200, instead of `auditAnswer`; it may throw. */
  readonly answer: (access: Access, url: string) => unknown;
}

/**
 * The app that an adapter's server serves while it is audited:
 *
 * 1. Every answer has `Access-Control-Allow-Origin: *`, set before authentication, as a CORS middleware would do it.
 * 2. Each of `routes` is served at its path and, by a sub-router mounted at `/mounted`, at `/mounted` + path.
 * 3. The handler is the same for every method and request: it reads the whole body, then answers 200 with
 *    `auditAnswer(identity, body)` as JSON. So any other answer shows that it did not run. Nothing else answers CORS
 *    preflights: no CORS middleware, no handler for OPTIONS.
 * 4. `/unguarded` has no guard: its handler asks for the identity all the same, of the app's auth if the adapter lets it
 *    name one.
 * 5. A route with `allow` asks the rules of the app's auth behind its guards, if it has any. Everything of it but `operation`, `model` and `answer` is an
 *    option to pass.
 * 6. Rejections are answered by what the adapter has for it.
 */
export interface AuditApp {
  /** `problem`, `apigateway`, …: for servers that need a name to tell their apps apart. */
  readonly name: string;
  readonly auth: Auth;
  readonly routes: readonly AuditRoute[];
}

/** A server of the adapter under audit. */
export interface AuditServer {
  /** `http://127.0.0.1:…`, without a slash at its end. */
  readonly url: string;
  readonly close: () => Promise<void>;
  /** Returns the notes on the guards of the route at a path, in order; left out if the adapter writes none. */
  readonly guardNotes?: (path: string) => readonly GuardNote[];
}

/** Starts a server of the adapter for an app. */
export type Serve = (app: AuditApp) => Promise<AuditServer>;

/** The answer of an app's handlers. */
export interface AuditAnswer {
  readonly mode: string;
  readonly id: string | null;
  readonly groups: readonly string[];
  readonly scopes: readonly string[];
  /** The id of the key that `requires` asked for. */
  readonly keyId: string | null;
  /** How many bytes of the body reached the handler, and their digest in hexadecimal. */
  readonly bytes: number;
  readonly sha256: string;
}

/**
 * Makes the answer of an app's handlers, to be sent as JSON.
 * @example
 * import { getIdentity } from "@authmodes/express";
 * import { auditAnswer } from "@authmodes/testing/audits";
 * import type { Request, Response } from "express";
 *
 * export function handler(request: Request, response: Response, body: Uint8Array): void {
 *   response.json(auditAnswer(getIdentity(request), body));
 * }
 */
export function auditAnswer(identity: IdentityBase, body: Uint8Array): AuditAnswer {
  const { mode, id, groups, scopes } = identity;
  const key = "key" in identity ? (identity.key as IdentityBase) : undefined;
  const sha256 = createHash("sha256").update(body).digest("hex");
  return { mode, id, groups, scopes, keyId: key?.id ?? null, bytes: body.byteLength, sha256 };
}

/** The routes for an auth: those whose modes it has. */
export function auditRoutes(auth: Auth): readonly AuditRoute[] {
  const only = (...names: readonly string[]): Auth[] => {
    const served = names.filter((name) => auth.modes.includes(name));
    return served.length === 0 ? [] : [auth.only(...served)];
  };
  const five = auth.modes.filter((name) => name !== "none");
  const guarded = (path: string, auths: readonly Auth[], needs?: Requirements): AuditRoute[] =>
    auths.map((narrowed) => ({ path, guards: [{ auth: narrowed, ...(needs !== undefined && { needs }) }] }));
  return [
    ...guarded("/all", [auth]),
    ...guarded("/five", only(...five)),
    ...auth.modes.flatMap((name) => guarded(`/only/${name}`, only(name))),
    ...guarded("/groups", only("userPool", "oidc"), { groups: ["Librarians", "Printers"] }),
    ...guarded("/scopes", only("userPool", "oidc"), { scopes: ["books/read", "books/write"] }),
    ...guarded("/any-scope", only("userPool", "oidc"), { scopes: { any: ["books/read", "books/write"] } }),
    ...only("userPool").map((narrowed) => ({ path: "/narrowed", guards: [{ auth }, { auth: narrowed }] })),
    { path: "/unguarded", guards: [] },
  ];
}
