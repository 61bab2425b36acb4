import { createAuthFetch, outbound } from "@authmodes/core/outbound";
import {
  Client,
  StreamableHTTPClientTransport,
  type VersionNegotiationMode,
} from "@modelcontextprotocol/client";
import { describe, expect, it } from "vitest";
import { as, call, callBy, itemsOf, type Json, running } from "./running.ts";

// The shop as tools of an MCP server, called by a client of the official SDK with the credentials of each caller.

interface ToolResult {
  readonly isError: boolean;
  /** A record, a list of records, or the body of a rejection. */
  readonly value: unknown;
}

/** Calls a tool as one of the demo's callers. */
async function use(caller: string, name: string, args: Json = {}): Promise<ToolResult> {
  const client = await connect(caller);
  const { isError = false, content } = await client.callTool({ name, arguments: args });
  await client.close();
  const [part] = content;
  if (part?.type !== "text") throw new TypeError(`${name} answered ${JSON.stringify(content)}`);
  return { isError, value: /^[[{]/.test(part.text) ? JSON.parse(part.text) : part.text };
}

async function connect(caller: string, mode: VersionNegotiationMode = "legacy"): Promise<Client> {
  const { url } = running.shop;
  const source = running.sources.get(caller) ?? outbound.none();
  const client = new Client({ name: "contract", version: "1.0.0" }, { versionNegotiation: { mode } });
  const fetch = createAuthFetch(source, { origins: [url] });
  await client.connect(new StreamableHTTPClientTransport(new URL(`${url}/mcp`), { fetch }));
  return client;
}

const rejection = (code: string) => ({ isError: true, value: expect.objectContaining({ code }) });
const metadataPath = "/.well-known/oauth-protected-resource";

export function mcpContract(): void {
  describe("/mcp", () => {
    it.each(["legacy", "auto"] as const)(
      "has three tools, in protocol versions of clients (%s)",
      async (mode) => {
        const client = await connect("alice", mode);
        expect(client.getNegotiatedProtocolVersion()).toMatch(mode === "auto" ? /^2026-/ : /^2025-/);
        const { tools } = await client.listTools();
        if (mode === "auto")
          await expect(client.listen({ toolsListChanged: true })).rejects.toThrow("limit reached");
        await client.close();
        expect(tools.map(({ name }) => name)).toEqual(["search_books", "my_orders", "order_book"]);
      },
    );

    it.each([
      ["API key", false],
      ["guest", false],
      ["alice.aws", false],
      ["bob", false],
      ["otto", false],
      ["libby", true],
      ["machine", true],
    ])("searches books for %s, and shows what the shop pays: %s", async (caller, shown) => {
      const { value, isError } = await use(caller, "search_books", { text: "Pride" });
      const costPrice = shown ? expect.any(Number) : null;
      expect([isError, value]).toEqual([
        false,
        [expect.objectContaining({ id: "101", title: "Pride and Prejudice", costPrice })],
      ]);
    });

    it.each([
      ["lambda", "search_books", { text: "Pride" }],
      ["API key", "my_orders", {}],
      ["guest", "my_orders", {}],
      ["API key", "order_book", { bookId: "101" }],
      ["guest", "order_book", { bookId: "101" }],
      ["lambda", "order_book", { bookId: "101" }],
    ])("tells %s that the rules deny %s, as REST does", async (caller, tool, args) => {
      expect(await use(caller, tool, args)).toEqual(rejection("forbidden"));
    });

    it.each(["alice", "bob", "otto", "libby"])("shows %s the orders that REST shows", async (caller) => {
      expect(await use(caller, "my_orders")).toEqual({
        isError: false,
        value: itemsOf(await as(caller, "GET /orders")),
      });
    });

    it.each(["alice", "otto"])("orders a book for %s, who then owns the order", async (caller) => {
      const { value } = await use(caller, "order_book", { bookId: "102", quantity: 2 });
      expect(value).toMatchObject({ bookId: "102", quantity: 2, owner: caller });
      const { id } = value as { readonly id: string };
      expect(await as(caller, `GET /orders/${id}`)).toMatchObject({ status: 200, body: { owner: caller } });
      const other = caller === "alice" ? "bob" : "alice";
      expect((await as(other, `GET /orders/${id}`)).status).toBe(403);
      expect((await as(caller, `DELETE /orders/${id}`)).status).toBe(204);
    });

    it("lets no client choose the owner of an order", async () => {
      const args = { bookId: "102", owner: "bob" };
      const { value } = await use("alice", "order_book", args);
      expect(value).toMatchObject({ owner: "alice" });
      await as("alice", `DELETE /orders/${(value as { readonly id: string }).id}`);
    });

    it.each([
      ["order_book", { bookId: 102 }],
      ["order_book", { bookId: "102", quantity: 0 }],
      ["order_book", { bookId: "102", quantity: 2 ** 40 }],
      ["search_books", { text: "\0" }],
    ])("has %s reject %j", async (tool, args) => {
      expect(await use("alice", tool, args)).toMatchObject({ isError: true });
    });

    it("reports the decisions of a call", async () => {
      const seen: unknown[] = [];
      const stop = running.shop.log.listen((request) => seen.push(request));
      await use("API key", "my_orders");
      stop();
      expect(seen.at(-1)).toMatchObject({
        path: "/mcp",
        status: 200,
        caller: "demo-key",
        events: [{ type: "accepted" }, { type: "refused", code: "forbidden" }],
      });
    });

    it("names the issuers to clients without a token, for whom the document is open", async () => {
      const { url, ready } = running.shop;
      for (const method of ["GET", "POST", "DELETE"]) {
        const { status, headers } = await call("anonymous", "/mcp", { method });
        expect([status, headers.get("www-authenticate")]).toEqual([
          401,
          expect.stringContaining(`Bearer resource_metadata="${url}${metadataPath}/mcp"`),
        ]);
      }
      for (const path of [`${metadataPath}/mcp`, metadataPath]) {
        expect(await call("anonymous", path)).toMatchObject({
          status: 200,
          body: {
            resource: `${url}/mcp`,
            authorization_servers: [ready.oidcIssuer, expect.stringContaining(ready.userPoolId)],
          },
        });
      }
    });

    it("accepts tokens that the issuer gave for it, and none for other services", async () => {
      const { kit } = running.shop.identityProvider;
      const status = async (audience: string) => {
        const token = await kit.oidc.token({ audience });
        return (await callBy(outbound.oidc({ token: () => token }), "/mcp")).status;
      };
      expect(await status(`${running.shop.url}/mcp`)).toBe(405);
      expect(await status("https://other.example/mcp")).toBe(401);
    });

    it("has no streams, and takes one message at a time", async () => {
      for (const method of ["GET", "DELETE"]) {
        const { status, headers } = await call("alice", "/mcp", { method });
        expect([status, headers.get("allow")]).toEqual([405, "POST"]);
      }
      const ping = { jsonrpc: "2.0", id: 1, method: "ping" };
      expect((await as("alice", "POST /mcp", [ping])).status).toBe(400);
      expect((await as("alice", "POST /mcp", "{")).status).toBe(400);
      expect((await as("alice", "POST /mcp", {})).status).toBe(400);
    });

    it("may be called by pages of other origins", async () => {
      const { headers } = await call("anonymous", "/mcp", {
        method: "OPTIONS",
        headers: { origin: "https://inspector.example", "access-control-request-method": "POST" },
      });
      expect(headers.get("access-control-allow-headers")).toContain("mcp-protocol-version");
    });
  });

  it.each(["execute-api", "appsync"])("/mcp and /graphql accept requests signed for %s", async (service) => {
    const { region, credentials } = running.shop.ready;
    const signed = outbound.iam({ region, service, credentials: credentials.machine });
    const init = (body: object) => ({
      method: "POST",
      body: JSON.stringify(body),
      headers: { "content-type": "application/json", accept: "application/json, text/event-stream" },
    });
    const query = await callBy(signed, "/graphql", init({ query: "{ __typename }" }));
    expect([query.status, query.body]).toEqual([200, { data: { __typename: "Query" } }]);
    const { url } = running.shop;
    const ping = { jsonrpc: "2.0", id: 1, method: "ping" };
    const answer = await createAuthFetch(signed, { origins: [url] })(`${url}/mcp`, init(ping));
    expect([answer.status, await answer.text()]).toEqual([200, expect.stringContaining('"result":{}')]);
  });

  it.each(["lambda", "sts"])("/graphql rejects requests signed for %s", async (service) => {
    const { region, credentials } = running.shop.ready;
    const signed = outbound.iam({ region, service, credentials: credentials.machine });
    expect((await callBy(signed, "/graphql", { method: "POST", body: "{}" })).status).toBe(401);
  });
}
