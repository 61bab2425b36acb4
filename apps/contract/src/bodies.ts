import { once } from "node:events";
import { connect } from "node:net";
import { describe, expect, it } from "vitest";
import { running } from "./running.ts";

export function bodiesContract(): void {
  describe("a body that never arrives", () => {
    it.each(["POST /graphql", "POST /books", "POST /orders", "PATCH /orders/101", "POST /whoami"])(
      "is not waited for if the caller is rejected: %s",
      async (request) => {
        for (const credentials of ["x-api-key: amk_wrong", "x-other: 1"]) {
          expect(await withheld(request, credentials)).toMatch(/^HTTP\/1.1 401 /);
        }
      },
    );
  });
}

/** Returns the answer to the head of a request. Rejects after five seconds without one. */
async function withheld(request: string, header: string): Promise<string> {
  const { hostname, port } = new URL(running.shop.url);
  const socket = connect(Number(port), hostname);
  const framing = ["Host: a", "Content-Type: application/json", "Content-Length: 1000000"];
  socket.write(`${request} HTTP/1.1\r\n${[...framing, header].join("\r\n")}\r\n\r\n`);
  try {
    const [data] = (await once(socket, "data", { signal: AbortSignal.timeout(5000) })) as [Buffer];
    return data.toString();
  } finally {
    socket.destroy();
  }
}
