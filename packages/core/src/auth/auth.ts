import type { ApiKeyIdentity, RefusedIdentity } from "../identity.ts";
import type { PublicUrl } from "../request/public-url.ts";
import type { AuthMode, IdentityBase, Requirements, RequestView } from "../types.ts";
import { AcceptedModes } from "./accepted-modes.ts";
import type { ModeDescription } from "./description.ts";
import type { AuthListener, ListenOptions } from "./events.ts";
import { type AuthOptions, checkModes } from "./options.ts";
import { SharedAuth } from "./shared-auth.ts";

/** The modes of a server, or those of a route. */
export interface Auth<I extends IdentityBase = IdentityBase> {
  /** The names of the modes that are accepted. */
  readonly modes: readonly string[];
  readonly publicUrl: PublicUrl | undefined;
  /**
   * Verifies the request and returns its caller. It is verified once; asking again, also of a restricted copy, reuses
   * the result. A rejection closes the request: `identity` throws it and `outbound.forward` sends nothing, until an
   * `authenticate` of this auth accepts the request.
   * @throws AuthError, with the answer to send: a rejection, or the 204 of a CORS preflight, which is never
   *   authenticated; TypeError if `needs` would guard nothing: see `Requirements`
   */
  authenticate(request: RequestView, needs?: Requirements): Promise<I>;
  /**
   * The caller that `authenticate` accepted; undefined before that, and for modes that this auth does not accept. In
   * report-only, the caller of a rejected request is `{ mode: "refused" }`.
   * @throws AuthError the rejection, if the request was rejected
   */
  identity(request: RequestView): I | undefined;
  /** The same auth, restricted to these modes; so is the type of the identity. */
  only<const N extends I["mode"]>(...names: readonly N[]): Auth<Extract<I, { readonly mode: N }>>;
  /** Calls the listener for every acceptance and rejection. Returns a function that stops it. */
  onEvent(listener: AuthListener, options?: ListenOptions): () => void;
  /** The modes that are accepted, for people: how they are set up, and the keys that are at hand. */
  describe(): readonly ModeDescription[];
  /** Fetches key sets ahead. Rejects if one cannot be fetched; requests try again by themselves. */
  ready(): Promise<void>;
}

export type IdentityOf<A> = A extends Auth<infer I> ? I : A extends AuthMode<infer I> ? I : never;

type Keyed<I, O> = O extends { readonly requires: AuthMode<ApiKeyIdentity> }
  ? I extends IdentityBase
    ? I & { readonly key: ApiKeyIdentity }
    : never
  : I;
type Reported<I, O> = O extends { readonly reportOnly: infer B }
  ? true extends B
    ? I | RefusedIdentity
    : I
  : I;

/**
 * The modes of a server as one list. Their order does not matter: what a request carries decides.
 * @throws TypeError if the options or the modes do not fit together
 */
export function createAuth<const M extends readonly AuthMode[], const O extends AuthOptions = AuthOptions>(
  modes: M,
  options?: O,
): Auth<Reported<Keyed<IdentityOf<M[number]>, O>, O>> {
  checkModes(modes, options ?? {});
  const shared = new SharedAuth(modes, options ?? {});
  // The narrowing below is proven by the modes' own types: what a mode named N verifies has `mode: N`.
  return new AcceptedModes(shared, modes) as unknown as Auth<Reported<Keyed<IdentityOf<M[number]>, O>, O>>;
}
