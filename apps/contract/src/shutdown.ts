import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { outbound } from "@authmodes/core/outbound";
import { expect, it } from "vitest";
import { connectTo } from "./realtime.ts";
import { running } from "./running.ts";

// Requests in flight while a further instance is closed.

export function shutdownContract(): void {
  it("answers the uploads in flight before it closes", async () => {
    const other = await running.start();
    // The server says "continue" once it has the request.
    const headers = {
      "x-api-key": other.ready.credentials.apiKey,
      "content-length": "4",
      expect: "100-continue",
    };
    const uploads = Array.from({ length: 20 }, () =>
      request(`${other.url}/whoami`, { method: "POST", headers }),
    );
    await Promise.all(
      uploads.map((upload) => {
        upload.flushHeaders();
        return once(upload, "continue");
      }),
    );
    const closed = other.close();
    await new Promise((resolve) => setTimeout(resolve, 300));
    const answers = uploads.map(async (upload) => {
      upload.end("body");
      const [{ statusCode }] = (await once(upload, "response")) as [IncomingMessage];
      return statusCode;
    });
    expect(await Promise.all(answers)).toEqual(Array.from({ length: 20 }, () => 200));
    await closed;
  }, 60_000);

  it("ends its WebSockets with a code after which clients connect again", async () => {
    const other = await running.start();
    const alice = other.callers.find(({ name }) => name === "alice")?.source ?? outbound.none();
    const client = await connectTo(other.url, alice);
    await client.init();
    await client.start("1", "subscription { onCreateOrder { id } }");
    await other.close();
    expect(await client.next()).toEqual({ type: "closed", code: 1001 });
  }, 60_000);
}
