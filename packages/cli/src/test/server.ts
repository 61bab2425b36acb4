import { once } from "node:events";
import { createServer } from "node:http";
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

/** For a server whose address has to be known before it listens. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** A server that takes all six modes and answers with who called and what was sent. */
export async function startServer(options?: TestKitOptions): Promise<TestServer> {
  const kit = await createTestKit(options);
  const auth = kit.auth();
  const stop = auth.onEvent(() => {});
  const server = createServer((request, response) => {
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
  await once(server.listen(0, "127.0.0.1"), "listening");
  onTestFinished(() => {
    stop();
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, kit };
}
