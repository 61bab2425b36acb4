// The types that every part of the project shares. No code that runs.

/**
 * A request as modes see it. `nodeView` and `fetchView` make one at no cost. The result of its verification is kept on
 * it, so do not freeze a view that you make yourself.
 */
export interface RequestView {
  readonly method: string;
  /** Path and query as received: never decoded, never normalised, with any mount path and `publicUrl` prefix. */
  readonly target: string;
  /** The host that the client used: that of `publicUrl`, else `Host`; never `X-Forwarded-*`, which any client can send. */
  readonly host: string | undefined;
  /** name, value, name, value … as received, repeats kept. */
  readonly rawHeaders: readonly string[];
  /** false if the server rebuilt target or headers before we could read them (fetch servers, Next.js). */
  readonly exact: boolean;
  /** The value of a header by its lower-case name; repeats as the server joins them. */
  header(lowerName: string): string | undefined;
  /**
   * The body's bytes as on the wire. Lazy, read once, and put back for parsers that run later.
   * @throws AuthError `body_too_large` over `maxBytes`; `body_timeout` after 30 seconds without a byte or 300 in
   * total; `misconfigured` if a parser already consumed the bytes
   */
  body(maxBytes: number): Promise<Uint8Array>;
}

/** What every identity has, whatever the mode. */
export interface IdentityBase {
  readonly mode: string;
  /** Stable name of the caller within its mode: key id, subject, principal; null for callers without a name. */
  readonly id: string | null;
  readonly groups: readonly string[];
  readonly scopes: readonly string[];
  /** When the credentials expire, in seconds since 1970; null if they do not. Open connections are closed then. */
  readonly expiresAt: number | null;
}

/**
 * The claims that identify a token, for `revoked`. A member is undefined if the token lacks the claim. For temporary
 * credentials of an identity pool: `iss` is the pool's id, `sub` the identity id, `jti` the access key id and `iat` the time
 * of issue.
 */
export interface TokenFacts {
  readonly iss: string | undefined;
  readonly jti: string | undefined;
  /** Cognito's id of the session that the token belongs to. */
  readonly originJti: string | undefined;
  /** The id of the session at an OpenID Connect provider. */
  readonly sid: string | undefined;
  readonly sub: string | undefined;
  /** Seconds since 1970. */
  readonly iat: number | undefined;
  /** The token that the user of an identity pool signed in with: if it was revoked, the temporary credentials are too. */
  readonly login?: TokenFacts | undefined;
}

/**
 * How sure a mode is that credentials are its own. If several modes read the same place, the surest one decides:
 * `own`, it recognises them; `possible`, only verifying can tell (issuers known at run time); `foreign`, it reads this
 * shape but will reject it; `fallback`, it takes what no other mode reads.
 */
export type Fit = "own" | "possible" | "foreign" | "fallback";

/** Credentials that a mode found on a request. */
export interface Detection<I extends IdentityBase> {
  /**
   * Their place: a header's lower-case name, `cookie:<name>`, `query`; null for a request without credentials.
   * Modes that read the same place compete by `fit`; credentials in two places are ambiguous.
   */
  readonly place: string | null;
  /** Default `own`. */
  readonly fit?: Fit;
  /** The header that forwards the same credentials to another service; absent if they cannot be forwarded. */
  readonly forward?: { readonly name: string; readonly value: string } | undefined;
  /**
   * Verifies the credentials. A mode of your own has 5 seconds for it, then the request is answered with 503.
   * @param now milliseconds since 1970
   * @param context given to modes of your own
   * @throws AuthError with a code and a private reason; anything else that is thrown is a 503
   */
  verify(now: number, context?: CallContext): I | Promise<I>;
  /**
   * Verifies again what can change while a connection stays open, such as whether a key was deleted. The connection is
   * closed if the identity has other rights now. Default: only `revoked` is asked again.
   * @param now milliseconds since 1970
   * @throws as `verify`
   */
  again?(now: number, context?: CallContext): I | Promise<I>;
  /** Announces that `again` may answer otherwise. Default: `again` is called every 60 seconds. */
  onChange?: OnChange | undefined;
}

/**
 * A way to authenticate callers. Write a mode of your own as an object with these members.
 * @example
 * import { type AuthMode, AuthError, createAuth, type IdentityBase } from "@authmodes/core";
 *
 * const employees = new Map([["s3cret", "alice"]]);
 * const badge: AuthMode<IdentityBase & { readonly mode: "badge" }> = {
 *   name: "badge",
 *   requestHeaders: ["x-badge"],
 *   detect(request) {
 *     const sent = request.header("x-badge");
 *     if (sent === undefined) return undefined;
 *     return {
 *       place: "x-badge",
 *       verify() {
 *         const id = employees.get(sent);
 *         if (id === undefined) throw new AuthError("credentials_refused", "badge_unknown");
 *         return { mode: "badge", id, groups: [], scopes: [], expiresAt: null };
 *       },
 *     };
 *   },
 * };
 * export const auth = createAuth([badge]);
 */
export interface AuthMode<I extends IdentityBase = IdentityBase> {
  readonly name: I["mode"];
  /** Its scheme in `WWW-Authenticate`. Default: the mode adds no challenge. */
  readonly scheme?: string;
  /** Lower-case names of the request headers that it reads, for CORS. */
  readonly requestHeaders?: readonly string[];
  /**
   * The places in which it takes any content for its credentials, as in `Detection.place`: no two modes may share one, unless
   * both have `issuers`. Default: none.
   */
  readonly places?: readonly string[];
  /** Issuers that it accepts: no two modes may share one. */
  readonly issuers?: readonly string[];
  /**
   * Whether verifying reads the body. Servers that parse bodies before their guards run then verify earlier, and the time
   * that `body()` takes does not count against the 5 seconds of `verify`. Default false.
   */
  readonly readsBody?: boolean;
  /** Looks for its credentials on a request: a pure, synchronous function without look-ups. */
  detect(request: RequestView): Detection<I> | undefined;
  /**
   * Fetches in advance what verifying needs, such as key sets.
   * @param now milliseconds since 1970
   */
  ready?(now: number): Promise<void>;
  /**
   * Describes its options and state, for people. No secrets.
   * @param now milliseconds since 1970
   */
  describe?(now: number): Omit<ModeDescription, "mode">;
}

/**
 * What a route requires of an identity, besides its mode. `{}` requires nothing. Unknown names, undefined values, empty
 * lists and empty names throw a TypeError, since they would guard nothing.
 */
export interface Requirements {
  /** The caller is in at least one of these groups, else 403 `forbidden`. */
  readonly groups?: readonly string[];
  /** The caller has all of these scopes, or one of `any` (API Gateway's way), else 403 `scope_missing`. */
  readonly scopes?: readonly string[] | { readonly any: readonly string[] };
}

/** The last argument of every function of yours that a request waits for: finders, `revoked`, `load`, authorizers. */
export interface CallContext {
  /** Aborted once the function has taken 5 seconds: the request is then answered with 503. */
  readonly signal: AbortSignal;
}

/** Calls the listener after each change of what a look-up answers. Returns a function that stops the calls. */
export type OnChange = (listener: () => void) => () => void;

/**
 * A function of yours that is called again every 60 seconds for each connection that stays open; if it has `onChange`, also
 * within 2 seconds of a change, so give it one only if it answers from memory. `keys.find` and `revocations.isRevoked` of
 * @authmodes/keys have it; a function around them has not.
 * @example
 * import { type LookUp, type TokenFacts } from "@authmodes/core";
 * import { EventEmitter } from "node:events";
 *
 * const sessions = new Set<string | undefined>();
 * const changes = new EventEmitter();
 * const isOver = ({ sid }: TokenFacts) => !sessions.has(sid);
 * export const revoked: LookUp<typeof isOver> = Object.assign(isOver, {
 *   onChange(listener: () => void) {
 *     changes.on("change", listener);
 *     return () => void changes.off("change", listener);
 *   },
 * });
 */
export type LookUp<F> = F & { readonly onChange?: OnChange | undefined };

/** Returns the time, in milliseconds since 1970, as `Date.now` does. */
export type Clock = () => number;

/** A value, or a promise of it. */
export type MaybePromise<T> = T | Promise<T>;

/** The options and the state of a mode, for people. Holds no secrets. */
export interface ModeDescription {
  readonly mode: string;
  /** The options as text, by name. */
  readonly settings: Settings;
  /** The issuers whose tokens it accepts; none for modes without tokens, and for tenants known only at run time. */
  readonly issuers: readonly IssuerDescription[];
}

/** Options as text, by name. */
export type Settings = Readonly<Record<string, string>>;

/** The options and the keys of an issuer. */
export interface IssuerDescription {
  readonly issuer: string;
  /** The requirements for its tokens, by the names of the options. */
  readonly settings: Settings;
  readonly keys: KeySetDescription;
}

/** The cached keys of an issuer. */
export interface KeySetDescription {
  readonly count: number;
  /** The keys that are published but unsafe or not public, each with the reason; no key material. */
  readonly skipped: readonly string[];
  /** Milliseconds since 1970; null before the first fetch. */
  readonly fetchedAt: number | null;
  /** Whether they are used: fetched, and not too old. */
  readonly usable: boolean;
  /** Why the last fetch failed; null if it did not. */
  readonly trouble: string | null;
}
