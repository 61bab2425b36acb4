import type { Clock } from "@authmodes/core";
import type { JWK } from "jose";
import type { TokenClaims, WrongToken } from "./forge.ts";
import { signToken, wrongClaims } from "./forge.ts";
import type { KeySet, RotateOptions } from "./key-set.ts";

/** What every token can be given. */
export interface TokenOptions {
  readonly groups?: readonly string[];
  /** Separated by spaces, or as a list. */
  readonly scope?: string | readonly string[];
  /** Seconds until it ends; default 3600. */
  readonly expiresInSeconds?: number;
  /** Further claims, laid over the others; one that is undefined is left out. */
  readonly claims?: Readonly<Record<string, unknown>>;
  /** Makes a token that must be refused, wrong in this one way. */
  readonly wrong?: WrongToken;
}

/** An issuer that lives in this process: give its `fetch` to the mode, or serve `handle`. */
export abstract class TestIssuer<Use extends string = string> {
  readonly issuer: string;
  /** Set it to false to pull the plug: `fetch` then fails as if nothing listened. */
  online = true;
  /** How often `fetch` asked for something. */
  fetches = 0;
  /** Serves the key set and the rest in process. Give it to a mode: `keySet: { fetch: issuer.fetch }`. */
  readonly fetch: typeof globalThis.fetch = async (input, init) => {
    const request = new Request(input, init);
    this.fetches++;
    if (!this.online || !request.url.startsWith(`${this.base}/`)) {
      throw new TypeError("fetch failed", { cause: new Error(`nobody answers at ${request.url}`) });
    }
    return this.handle(request);
  };
  readonly #clock: Clock;
  readonly #keys: KeySet<Use>;

  constructor(issuer: string, clock: Clock, keys: KeySet<Use>) {
    this.issuer = issuer;
    this.#clock = clock;
    this.#keys = keys;
  }

  /** Makes new signing keys; the old ones leave the set at once, unless they overlap. */
  rotate(options?: RotateOptions): Promise<void> {
    return this.#keys.rotate(options);
  }

  /** The key set as it stands (RFC 7517 §5). */
  jwks(): { keys: JWK[] } {
    return this.#keys.jwks();
  }

  /** Answers below the issuer's path, whatever the host: discovery, the key set, and what an issuer has besides. */
  async handle(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    const own = new URL(`${this.base}/`).pathname;
    return this.respond(pathname.startsWith(own) ? pathname.slice(own.length - 1) : "", request);
  }

  protected async respond(path: string, _request: Request): Promise<Response> {
    if (path === "/.well-known/jwks.json") return Response.json(this.jwks());
    if (path === "/.well-known/openid-configuration") return Response.json(this.metadata());
    return Response.json({ error: "not_found" }, { status: 404 });
  }

  /** The discovery document (OpenID Connect Discovery 1.0 §3). */
  protected metadata(): Record<string, unknown> {
    return {
      issuer: this.issuer,
      jwks_uri: `${this.base}/.well-known/jwks.json`,
      response_types_supported: ["code"],
      subject_types_supported: ["public"],
      id_token_signing_alg_values_supported: [...new Set(this.jwks().keys.map((key) => key.alg))],
    };
  }

  /** Signs claims with the key for this use, and adds when the token was made and when it ends. */
  protected async sign(use: Use, claims: TokenClaims, options: TokenOptions): Promise<string> {
    const now = this.now();
    const timed = { iss: this.issuer, iat: now, exp: now + (options.expiresInSeconds ?? 3600), ...claims };
    const all = { ...wrongClaims(timed, options.wrong, now), ...options.claims };
    return signToken(this.#keys.signingKey(use), all, options.wrong);
  }

  /** The issuer without a slash at its end: what it serves is below. */
  protected get base(): string {
    return this.issuer.replace(/\/$/, "");
  }

  /** Seconds since 1970. */
  protected now(): number {
    return Math.floor(this.#clock() / 1000);
  }
}

export function scopeText(scope: string | readonly string[]): string {
  return typeof scope === "string" ? scope : scope.join(" ");
}
