import { AcceptedModes } from "./accepted-modes.ts";
import { Server } from "./attempt.ts";
import type { AuthOptions } from "./options.ts";
import type { ModeDescription } from "./description.ts";
import type { AuthError } from "../refusal/error.ts";
import type { AuthListener, ListenOptions } from "./events.ts";
import type { ApiKeyIdentity, RefusedIdentity } from "../identity.ts";
import type { AllowedByRule, Policy, RuleDecision } from "../policy/policy.ts";
import type { PreflightAction } from "../refusal/preflight.ts";
import type { PublicUrl } from "../request/public-url.ts";
import type { AuthMode, IdentityBase, MaybePromise, Requirements, RequestView } from "../types.ts";

/** The modes of a server, or those of a route. */
export interface Auth<I extends IdentityBase = IdentityBase> {
  /** The names of the modes that are accepted. */
  readonly modes: readonly string[];
  readonly publicUrl: PublicUrl | undefined;
  /**
   * Verifies the request and returns its caller. It is verified once; asking again, also of a narrowed auth, reuses what
   * was found. A rejection closes the request: `identity` throws it and `outbound.forward` sends nothing, until an
   * `authenticate` of this auth accepts the request.
   * @throws AuthError, with the answer to send: a rejection, or the 204 of a CORS preflight, which is never
   *   authenticated; TypeError if `needs` would guard nothing: see `Requirements`
   */
  authenticate(request: RequestView, needs?: Requirements): Promise<I>;
  /**
   * As `authenticate`, and without a promise where none is needed, as for a token that is remembered. For adapters:
   * waiting may take a framework longer than verifying.
   * @throws AuthError, at once or by the promise
   */
  authenticateAtOnce(request: RequestView, needs?: Requirements): MaybePromise<I>;
  /**
   * For servers that parse bodies before they authenticate: verifies what reads the body while it is there. It neither
   * rejects nor reports; `authenticate` does, by what was found. Returns undefined if no body is needed.
   * @returns false if the body stopped arriving: call `authenticate` then, since a parser would wait for the rest
   */
  verifyAhead(request: RequestView): Promise<boolean> | undefined;
  /**
   * Whether `authenticate` will let the request pass, for servers that wait for bodies before they ask it: nothing is
   * reported. It verifies, and reads the body only if the mode does.
   */
  admits(request: RequestView, needs?: Requirements): MaybePromise<boolean>;
  /** Whether a mode of this auth reads bodies; else there is nothing to verify ahead. */
  readonly readsBody: boolean;
  /** Whether a request carries something that a mode of this auth reads. Nothing is verified. */
  carriesCredentials(request: RequestView): boolean;
  /** The rules that `createAuth` was given. */
  readonly policy: Policy | undefined;
  /**
   * Asks the rules about a request whose caller is known, and reports what they say under the request's id. For
   * adapters. What `decide` throws goes on; an AuthError becomes the answer to this request and is reported.
   * @param closes whether a denial closes the request like a rejection of `authenticate`. A guard's does, since no
   *   handler runs then. Default false: a handler that asks about several records can go on after a denial.
   * @throws AuthError `forbidden` or `not_found` by a denial; as `requireIdentity` if the caller is not known
   */
  authorize(request: RequestView, decide: (identity: I) => RuleDecision, closes?: boolean): AllowedByRule;
  /**
   * The caller that `authenticate` accepted; undefined before that, and for modes that this auth does not accept. In
   * report-only, the caller of a rejected request is `{ mode: "refused" }`.
   * @throws AuthError the rejection, if the request was rejected
   */
  identity(request: RequestView): I | undefined;
  /**
   * As `identity`, for handlers, which run behind `authenticate`. For adapters.
   * @param mistake the cause, for the log, if no `authenticate` ran: what was called, and what to write
   * @throws AuthError `misconfigured` if no `authenticate` of this auth ran before, reported once per request;
   *   `mode_not_accepted` for a caller of another mode; `credentials_missing` for a preflight that was let through
   */
  requireIdentity(request: RequestView, mistake: string): I;
  /**
   * Reports a mistake of the app that a request brought to light, once per request. For adapters, to throw: it is
   * answered with 500 `misconfigured`.
   * @param detail what is wrong, and what to write; for the log
   */
  mistake(request: RequestView, reason: string, detail: string): AuthError;
  /**
   * What a guard does with a CORS preflight: `answer` it with 204 and run no handler, or let it `pass`, without an
   * identity. undefined for any other request. For adapters; `authenticate` throws a `PreflightAnswer` for the first.
   * @param advice how to answer preflights before the guard, for the log of an app in development
   */
  preflight(request: RequestView, advice?: string): PreflightAction | undefined;
  /** The same auth, narrowed to these modes; so is the type of the identity. */
  only<const N extends I["mode"]>(...names: readonly N[]): Auth<Extract<I, { readonly mode: N }>>;
  /** Hears of every acceptance and refusal. Returns how to stop. */
  onEvent(listener: AuthListener, options?: ListenOptions): () => void;
  /** The modes that are accepted, for people: how they are set up, and the keys that are at hand. */
  describe(): readonly ModeDescription[];
  /** Fetches key sets ahead. Rejects where one cannot be had; requests try again by themselves. */
  ready(): Promise<void>;
  /** Names of request headers that its modes read, for CORS. */
  readonly requestHeaders: readonly string[];
}

export type IdentityOf<A> = A extends Auth<infer I> ? I : A extends AuthMode<infer I> ? I : never;

type Keyed<I, O> = O extends { readonly requires: AuthMode<ApiKeyIdentity> }
  ? I extends IdentityBase
    ? I & { readonly key: ApiKeyIdentity }
    : never
  : I;
type Mirrored<I, O> = O extends { readonly mirror: infer B } ? (true extends B ? I | RefusedIdentity : I) : I;

/**
 * The modes of a server as one list. The order of the list means nothing: what a request carries decides.
 * @throws TypeError where the options or the modes do not fit together
 */
export function createAuth<const M extends readonly AuthMode[], const O extends AuthOptions = AuthOptions>(
  modes: M,
  options?: O,
): Auth<Mirrored<Keyed<IdentityOf<M[number]>, O>, O>> {
  const server = new Server(modes, options ?? {});
  // The narrowing below is proven by the modes' own types: what a mode named N verifies has `mode: N`.
  return new AcceptedModes(server, modes) as unknown as Auth<Mirrored<Keyed<IdentityOf<M[number]>, O>, O>>;
}
