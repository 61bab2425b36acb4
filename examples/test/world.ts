import { createTestKit } from "@authmodes/testing";

/** What stands for the servers that the programs of the pages call, and for what their environment holds. */
export interface World {
  readonly fetch: typeof fetch;
  readonly variables: Readonly<Record<string, string>>;
}

const clientId = "1h57kf5cpq17m0eml12EXAMPLE";
const credentials = /^(?:authorization|cookie|x-api-key|x-amz-security-token|x-signature|x-tenant)$/;

/**
 * An issuer at id.example.com, the user pool us-east-1_Bookstore, an identity pool, and services below example.com that
 * answer with the credentials that they received. All of them live in this process.
 */
export async function createWorld(): Promise<World> {
  const kit = await createTestKit({
    userPoolClientId: clientId,
    oidc: { issuer: "https://id.example.com", audience: "https://api.example.com", clientId: "books" },
  });
  const real = globalThis.fetch;
  const token = await kit.oidc.token({ sub: "otto", scope: "books:read" });
  const refresh = (): Response =>
    Response.json({ access_token: token, refresh_token: "r-2", expires_in: 3600 });
  return {
    fetch: async (input, init) => {
      const request = new Request(input, init);
      const { host } = new URL(request.url);
      if (host === "id.example.com") {
        const isRefresh = (await request.clone().text()).includes("grant_type=refresh_token");
        return isRefresh ? refresh() : kit.oidc.fetch(request);
      }
      if (host.startsWith("cognito-idp.")) return kit.userPool.fetch(request);
      if (host.startsWith("cognito-identity.")) return identityPool(request);
      return host.endsWith(".example.com") ? answer(request) : real(request);
    },
    variables: {
      STUDIO: "1",
      SUPPLIER_KEY: "supplier-key",
      CLIENT_SECRET: kit.oidc.clientSecret,
      AWS_ACCESS_KEY_ID: "AKIDEXAMPLE",
      AWS_SECRET_ACCESS_KEY: "secret",
      ALICE: await kit.userPool.token({ username: "alice" }),
      BOB: await kit.userPool.token({ username: "bob" }),
      STAFF: await kit.userPool.token({ username: "sam", groups: ["Staff"] }),
      TOKEN: token,
      MCP_TOKEN: await kit.oidc.token({ audience: "https://api.example.com/mcp", scope: "books:read" }),
      EXPIRED: await kit.oidc.token({ wrong: "expired" }),
    },
  };
}

/** The credentials that came; a redirect to another host for `/moved`; 401 to a token that is called old. */
function answer(request: Request): Response {
  const { pathname } = new URL(request.url);
  if (pathname === "/moved") return Response.redirect("https://elsewhere.example.com/orders", 307);
  if (request.headers.get("authorization") === "Bearer old") return new Response(null, { status: 401 });
  return Response.json(Object.fromEntries([...request.headers].filter(([name]) => credentials.test(name))));
}

async function identityPool(request: Request): Promise<Response> {
  const { Logins } = (await request.json()) as { readonly Logins?: object };
  const IdentityId = "us-east-1:22222222-0000-4000-8000-000000000002";
  if (request.headers.get("x-amz-target")?.endsWith("GetId") === true) return Response.json({ IdentityId });
  const AccessKeyId = Logins === undefined ? "ASIAGUEST" : "ASIAUSER";
  const Expiration = Date.now() / 1000 + 3600;
  const Credentials = { AccessKeyId, SecretKey: "secret", SessionToken: "session", Expiration };
  return Response.json({ IdentityId, Credentials });
}
