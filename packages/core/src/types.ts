// The vocabulary of the whole project, one page, no code that runs.

import type { ModeDescription } from "./auth/description.ts";

/**
 * What a mode may see of a request. Making one costs nothing: every server kind has one function that does it
 * (`nodeView`, `fetchView`). What is found out about a request is kept on it, so it must not be frozen.
 */
export interface RequestView {
  readonly method: string;
  /** Path and query as received: never decoded, never normalised, with any mount path and `publicUrl` prefix. */
  readonly target: string;
  /** The host that the client used: of `publicUrl`, else `Host`; never an untrusted `X-Forwarded-*`. */
  readonly host: string | undefined;
  /** name, value, name, value … as received, repeats kept. */
  readonly rawHeaders: readonly string[];
  /** false where the server rebuilt target or headers before anybody could read them (fetch servers, Next.js). */
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
  /** Stable name of the caller within its mode: key id, subject, principal; null where nobody is named. */
  readonly id: string | null;
  readonly groups: readonly string[];
  readonly scopes: readonly string[];
  /** When the credentials end, in seconds since 1970; null where they do not. Long-lived connections end then. */
  readonly expiresAt: number | null;
}

/**
 * How sure a mode is that credentials are its own, where several modes read the same place:
 * `own` it recognises them · `possible` only verifying can tell (issuers known at run time) ·
 * `foreign` a shape that it reads but nothing that it knows, to be refused · `fallback` it takes what nobody else reads.
 */
export type Fit = "own" | "possible" | "foreign" | "fallback";

/** Credentials that a mode found on a request. */
export interface Detection<I extends IdentityBase> {
  /**
   * Where they sit: a header's lower-case name, `cookie:<name>`, `query`; null for "no credentials at all".
   * Modes that read the same place compete by `fit`; credentials in different places are several.
   */
  readonly place: string | null;
  /** Default `own`. */
  readonly fit?: Fit;
  /** The header that would make the same credentials reach another service; absent where they cannot travel. */
  readonly forward?: { readonly name: string; readonly value: string } | undefined;
  /**
   * Proves who calls. A mode of your own has 5 seconds for it, then the request is answered with 503.
   * @param now milliseconds since 1970
   * @param context given to modes of your own
   * @throws AuthError with a code and a private reason; anything else that is thrown is a 503
   */
  verify(now: number, context?: CallContext): I | Promise<I>;
  /**
   * Verifies again what can change while a connection stays open, such as whether a key was deleted. A connection ends
   * if the identity has other rights now. Default: nothing is asked again but `revoked`.
   * @param now milliseconds since 1970
   * @throws as `verify`
   */
  again?(now: number, context?: CallContext): I | Promise<I>;
}

/** A way to prove who calls. Write your own by giving these members. */
export interface AuthMode<I extends IdentityBase = IdentityBase> {
  readonly name: I["mode"];
  /** Its word in `WWW-Authenticate`. */
  readonly scheme?: string;
  /** Lower-case names of the request headers that it reads, for CORS. */
  readonly requestHeaders?: readonly string[];
  /** Issuers that it accepts: no two modes may share one. */
  readonly issuers?: readonly string[];
  /**
   * Whether verifying reads the body: servers that parse bodies before their guards run have to verify before that. The
   * time that `body()` takes then does not count against the 5 seconds of `verify`.
   */
  readonly readsBody?: boolean;
  /** Looks for its credentials: pure, synchronous, no look-up. */
  detect(request: RequestView): Detection<I> | undefined;
  /**
   * Fetches ahead what verifying needs, such as key sets.
   * @param now milliseconds since 1970
   */
  ready?(now: number): Promise<void>;
  /**
   * How it is set up and how it fares, for people. No secrets.
   * @param now milliseconds since 1970
   */
  describe?(now: number): Omit<ModeDescription, "mode">;
}

/**
 * What a route asks of an identity, besides its mode; `{}` asks nothing. Names that do not exist, undefined values, empty
 * lists and empty names are a TypeError: they would guard nothing.
 */
export interface Requirements {
  /** The caller is in at least one of these groups, else 403 `forbidden`. */
  readonly groups?: readonly string[];
  /** The caller has all of these scopes, or one of `any` (API Gateway's way), else 403 `scope_missing`. */
  readonly scopes?: readonly string[] | { readonly any: readonly string[] };
}

/** The last argument of every function of yours that a request waits for. */
export interface CallContext {
  /** Aborted once the function has taken 5 seconds: the request is then answered with 503. */
  readonly signal: AbortSignal;
}

/** Tells the time, in milliseconds since 1970. */
export type Clock = () => number;

export type MaybePromise<T> = T | Promise<T>;
