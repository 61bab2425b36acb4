import type { IncomingMessage, ServerResponse } from "node:http";
import type { JWK } from "jose";
import { Provider } from "oidc-provider";
import { newSigner } from "../../packages/core/src/test/signer.ts";
import { TestServer } from "./server.ts";

export const clientId = "stock-service";
/** A client of users, which keeps no secret. */
export const publicClientId = "desktop";
const redirectUri = "http://127.0.0.1:9/callback"; // that of `User`
export const clientSecret = "a secret of sixty bits & more: %+";

/** Audiences, as RFC 8707 resources, whose tokens are signed with these algorithms. */
export const audiences = {
  RS256: "https://rs256.bookstore.test",
  ES256: "https://es256.bookstore.test",
} as const;

export type Algorithm = keyof typeof audiences;

/** node-oidc-provider on a port of its own. Clients may register themselves; every user is signed in as otto, and agrees. */
export class OidcProvider {
  readonly issuer: string;
  /** How long new tokens are valid, in seconds. */
  tokenLifetime = 300;
  readonly #server: TestServer;
  /** The paths that were asked for, oldest first. */
  readonly requests: string[] = [];

  private constructor(server: TestServer) {
    this.issuer = server.url;
    this.#server = server;
  }

  static async start(): Promise<OidcProvider> {
    const server = await TestServer.start((_request, response) => void response.writeHead(503).end());
    const provider = new OidcProvider(server);
    await provider.rotate();
    return provider;
  }

  /** New keys in place of the old ones. */
  async rotate(): Promise<void> {
    const keys = [newKey("RS256"), newKey("ES256")];
    const provider = newProvider(this.issuer, keys, () => this.tokenLifetime);
    const handle = provider.callback();
    this.#server.handle((request, response) => {
      this.requests.push(request.url ?? "");
      const fail = (error: unknown) => void response.writeHead(500).end(String(error));
      if (request.url?.startsWith("/interaction/")) agree(provider, request, response).catch(fail);
      else void handle(request, response);
    });
  }

  /** A token that the client gets for itself (RFC 6749 §4.4), for one of our audiences. */
  token(algorithm: Algorithm): Promise<string> {
    return this.tokenFor(audiences[algorithm]);
  }

  /** A token that the client gets for itself, for a resource (RFC 8707). */
  async tokenFor(resource: string, scope = ""): Promise<string> {
    const basic = [clientId, clientSecret].map((part) => encodeURIComponent(part)).join(":");
    const response = await fetch(`${this.issuer}/token`, {
      method: "POST",
      headers: { authorization: `Basic ${btoa(basic)}` },
      body: new URLSearchParams({ grant_type: "client_credentials", resource, scope }),
    });
    const { access_token: token } = (await response.json()) as { readonly access_token: string };
    return token;
  }

  stop(): Promise<void> {
    return this.#server.stop();
  }

  interrupt(): void {
    this.#server.interrupt();
  }

  resume(): void {
    this.#server.resume();
  }
}

const scopes = ["read", "write", "books:read", "books:order"];
const userScopes = [...scopes, "openid", "offline_access"];

function newProvider(issuer: string, keys: readonly JWK[], tokenLifetime: () => number): Provider {
  return new Provider(issuer, {
    jwks: { keys: [...keys] },
    clients: [
      {
        client_id: clientId,
        client_secret: clientSecret,
        grant_types: ["client_credentials"],
        redirect_uris: [],
        response_types: [],
        scope: scopes.join(" "),
      },
      {
        client_id: publicClientId,
        token_endpoint_auth_method: "none",
        grant_types: ["authorization_code", "refresh_token"],
        redirect_uris: [redirectUri],
        response_types: ["code"],
        scope: userScopes.join(" "),
      },
    ],
    scopes: userScopes,
    cookies: { keys: ["a key of the test"] },
    interactions: { url: (_context, { uid }) => `/interaction/${uid}` },
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: false },
      registration: { enabled: true },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (_context, resource) => ({
          scope: scopes.join(" "),
          audience: resource,
          accessTokenFormat: "jwt",
          accessTokenTTL: tokenLifetime(),
          jwt: { sign: { alg: resource === audiences.ES256 ? "ES256" : "RS256" } },
        }),
      },
    },
  });
}

/** What a grant lacks. */
interface Missing {
  readonly missingOIDCScope?: readonly string[];
  readonly missingResourceScopes?: Readonly<Record<string, readonly string[]>>;
}

/** What the user does at the provider: signs in, then grants what the client asks for. */
async function agree(provider: Provider, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { prompt, params, session } = await provider.interactionDetails(request, response);
  if (prompt.name === "login") {
    return provider.interactionFinished(request, response, { login: { accountId: "otto" } });
  }
  const grant = new provider.Grant({
    accountId: session?.accountId ?? "",
    clientId: String(params["client_id"]),
  });
  const { missingOIDCScope = [], missingResourceScopes = {} } = prompt.details as Missing;
  grant.addOIDCScope(missingOIDCScope.join(" "));
  for (const [resource, missing] of Object.entries(missingResourceScopes)) {
    grant.addResourceScope(resource, missing.join(" "));
  }
  const consent = { grantId: await grant.save() };
  await provider.interactionFinished(request, response, { consent }, { mergeWithLastSubmission: true });
}

function newKey(algorithm: Algorithm): JWK {
  return { ...newSigner(algorithm).privateKey.export({ format: "jwk" }), alg: algorithm, use: "sig" };
}
