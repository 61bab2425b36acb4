import type { ApiKeyIdentity, RefusedIdentity } from "../identity.ts";
import { type PublicUrl, parsePublicUrl } from "../lib/urls.ts";
import type { AuthMode, IdentityBase, Requirements, RequestView, ModeDescription } from "../types.ts";
import { AcceptedModes, opened } from "./accepted-modes.ts";
import {
  type AuthListener,
  type ListenOptions,
  type AuthEvent,
  type EventSubject,
  Listeners,
  subjects,
} from "./events.ts";
import { type AuthOptions, checkModes } from "./options.ts";
import type { AllowedByRule, AllowedList, Policy } from "../policy/policy.ts";
import type { AuthError } from "../refusal/error.ts";
import { Preflights } from "../refusal/preflight.ts";
import type { ErrorFormat } from "../refusal/reply.ts";
import { printable } from "../lib/log.ts";
import type { Verification } from "./verification.ts";

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
  /** Calls the listener for every acceptance, rejection and operation that a rule allowed. Returns a function that stops it. */
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

/** The outcome of a verification, for an event. */
interface Report extends Pick<AuthEvent, "type" | "caller"> {
  readonly error?: AuthError;
  readonly allowed?: AllowedByRule | AllowedList;
  /** Default false. */
  readonly reportOnly?: boolean;
  readonly subject?: EventSubject | undefined;
}

/** The part of an auth that its restricted copies share: modes, options and listeners. */
export class SharedAuth {
  readonly modes: readonly AuthMode[];
  readonly requires: AuthMode<ApiKeyIdentity> | undefined;
  readonly revoked: AuthOptions["revoked"];
  readonly usage: AuthOptions["usage"];
  /** Whether a verified credential is not enough. */
  readonly asksFurther: boolean;
  readonly precedence: readonly string[] | undefined;
  readonly publicUrl: PublicUrl | undefined;
  readonly resource: string | undefined;
  readonly format: ErrorFormat;
  readonly reportOnly: boolean;
  readonly policy: Policy | undefined;
  readonly preflights: Preflights;
  readonly listeners: Listeners = new Listeners();
  /** Milliseconds since 1970. */
  readonly now: () => number;

  constructor(modes: readonly AuthMode[], options: AuthOptions) {
    this.modes = modes;
    this.requires = options.requires;
    this.revoked = options.revoked;
    this.usage = options.usage;
    this.asksFurther = [options.requires, options.revoked, options.usage].some((one) => one !== undefined);
    this.precedence = options.precedence;
    this.publicUrl = options.publicUrl === undefined ? undefined : parsePublicUrl(options.publicUrl);
    this.resource = options.resource;
    this.format = options.errorFormat ?? "problem";
    this.reportOnly = options.reportOnly ?? false;
    this.policy = options.policy;
    this.preflights = new Preflights(options.preflight);
    this.now = options.clock ?? Date.now;
  }

  emit(report: Report, verification: Verification): void {
    const { type, caller, error, allowed, reportOnly = false, subject } = report;
    if (error === undefined && this.listeners.size === 0) return;
    const detail = error === undefined ? allowed?.explanation : error.detail;
    const { method, target } = verification.request;
    const event: AuthEvent = {
      type,
      id: verification.id,
      time: this.now(),
      method: printable(method, 20),
      path: printable(target.split("?", 1)[0] ?? ""),
      mode: error === undefined ? verification.chosen?.mode.name : error.mode,
      caller: caller === null ? null : printable(caller),
      code: error?.code,
      reason: error?.reason,
      detail: detail === undefined ? undefined : printable(detail, 600),
      rule: allowed?.rule,
      cause: error?.cause,
      reportOnly,
      trace: verification.trace(error),
    };
    if (subject !== undefined) subjects.set(event, subject);
    this.listeners.emit(event);
  }
}

/** Header names for the framework's own CORS middleware. */
export interface CorsHeaders {
  /** For `Access-Control-Allow-Headers`. */
  readonly allow: readonly string[];
  /** For `Access-Control-Expose-Headers`: `Date` lets AWS's clients correct a wrong clock. */
  readonly expose: readonly string[];
}

/** Sent by clients of any mode. Amplify's GraphQL clients always send the second. */
const always = ["content-type", "x-amz-user-agent"];
const exposed = [
  "Date",
  "WWW-Authenticate",
  "Retry-After",
  "RateLimit",
  "RateLimit-Policy",
  "x-amzn-ErrorType",
  "x-amzn-RequestId",
];

/**
 * Returns the headers that clients of these modes send from another origin, and read from the answer.
 * @example
 * import { apiKey, corsHeaders, createAuth } from "@authmodes/core";
 *
 * const auth = createAuth([apiKey({ keys: () => undefined })]);
 * const { allow, expose } = corsHeaders(auth);
 * const options = { allowedHeaders: [...allow, "x-request-id"], exposedHeaders: expose };
 */
export function corsHeaders(auth: Auth): CorsHeaders {
  return { allow: [...new Set([...always, ...opened(auth).requestHeaders])], expose: exposed };
}
