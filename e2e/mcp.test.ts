import { newApiKey } from "@authmodes/core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { generations, readChallenge, User } from "../packages/express/src/test/mcp-clients.ts";
import { mcpFrameworks, type McpServerProcess, startMcpServer } from "./support/mcp-servers.ts";
import { OidcProvider, publicClientId } from "./support/oidc-provider.ts";

// Clients of both generations of the MCP SDK sign in at node-oidc-provider and call the servers of docs/guides/mcp.md. Two
// frameworks here; all of them with PROOF=mcp (`npm run proof`).

const isProof = process.env["PROOF"] === "mcp";
const frameworks = isProof ? mcpFrameworks : (["express", "fastify"] as const);
const names = ["v1", "v2"] as const;
const cases = frameworks.map((framework) => ({
  framework,
  clients: isProof || framework === "express" ? names : (["v2"] as const),
}));

const wellKnown = "/.well-known/oauth-protected-resource";
const { key, stored } = await newApiKey({ expiresInSeconds: null });

describe.each(cases)("the guide's server on $framework", ({ framework, clients }) => {
  let provider: OidcProvider;
  let server: McpServerProcess;
  beforeAll(async () => {
    provider = await OidcProvider.start();
    server = await startMcpServer(framework, { issuer: provider.issuer, apiKeyHash: stored.hash });
  }, 180_000);
  afterAll(() => Promise.all([provider.stop(), server.stop()]));

  const call = (name: string) => ({ jsonrpc: "2.0", id: name, method: "tools/call", params: { name } });
  const post = (headers: Readonly<Record<string, string>>, body: unknown = call("search_books")) =>
    fetch(server.resource, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        accept: "application/json, text/event-stream",
        ...headers,
      },
      body: typeof body === "string" ? body : JSON.stringify(body),
    });
  const bearer = async (scope: string, resource = server.resource) => ({
    authorization: `Bearer ${await provider.tokenFor(resource, scope)}`,
  });

  describe.each(clients)("and a client of the SDK, %s,", (generation) => {
    const connect = generations[generation];
    const url = () => new URL(server.resource);

    it("finds the issuer, signs the user in, and again for a tool that needs another scope", async () => {
      const user = new User({ client_id: publicClientId, issuer: provider.issuer });
      const client = await connect(url(), user);
      const answer = (tool: string) => [{ type: "text", text: `${tool} for ${publicClientId}` }];
      expect(await client.call("search_books")).toEqual(answer("search_books"));
      expect(await client.call("order_book")).toEqual(answer("order_book"));
      const asked = user.asked.map((params) => Object.fromEntries(params));
      const request = { resource: server.resource, response_type: "code", code_challenge_method: "S256" };
      expect(asked).toEqual([
        expect.objectContaining({ ...request, scope: expect.stringMatching(/^books:read\b/) }),
        expect.objectContaining({ ...request, scope: expect.stringMatching(/^books:read books:order\b/) }),
      ]);
    });

    it("registers, if it has no id yet", async () => {
      const user = new User();
      const client = await connect(url(), user);
      const id = user.clientInformation()?.client_id ?? "";
      expect(id).not.toBe("");
      expect(await client.call("search_books")).toEqual([{ type: "text", text: `search_books for ${id}` }]);
    });

    it("is rejected with a token for another service, which it cannot use to sign in", async () => {
      const user = new User();
      const headers = await bearer("books:read", "https://other.example/mcp");
      await expect(connect(url(), undefined, headers)).rejects.toThrow();
      expect(user.asked).toEqual([]);
    });

    it("calls with an API key, and is not sent to sign in", async () => {
      const user = new User();
      const client = await connect(url(), user, { "x-api-key": key });
      expect(await client.call("order_book")).toEqual([
        { type: "text", text: "order_book for apiKey:partner" },
      ]);
      expect(user.asked).toEqual([]);
    });

    it("reads every challenge", async () => {
      const asked = async (headers: Readonly<Record<string, string>>, tool = "search_books") => {
        const { status, headers: answered } = await post(headers, call(tool));
        return [status, readChallenge(generation, answered.get("www-authenticate") ?? "")];
      };
      const document = { url: `${server.origin}${wellKnown}/mcp`, scope: undefined, error: undefined };
      const refused = [401, { ...document, error: "invalid_token" }];
      expect(await asked({})).toEqual([401, document]);
      expect(await asked({ "x-api-key": "wrong" })).toEqual([401, document]);
      expect(await asked({ authorization: "Bearer opaque" })).toEqual(refused);
      expect(await asked(await bearer("books:read", server.origin))).toEqual(refused);
      expect(await asked(await bearer("books:read"), "order_book")).toEqual([
        403,
        { ...document, scope: "books:read books:order", error: "insufficient_scope" },
      ]);
      expect((await post(await bearer("books:read books:order"), call("order_book"))).status).toBe(200);
    });
  });

  it("shows its document to everyone, at both paths", async () => {
    for (const path of [`${wellKnown}/mcp`, wellKnown]) {
      const answer = await fetch(server.origin + path);
      expect(await answer.json()).toEqual({
        resource: server.resource,
        authorization_servers: [provider.issuer],
        scopes_supported: ["books:read"],
        bearer_methods_supported: ["header"],
      });
      const preflight = await fetch(server.origin + path, { method: "OPTIONS" });
      expect([preflight.status, preflight.headers.get("access-control-allow-origin")]).toEqual([204, "*"]);
    }
  });

  it("looks at each message of a batch, and answers 400 to what is no message", async () => {
    const headers = await bearer("books:read");
    const statusOf = async (body: unknown) => (await post(headers, body)).status;
    expect(await statusOf([call("search_books"), call("search_books")])).toBe(200);
    expect(await statusOf([call("search_books"), call("order_book")])).toBe(403);
    for (const body of [[[call("order_book")]], [null], {}, "{"]) expect(await statusOf(body)).toBe(400);
  });

  it(framework === "next" ? "has no streams" : "ends a stream when its token expires", async () => {
    const open = async (headers: Readonly<Record<string, string>>) =>
      fetch(server.resource, { headers: { ...headers, accept: "text/event-stream" } });
    provider.tokenLifetime = 3;
    const headers = await bearer("books:read");
    provider.tokenLifetime = 300;
    const stream = await open(headers);
    if (framework === "next") return expect(stream.status).toBe(405);
    expect([stream.status, stream.headers.get("content-type")]).toEqual([200, "text/event-stream"]);
    await stream.text();
    expect((await open(headers)).status).toBe(401);
  });

  it("answers 503 without a challenge while the provider is down, and the client does not sign in", async () => {
    await provider.rotate();
    const headers = await bearer("books:read");
    provider.interrupt();
    const answer = await post(headers);
    expect([answer.status, answer.headers.get("www-authenticate")]).toEqual([503, null]);
    const user = new User({ client_id: publicClientId, issuer: provider.issuer });
    await expect(generations.v2(new URL(server.resource), user, headers)).rejects.toThrow();
    expect(user.asked).toEqual([]);
    provider.resume();
  });
});
