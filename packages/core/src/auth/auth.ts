import type { ApiKeyIdentity, RefusedIdentity } from "../identity.ts";
import type { PublicUrl } from "../request/public-url.ts";
import type { AuthMode, IdentityBase, Requirements, RequestView } from "../types.ts";
import { AcceptedModes } from "./accepted-modes.ts";
import type { ModeDescription } from "./description.ts";
import type { AuthListener, ListenOptions } from "./events.ts";
import { type AuthOptions, checkModes } from "./options.ts";
import { SharedAuth } from "./shared-auth.ts";

/** The modes of a server, or of a route. Made by `createAuth`. */
export interface Auth<I extends IdentityBase = IdentityBase> {
  /** The names of the accepted modes. */
  readonly modes: readonly string[];
  /** The `publicUrl` option. */
  readonly publicUrl: PublicUrl | undefined;
  /**
   * Verifies the request and returns its caller. A request is verified once: later calls, also of a restricted copy, reuse
   * the result. A rejection closes the request: `identity` throws it and `outbound.forward` sends nothing, until an
   * `authenticate` of this auth accepts the request.
   * @throws AuthError, with the answer to send: a rejection, or the 204 of a CORS preflight, which is never authenticated
   * @throws TypeError if `needs` would guard nothing: see `Requirements`
   */
  authenticate(request: RequestView, needs?: Requirements): Promise<I>;
  /**
   * Returns the caller that `authenticate` accepted; undefined before that, and for modes that this auth does not accept.
   * In report-only, the caller of a rejected request is `{ mode: "refused" }`.
   * @throws AuthError the rejection, if the request was rejected
   */
  identity(request: RequestView): I | undefined;
  /**
   * Returns a copy that accepts these modes only; the type of its identity is restricted too.
   * @throws TypeError for a mode that this auth does not have
   */
  only<const N extends I["mode"]>(...names: readonly N[]): Auth<Extract<I, { readonly mode: N }>>;
  /** Calls the listener for every acceptance and rejection. Returns a function that stops it. */
  onEvent(listener: AuthListener, options?: ListenOptions): () => void;
  /** Describes the accepted modes for people: their options and key sets. No secrets. */
  describe(): readonly ModeDescription[];
  /** Fetches key sets in advance. Rejects if one cannot be fetched; requests then try again. */
  ready(): Promise<void>;
}

/** The type of the identities that an auth or a mode accepts: `IdentityOf<typeof auth>`. */
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
 * Creates the auth of a server from its modes. Order does not matter: the credentials of a request decide which mode
 * verifies it, and that mode decides alone.
 * @throws TypeError if an option is wrong, or if modes or options do not fit together
 * @example
 * import { createServer } from "node:http";
 * import { AuthError, createAuth, nodeView, none, oidc } from "@authmodes/core";
 *
 * const issuer = "https://id.example.com";
 * const auth = createAuth([oidc({ issuer, audience: "https://api.example.com" }), none()]);
 *
 * createServer(async (request, response) => {
 *   try {
 *     const caller = await auth.authenticate(nodeView(request));
 *     response.end(`Hello ${caller.id ?? "stranger"}`);
 *   } catch (error) {
 *     if (!(error instanceof AuthError)) throw error;
 *     response.writeHead(error.status, error.headers).end(error.reply.body);
 *   }
 * }).listen(3000);
 */
export function createAuth<const M extends readonly AuthMode[], const O extends AuthOptions = AuthOptions>(
  modes: M,
  options?: O,
): Auth<Reported<Keyed<IdentityOf<M[number]>, O>, O>> {
  checkModes(modes, options ?? {});
  const shared = new SharedAuth(modes, options ?? {});
  // The cast is sound: by its type, a mode named N returns identities with `mode: N`.
  return new AcceptedModes(shared, modes) as unknown as Auth<Reported<Keyed<IdentityOf<M[number]>, O>, O>>;
}
