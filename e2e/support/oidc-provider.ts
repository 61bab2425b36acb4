import type { JWK } from "jose";
import { Provider } from "oidc-provider";
import { newSigner } from "../../packages/core/src/test/signer.ts";
import { TestServer } from "./server.ts";

export const clientId = "stock-service";
export const clientSecret = "a secret of sixty bits & more: %+";

/** Audiences, as RFC 8707 resources, whose tokens are signed with these algorithms. */
export const audiences = {
  RS256: "https://rs256.bookstore.test",
  ES256: "https://es256.bookstore.test",
} as const;

export type Algorithm = keyof typeof audiences;

/** node-oidc-provider on a port of its own. */
export class OidcProvider {
  readonly issuer: string;
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
    const handle = newProvider(this.issuer, keys).callback();
    this.#server.handle((request, response) => {
      this.requests.push(request.url ?? "");
      void handle(request, response);
    });
  }

  /** A token that the client gets for itself (RFC 6749 §4.4). */
  async token(algorithm: Algorithm): Promise<string> {
    const basic = [clientId, clientSecret].map((part) => encodeURIComponent(part)).join(":");
    const response = await fetch(`${this.issuer}/token`, {
      method: "POST",
      headers: { authorization: `Basic ${btoa(basic)}` },
      body: new URLSearchParams({ grant_type: "client_credentials", resource: audiences[algorithm] }),
    });
    const { access_token: token } = (await response.json()) as { readonly access_token: string };
    return token;
  }

  stop(): Promise<void> {
    return this.#server.stop();
  }

  startAgain(): Promise<void> {
    return this.#server.startAgain();
  }
}

function newProvider(issuer: string, keys: readonly JWK[]): Provider {
  return new Provider(issuer, {
    jwks: { keys: [...keys] },
    clients: [
      {
        client_id: clientId,
        client_secret: clientSecret,
        grant_types: ["client_credentials"],
        redirect_uris: [],
        response_types: [],
        scope: "read write",
      },
    ],
    scopes: ["read", "write"],
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: false },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (_context, resource) => ({
          scope: "read write",
          audience: resource,
          accessTokenFormat: "jwt",
          accessTokenTTL: 300,
          jwt: { sign: { alg: resource === audiences.ES256 ? "ES256" : "RS256" } },
        }),
      },
    },
  });
}

function newKey(algorithm: Algorithm): JWK {
  return { ...newSigner(algorithm).privateKey.export({ format: "jwk" }), alg: algorithm, use: "sig" };
}
