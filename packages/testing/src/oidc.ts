import { randomUUID } from "node:crypto";
import type { Clock, OidcOptions } from "@authmodes/core";
import type { TokenClaims } from "./forge.ts";
import { scopeText, TestIssuer, type TokenOptions } from "./issuer.ts";
import { KeySet } from "./key-set.ts";
import type { SigningAlgorithm } from "./keys.ts";
import { newSecret } from "./names.ts";

/** Claims of a token of the OIDC issuer. */
export interface OidcTokenOptions extends TokenOptions {
  /** Default `otto`. */
  readonly sub?: string;
  /** Default: the kit's. */
  readonly audience?: string | readonly string[];
  /** Default `RS256`. */
  readonly algorithm?: SigningAlgorithm;
}

/** Settings of the OIDC issuer. */
export interface TestOidcSettings {
  readonly issuer: string;
  readonly audience: string;
  readonly clientId: string;
}

/** An OpenID Connect issuer with discovery, a key set, and a token endpoint for client credentials. */
export class TestOidcIssuer extends TestIssuer<SigningAlgorithm> {
  readonly audience: string;
  readonly clientId: string;
  /** For the token endpoint: random, and dies with the process. */
  readonly clientSecret: string = newSecret(24);
  /** For `oidc()`: this issuer and audience, groups from the claim `groups`, discovery served in process. */
  readonly options: OidcOptions;

  private constructor(settings: TestOidcSettings, clock: Clock, keys: KeySet<SigningAlgorithm>) {
    super(settings.issuer, clock, keys);
    this.audience = settings.audience;
    this.clientId = settings.clientId;
    this.options = {
      issuer: settings.issuer,
      audience: settings.audience,
      groupsClaim: "groups",
      keySet: { fetch: this.fetch },
    };
  }

  static async create(settings: TestOidcSettings, clock: Clock): Promise<TestOidcIssuer> {
    const keys = await KeySet.create<SigningAlgorithm>(settings.issuer, { RS256: "RS256", ES256: "ES256" });
    return new TestOidcIssuer(settings, clock, keys);
  }

  /** An access token. */
  token(options: OidcTokenOptions = {}): Promise<string> {
    const { groups = [], scope } = options;
    const claims: TokenClaims = {
      sub: options.sub ?? "otto",
      aud: options.audience ?? this.audience,
      azp: this.clientId,
      jti: randomUUID(),
      ...(groups.length > 0 && { groups }),
      ...(scope !== undefined && { scope: scopeText(scope) }),
    };
    return this.sign(options.algorithm ?? "RS256", claims, options);
  }

  protected override metadata(): Record<string, unknown> {
    return {
      ...super.metadata(),
      token_endpoint: `${this.base}/token`,
      token_endpoint_auth_methods_supported: ["client_secret_basic", "client_secret_post"],
      grant_types_supported: ["client_credentials"],
    };
  }

  protected override async respond(path: string, request: Request): Promise<Response> {
    if (path !== "/token") return super.respond(path, request);
    if (request.method !== "POST") return oauthError(405, "invalid_request");
    const form = new URLSearchParams(await request.text());
    if (!this.#knows(request.headers.get("authorization"), form)) return oauthError(401, "invalid_client");
    if (form.get("grant_type") !== "client_credentials") return oauthError(400, "unsupported_grant_type");
    return this.#grant(form);
  }

  /** RFC 6749 §2.3.1: HTTP Basic, its parts form-encoded, or fields of the form. */
  #knows(authorization: string | null, form: URLSearchParams): boolean {
    const basic = /^basic +(.+)$/i.exec(authorization ?? "")?.[1];
    const pair = basic === undefined ? undefined : Buffer.from(basic, "base64").toString().split(":");
    const [id, secret] = pair?.map(formDecode) ?? [form.get("client_id"), form.get("client_secret")];
    return id === this.clientId && secret === this.clientSecret;
  }

  /** RFC 6749 §4.4, with `resource` of RFC 8707 and the `audience` that many providers take instead. */
  async #grant(form: URLSearchParams): Promise<Response> {
    const scope = form.get("scope") ?? undefined;
    const audience = form.get("resource") ?? form.get("audience") ?? undefined;
    const token = await this.token({
      sub: this.clientId,
      ...(scope !== undefined && { scope }),
      ...(audience !== undefined && { audience }),
    });
    return Response.json(
      { access_token: token, token_type: "Bearer", expires_in: 3600, ...(scope !== undefined && { scope }) },
      { headers: { "cache-control": "no-store" } },
    );
  }
}

function formDecode(text: string): string {
  return new URLSearchParams(`v=${text}`).get("v") ?? "";
}

function oauthError(status: number, error: string): Response {
  return Response.json({ error }, { status, headers: { "cache-control": "no-store" } });
}
