import * as v2 from "@modelcontextprotocol/client";
import {
  extractWWWAuthenticateParams,
  type OAuthClientProvider,
  type OAuthDiscoveryState,
  UnauthorizedError,
} from "@modelcontextprotocol/sdk/client/auth.js";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import type {
  OAuthClientInformationMixed,
  OAuthClientMetadata,
  OAuthTokens,
} from "@modelcontextprotocol/sdk/shared/auth.js";

// The clients of both generations of the MCP SDK, and a user who signs in wherever they lead.

/** A client's id at an issuer. */
type ClientInformation = OAuthClientInformationMixed & { readonly issuer?: string };

/** A user at a client of the SDK, and what the client keeps. */
export class User implements OAuthClientProvider {
  readonly redirectUrl = "http://127.0.0.1:9/callback";
  readonly clientMetadata: OAuthClientMetadata = {
    redirect_uris: ["http://127.0.0.1:9/callback"],
    token_endpoint_auth_method: "none",
  };
  /** Where the client led the user, oldest first. */
  readonly asked: URLSearchParams[] = [];
  /** What the issuer sent to the client last. */
  callback: URLSearchParams = new URLSearchParams();
  #client: ClientInformation | undefined;
  #discovered: OAuthDiscoveryState | undefined;
  #tokens: OAuthTokens | undefined;
  #verifier = "";

  /** @param client its id at the issuer; default: it registers itself */
  constructor(client?: ClientInformation) {
    this.#client = client;
  }

  clientInformation(): ClientInformation | undefined {
    return this.#client;
  }

  saveClientInformation(client: ClientInformation): void {
    this.#client = client;
  }

  saveDiscoveryState(state: OAuthDiscoveryState): void {
    this.#discovered = state;
  }

  discoveryState(): OAuthDiscoveryState | undefined {
    return this.#discovered;
  }

  tokens(): OAuthTokens | undefined {
    return this.#tokens;
  }

  saveTokens(tokens: OAuthTokens): void {
    this.#tokens = tokens;
  }

  /** Follows the redirects of the issuer as a browser does, until they lead back to the client. */
  async redirectToAuthorization(start: URL): Promise<void> {
    this.asked.push(start.searchParams);
    const cookies = new Map<string, readonly [path: string, pair: string]>();
    let url = start;
    for (let hops = 0; !url.href.startsWith(this.redirectUrl); hops++) {
      if (hops > 10) throw new Error(`${start.origin} does not lead back to the client`);
      const { pathname } = url;
      const sent = [...cookies.values()].filter(([path]) => pathname.startsWith(path));
      const cookie = sent.map(([, pair]) => pair).join("; ");
      const answer = await fetch(url, { redirect: "manual", headers: { cookie } });
      for (const line of answer.headers.getSetCookie()) {
        const [, pair = "", name = ""] = /^(([^=]+)=[^;]*)/.exec(line) ?? [];
        const path = /; path=([^;]+)/i.exec(line)?.[1] ?? "/";
        cookies.set(`${name} ${path}`, [path, pair]);
      }
      const location = answer.headers.get("location");
      if (location === null) throw new Error(`${url.href} answered ${answer.status}: ${await answer.text()}`);
      url = new URL(location, url);
    }
    if (!url.searchParams.has("code")) throw new Error(`${start.origin} gave no code: ${url.search}`);
    this.callback = url.searchParams;
  }

  saveCodeVerifier(verifier: string): void {
    this.#verifier = verifier;
  }

  codeVerifier(): string {
    return this.#verifier;
  }
}

/** A client that is connected. */
export interface Connected {
  /** Calls a tool, and returns its content. */
  call(tool: string): Promise<unknown>;
}

export type Connect = (
  url: URL,
  user: User | undefined,
  headers?: Readonly<Record<string, string>>,
) => Promise<Connected>;

/** Does it, and once more if the user had to sign in for it. */
async function signingIn<T>(
  user: User | undefined,
  finish: () => Promise<void>,
  act: () => Promise<T>,
): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (!(user && (error instanceof UnauthorizedError || error instanceof v2.UnauthorizedError))) throw error;
    await finish();
    return act();
  }
}

/** How a client of each generation connects. */
export const generations: Readonly<Record<"v1" | "v2", Connect>> = {
  v1: async (url, authProvider, headers = {}) => {
    const client = new Client({ name: "test", version: "1.0.0" });
    const options = { ...(authProvider && { authProvider }), requestInit: { headers } };
    let transport = new StreamableHTTPClientTransport(url, options);
    const finish = () => transport.finishAuth(authProvider?.callback.get("code") ?? "");
    await signingIn(authProvider, finish, () => {
      transport = new StreamableHTTPClientTransport(url, options);
      return client.connect(transport);
    });
    return {
      call: (name) => signingIn(authProvider, finish, async () => (await client.callTool({ name })).content),
    };
  },
  v2: async (url, authProvider, headers = {}) => {
    const client = new v2.Client({ name: "test", version: "1.0.0" });
    const options = { ...(authProvider && { authProvider }), requestInit: { headers } };
    let transport = new v2.StreamableHTTPClientTransport(url, options);
    const finish = () => transport.finishAuth(authProvider?.callback ?? new URLSearchParams());
    await signingIn(authProvider, finish, () => {
      transport = new v2.StreamableHTTPClientTransport(url, options);
      return client.connect(transport);
    });
    return {
      call: (name) => signingIn(authProvider, finish, async () => (await client.callTool({ name })).content),
    };
  },
};

const parsers = { v1: extractWWWAuthenticateParams, v2: v2.extractWWWAuthenticateParams };

/** What a client reads of a challenge. */
export interface ReadChallenge {
  readonly url: string | undefined;
  readonly scope: string | undefined;
  readonly error: string | undefined;
}

export function readChallenge(generation: "v1" | "v2", challenge: string): ReadChallenge {
  const answer = new Response(null, { status: 401, headers: { "www-authenticate": challenge } });
  const { resourceMetadataUrl, scope, error } = parsers[generation](answer);
  return { url: resourceMetadataUrl?.href, scope, error };
}
