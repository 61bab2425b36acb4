import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { AuthError, nodeView } from "@authmodes/core";
import { createTestKit, type TestKit, type TestKitOptions } from "@authmodes/testing";
import { onTestFinished } from "vitest";

export interface TestServer {
  readonly url: string;
  readonly kit: TestKit;
}

/** Of the test kit. */
export const region = "us-east-1";

/** A server that listens until the test is over and has no handler yet, and its URL. */
export async function bind(): Promise<{ readonly server: Server; readonly url: string }> {
  const server = createServer();
  await once(server.listen(0, "127.0.0.1"), "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

/** The URL of a server that ends every connection. */
export async function unreachable(): Promise<string> {
  const { server, url } = await bind();
  server.on("connection", (socket) => socket.destroy());
  return url;
}

/** A server that takes all six modes and answers with who called and what was sent. */
export async function startServer(options?: TestKitOptions): Promise<TestServer> {
  const kit = await createTestKit(options);
  const auth = kit.auth();
  const stop = auth.onEvent(() => {});
  const { server, url } = await bind();
  server.on("request", (request, response) => {
    auth
      .authenticate(nodeView(request))
      .then(async ({ mode, id }) => {
        let body = "";
        for await (const chunk of request) body += String(chunk);
        response.setHeader("content-type", "application/json");
        response.end(JSON.stringify({ mode, id, method: request.method, target: request.url, body }));
      })
      .catch((error: unknown) => {
        if (!(error instanceof AuthError)) throw error;
        response.writeHead(error.status, { ...error.headers }).end(error.reply.body);
      });
  });
  onTestFinished(stop);
  return { url, kit };
}
