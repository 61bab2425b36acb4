import { type Access, AuthError, type Values } from "@authmodes/core";
import { admitRoute, guardedRoute } from "@authmodes/core/adapter";
import { type CallToolResult, createMcpHandler, McpServer } from "@modelcontextprotocol/server";
import { z } from "zod";
import { errorReply, HttpError } from "./http/http-error.ts";
import type { ShopModel } from "./data/models.ts";
import type { Records } from "./data/records.ts";
import type { Endpoint } from "./shop.ts";

// The shop as tools of the Model Context Protocol. Loaded by the first request, so that the shop starts quickly.

/** Asks the rules of a model, as its routes do. */
type Ask = (operation: "list" | "create", model: string, input?: Values) => Promise<Access>;

/** The headers of the protocol. Tools get no others, which may hold credentials. */
const headerNames = ["accept", "content-type", "mcp-protocol-version", "mcp-method", "mcp-name"];

/** Creates the endpoint `/mcp`. */
export function createMcpEndpoint(models: readonly ShopModel[]): Endpoint {
  return async function mcp(auth, view, body) {
    // There are no streams and no sessions: each request gets a server of its own.
    if (view.method !== "POST") return { status: 405, headers: { Allow: "POST" }, body: "" };
    if (Array.isArray(body)) return errorReply(new HttpError(400, "Send one message at a time"), "problem");
    const ask: Ask = (operation, model, input) =>
      admitRoute(guardedRoute(auth, operation, model, {}), view, { input: () => input, load: undefined });
    const handler = createMcpHandler(() => createServer(models, ask), { maxSubscriptions: 0 });
    const headers = headerNames.flatMap((name): [string, string][] => {
      const value = view.header(name);
      return value === undefined ? [] : [[name, value]];
    });
    const request = new Request("http://127.0.0.1/mcp", { method: "POST", headers });
    const answer = await handler.fetch(request, { parsedBody: body ?? null });
    return {
      status: answer.status,
      headers: { ...Object.fromEntries(answer.headers), "cache-control": "no-store" },
      body: await answer.text(),
    };
  };
}

function createServer(models: readonly ShopModel[], ask: Ask): McpServer {
  const server = new McpServer({ name: "bookstore", version: "1.0.0" });
  const recordsOf = (name: string): Records => {
    const model = models.find((model) => model.name === name);
    if (model === undefined) throw new TypeError(`there is no model ${name}`);
    return model.records;
  };
  const list = async (model: string, wanted?: Values) => {
    const { filter, mask } = await ask("list", model);
    const { items } = await recordsOf(model).select(filter, { limit: 20 }, wanted);
    return items.map(mask);
  };
  const readOnly = { annotations: { readOnlyHint: true } };

  server.registerTool(
    "search_books",
    {
      description: "Finds at most 20 books by a part of their title or author. Upper and lower case differ.",
      inputSchema: z.object({ text: z.string() }),
      ...readOnly,
    },
    ({ text }) =>
      resultOf(() => list("Book", { or: [{ title: { contains: text } }, { author: { contains: text } }] })),
  );
  server.registerTool(
    "my_orders",
    { description: "Lists at most 20 orders that you may see.", inputSchema: z.object({}), ...readOnly },
    () => resultOf(() => list("Order")),
  );
  server.registerTool(
    "order_book",
    {
      description: "Orders a book by its id.",
      inputSchema: z.object({ bookId: z.string(), quantity: z.int().min(1).default(1) }),
    },
    (order) =>
      resultOf(async () => {
        const { input, mask } = await ask("create", "Order", order);
        return mask(await recordsOf("Order").create(input));
      }),
  );
  return server;
}

/** A rejection is a result too, so that the model reads it: what the same request by REST is answered. */
async function resultOf(act: () => Promise<unknown>): Promise<CallToolResult> {
  try {
    return { content: [{ type: "text", text: JSON.stringify(await act()) }] };
  } catch (error) {
    const { body } = error instanceof AuthError ? error.reply : errorReply(error, "problem");
    return { isError: true, content: [{ type: "text", text: body }] };
  }
}
