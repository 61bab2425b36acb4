import { randomUUID } from "node:crypto";
import { type RequestListener, request as send } from "node:http";
import type { Auth } from "@authmodes/core";
import { authenticate, authErrorHandler, getIdentity } from "@authmodes/express";
import { localhostHostValidation } from "@modelcontextprotocol/sdk/server/middleware/hostHeaderValidation.js";
import {
  type EventStore,
  StreamableHTTPServerTransport,
} from "@modelcontextprotocol/sdk/server/streamableHttp.js";
import type { JSONRPCMessage } from "@modelcontextprotocol/sdk/types.js";
import express from "express";
import { createConformanceServer } from "./conformance-features.ts";

interface Session {
  /** The one that opened it. For others there is no such session. */
  readonly caller: string | null;
  readonly transport: StreamableHTTPServerTransport;
}

/** An MCP server with sessions, behind our guard. */
export function conformanceApp(auth: Auth): express.Express {
  const sessions = new Map<string, Session>();
  const open = async (caller: string | null): Promise<StreamableHTTPServerTransport> => {
    const transport = new StreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      onsessioninitialized: (id) => void sessions.set(id, { caller, transport }),
      eventStore: new Events(),
      retryInterval: 100,
    });
    await createConformanceServer().connect(transport);
    return transport;
  };
  const app = express();
  app.use(localhostHostValidation());
  app.all("/mcp", authenticate(auth), express.json(), async (request, response) => {
    const { id } = getIdentity(request, auth);
    const session = sessions.get(String(request.headers["mcp-session-id"]));
    if (session !== undefined && session.caller !== id) return void response.status(404).end();
    const transport = session?.transport ?? (await open(id));
    await transport.handleRequest(request, response, request.body);
  });
  return app.use(authErrorHandler());
}

/** The events of a session, which clients can request again. */
class Events implements EventStore {
  readonly #stored: { readonly stream: string; readonly message: JSONRPCMessage }[] = [];

  storeEvent(stream: string, message: JSONRPCMessage): Promise<string> {
    return Promise.resolve(String(this.#stored.push({ stream, message }) - 1));
  }

  async replayEventsAfter(
    last: string,
    { send }: { send: (id: string, message: JSONRPCMessage) => Promise<void> },
  ): Promise<string> {
    const stream = this.#stored[Number(last)]?.stream ?? "";
    for (const [i, event] of this.#stored.entries()) {
      if (i > Number(last) && event.stream === stream) await send(String(i), event.message);
    }
    return stream;
  }
}

/** A proxy that adds headers to what it forwards, for clients that have no credentials of their own. */
export function addingProxy(target: string, headers: Readonly<Record<string, string>>): RequestListener {
  return (request, response) => {
    const { method, url = "/" } = request;
    const forwarded = send(new URL(url, target), { method, headers: { ...request.headers, ...headers } });
    forwarded.on("response", (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    forwarded.on("error", () => response.destroy());
    response.on("close", () => forwarded.destroy());
    request.pipe(forwarded);
  };
}
