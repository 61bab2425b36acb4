import { createHash } from "node:crypto";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createTestKit, type TestKit } from "@authmodes/testing";
import { getRequestListener } from "@hono/node-server";
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js";
import express from "express";
import { afterEach, describe, expect, it } from "vitest";
import {
  apiKey,
  type AuthEvent,
  authenticate,
  authErrorHandler,
  createAuth,
  getIdentity,
  getView,
  iam,
  oidc,
  protectedResource,
  toMcpAuthInfo,
  watchConnection,
} from "./index.ts";
import { generations, readChallenge, User } from "./test/mcp-clients.ts";

// An MCP server of the official SDK behind the modes, and the clients of both generations of the SDK.

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close().closeAllConnections();
});

async function listen(server: Server): Promise<string> {
  servers.push(server);
  if (!server.listening) await new Promise((resolve) => server.once("listening", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

interface Issuer {
  readonly kit: TestKit;
  /** What clients asked for at the authorization endpoint. */
  readonly asked: { readonly scope: string; readonly resource: string }[];
}

/** The kit's issuer over HTTP, with the authorization code flow (PKCE), in which the user always agrees. */
async function startIssuer(): Promise<Issuer> {
  const asked: { scope: string; resource: string }[] = [];
  const challenges: string[] = [];
  const app = express();
  const issuer = await listen(app.listen(0, "127.0.0.1"));
  const kit = await createTestKit({ oidc: { issuer } });
  app.get("/.well-known/oauth-authorization-server", (_request, response) => {
    response.json({
      issuer,
      authorization_endpoint: `${issuer}/authorize`,
      token_endpoint: `${issuer}/token`,
      response_types_supported: ["code"],
      code_challenge_methods_supported: ["S256"],
      token_endpoint_auth_methods_supported: ["none"],
    });
  });
  app.get("/authorize", (request, response) => {
    const query = new URL(request.url, issuer).searchParams;
    const sent = (name: string) => query.get(name) ?? "";
    const code = asked.push({ scope: sent("scope"), resource: sent("resource") }) - 1;
    challenges.push(sent("code_challenge"));
    response.redirect(`${sent("redirect_uri")}?code=${code}`);
  });
  app.post("/token", express.urlencoded({ extended: false }), async (request, response) => {
    const { code, code_verifier: verifier } = request.body as Record<string, string>;
    const { scope, resource } = asked[Number(code)] ?? {};
    const isProven = createHash("sha256").update(String(verifier)).digest("base64url");
    if (scope === undefined || resource === undefined || isProven !== challenges[Number(code)]) {
      response.status(400).json({ error: "invalid_grant" });
      return;
    }
    const token = await kit.oidc.token({ scope, audience: resource });
    response.json({ access_token: token, token_type: "Bearer", expires_in: 3600, scope });
  });
  app.use(
    getRequestListener(
      (request) => (kit.oidc.online ? kit.oidc.handle(request) : new Response(null, { status: 500 })),
      { overrideGlobalObjects: false },
    ),
  );
  return { kit, asked };
}

function bookTools(): McpServer {
  const server = new McpServer({ name: "books", version: "1.0.0" });
  for (const name of ["search_books", "order_book"]) {
    server.registerTool(name, { description: name }, ({ authInfo }) => ({
      content: [{ type: "text", text: JSON.stringify(authInfo) }],
    }));
  }
  return server;
}

async function startShop() {
  const { kit, asked } = await startIssuer();
  const app = express();
  const origin = await listen(app.listen(0, "127.0.0.1"));
  const resource = `${origin}/mcp`;
  const auth = createAuth(
    [
      apiKey(kit.apiKeys.options),
      iam(kit.accessKeys.options),
      oidc({ issuer: kit.oidc.issuer, audience: resource }),
    ],
    { resource, clock: kit.clock.now },
  );
  const events: AuthEvent[] = [];
  auth.onEvent((event) => events.push(event));
  app.use(protectedResource(auth, { scopes: ["books:read"] }).node);
  app.use("/mcp", authenticate(auth), express.json(), async (request, _response, next) => {
    const messages: readonly { params?: { name?: string } }[] = [request.body].flat();
    const isOrder = messages.some((message) => message?.params?.name === "order_book");
    const scopes = isOrder ? ["books:read", "books:order"] : ["books:read"];
    if (getIdentity(request, auth).mode === "oidc") await auth.authenticate(getView(request), { scopes });
    next();
  });
  app.all("/mcp", async (request, response) => {
    const watch = watchConnection(getIdentity(request, auth), () => response.end());
    response.once("close", () => watch.stop());
    const transport = new StreamableHTTPServerTransport({ enableJsonResponse: true });
    await bookTools().connect(transport);
    Object.assign(request, { auth: toMcpAuthInfo(getIdentity(request, auth)) });
    await transport.handleRequest(request, response, request.body);
  });
  app.use(authErrorHandler());
  return { kit, asked, events, url: new URL(resource), resource, origin };
}

function userOf({ oidc: { clientId, issuer } }: TestKit): User {
  return new User({ client_id: clientId, issuer });
}

/** What a tool got as `authInfo`. */
function authInfoIn(content: unknown): unknown {
  const [part] = content as readonly { text: string }[];
  return JSON.parse(part?.text ?? "");
}

describe.each(Object.entries(generations))("a client of the SDK, %s", (_name, connect) => {
  it("finds the issuer, signs in, and steps up for a tool that needs another scope", async () => {
    const { kit, asked, events, url, resource } = await startShop();
    const client = await connect(url, userOf(kit));
    expect(authInfoIn(await client.call("search_books"))).toMatchObject({
      token: "",
      clientId: kit.oidc.clientId,
      scopes: ["books:read"],
      expiresAt: expect.any(Number) as number,
      extra: { identity: { mode: "oidc", id: "otto" } },
    });
    expect(asked).toEqual([{ scope: "books:read", resource }]);
    expect(authInfoIn(await client.call("order_book"))).toMatchObject({
      scopes: ["books:read", "books:order"],
    });
    expect(asked.slice(1)).toEqual([{ scope: "books:read books:order", resource }]);
    const rejections = events.filter(({ type }) => type === "refused").map(({ reason }) => reason);
    expect(rejections).toEqual(["no_credentials", "scope_missing"]);
  });

  it("is rejected with a token for another service", async () => {
    const { kit, url, events } = await startShop();
    const token = await kit.oidc.token({ audience: "https://other.example/mcp", scope: "books:read" });
    await expect(connect(url, undefined, { authorization: `Bearer ${token}` })).rejects.toThrow();
    expect(events.map(({ reason }) => reason)).toContain("audience_refused");
  });

  it("calls with an API key, and is not sent to sign in", async () => {
    const { kit, asked, url } = await startShop();
    const client = await connect(url, userOf(kit), { "x-api-key": kit.apiKeys.valid.key });
    expect(authInfoIn(await client.call("order_book"))).toMatchObject({
      token: "",
      clientId: "apiKey:valid",
      scopes: [],
      extra: { identity: { mode: "apiKey" } },
    });
    expect(asked).toEqual([]);
  });

  it("does not sign in while the keys of the issuer cannot be fetched", async () => {
    const { kit, asked, url } = await startShop();
    const token = await kit.oidc.token({ audience: url.href, scope: "books:read" });
    kit.oidc.online = false;
    const headers = { authorization: `Bearer ${token}` };
    const answer = await fetch(url, { method: "POST", headers });
    expect([answer.status, answer.headers.get("www-authenticate")]).toEqual([503, null]);
    await expect(connect(url, userOf(kit), headers)).rejects.toThrow();
    expect(asked).toEqual([]);
  });
});

it("takes signed requests on the same path, over any method", async () => {
  const { kit, resource } = await startShop();
  const body = '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"order_book"}}';
  const json = { "content-type": "application/json", accept: "application/json, text/event-stream" };
  const signed = await kit.headersFor("iam", { method: "POST", url: resource, headers: json, body });
  const answer = await fetch(resource, { method: "POST", headers: { ...json, ...signed }, body });
  expect(answer.status).toBe(200);
  expect(await answer.text()).toContain(String.raw`\"mode\":\"iam\"`);
  for (const method of ["GET", "DELETE"]) {
    expect((await fetch(resource, { method })).status).toBe(401);
  }
});

it("ends a stream when its token expires", async () => {
  const { kit, resource } = await startShop();
  const token = await kit.oidc.token({ audience: resource, scope: "books:read", expiresInSeconds: 2 });
  const headers = { authorization: `Bearer ${token}`, accept: "text/event-stream" };
  const stream = await fetch(resource, { headers });
  expect([stream.status, stream.headers.get("content-type")]).toEqual([200, "text/event-stream"]);
  await stream.text();
  expect((await fetch(resource, { headers })).status).toBe(401);
});

describe.each(["v1", "v2"] as const)("the parser of the SDK, %s,", (generation) => {
  const parsed = (challenge: string) => readChallenge(generation, challenge);
  const nothing = { url: undefined, scope: undefined, error: undefined };

  // Why `Bearer` is first, has a parameter, and never an empty scope.
  it.each([
    ["Bearer", nothing],
    ['ApiKey, Bearer resource_metadata="https://h/m"', nothing],
    ['AWS4-HMAC-SHA256, Bearer error="invalid_token"', nothing],
    ['Bearer resource_metadata="https://h/m", ApiKey', { ...nothing, url: "https://h/m" }],
    ['Bearer scope="" error="invalid_token"', { ...nothing, scope: '""', error: "invalid_token" }],
    [
      'Bearer error="insufficient_scope", scope="a b", resource_metadata="https://h/m"',
      { url: "https://h/m", scope: "a b", error: "insufficient_scope" },
    ],
    [
      'DPoP error="use_dpop_nonce", algs="ES256", resource_metadata="https://h/m"',
      generation === "v1" ? nothing : { url: "https://h/m", scope: undefined, error: "use_dpop_nonce" },
    ],
  ])("reads %s", (challenge, expected) => {
    expect(parsed(challenge)).toEqual(expected);
  });

  it("reads every challenge of ours", async () => {
    const { kit, resource, origin } = await startShop();
    const url = `${origin}/.well-known/oauth-protected-resource/mcp`;
    const askedWith = async (headers: Readonly<Record<string, string>>, body = "{}") => {
      const type = { "content-type": "application/json" };
      const answer = await fetch(resource, { method: "POST", headers: { ...type, ...headers }, body });
      return [answer.status, parsed(answer.headers.get("www-authenticate") ?? "")];
    };
    const bearer = async (options: Parameters<typeof kit.oidc.token>[0]) => ({
      authorization: `Bearer ${await kit.oidc.token({ audience: resource, ...options })}`,
    });
    const refused = [401, { url, scope: undefined, error: "invalid_token" }];
    expect(await askedWith({})).toEqual([401, { ...nothing, url }]);
    expect(await askedWith({ "x-api-key": "wrong" })).toEqual([401, { ...nothing, url }]);
    expect(await askedWith(await bearer({ wrong: "expired" }))).toEqual(refused);
    expect(await askedWith(await bearer({ audience: origin }))).toEqual(refused);
    expect(await askedWith({ authorization: "Bearer opaque" })).toEqual(refused);
    expect(
      await askedWith(await bearer({ scope: "books:read" }), '{"params":{"name":"order_book"}}'),
    ).toEqual([403, { url, scope: "books:read books:order", error: "insufficient_scope" }]);
  });
});
