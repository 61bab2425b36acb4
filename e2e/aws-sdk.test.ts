import { Readable } from "node:stream";
import {
  ApiGatewayManagementApiClient,
  GetConnectionCommand,
  PostToConnectionCommand,
} from "@aws-sdk/client-apigatewaymanagementapi";
import { HttpResponse } from "@smithy/protocol-http";
import { describe, expect, inject, it } from "vitest";
import type { AccessKeyPair } from "./support/app.ts";
import { callersOf } from "./support/callers.ts";
import { parseWhoami, type Whoami } from "./support/whoami.ts";

const bookstore = inject("bookstore");
const { url, region, credentials } = bookstore;
const callers = callersOf(bookstore);

/** A client, and what the server answered it: the commands' own outputs have no room for it. */
function newClient(keys: AccessKeyPair) {
  const answers: Whoami[] = [];
  const client = new ApiGatewayManagementApiClient({
    region,
    endpoint: `${url}/whoami`,
    credentials: keys,
    maxAttempts: 1,
  });
  client.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      if (HttpResponse.isInstance(result.response)) {
        const chunks = await (result.response.body as Readable).toArray();
        const body = Buffer.concat(chunks as Buffer[]);
        answers.push(parseWhoami(body.toString()));
        result.response.body = Readable.from([body]);
      }
      return result;
    },
    { step: "deserialize", priority: "low" },
  );
  return { client, answers };
}

describe("@aws-sdk/client-apigatewaymanagementapi", () => {
  it("gets with an access key", async () => {
    const { client, answers } = newClient(credentials.machine);
    await client.send(new GetConnectionCommand({ ConnectionId: "L0SM9cOFvHcCIhw=" }));
    expect(answers).toEqual([expect.objectContaining({ ...callers.machine, bytes: 0 })]);
  });

  it("posts with temporary credentials", async () => {
    const { client, answers } = newClient(credentials.guest);
    await client.send(new PostToConnectionCommand({ ConnectionId: "a b/c", Data: "Grüße" }));
    expect(answers).toEqual([expect.objectContaining({ ...callers.guest, bytes: 7 })]);
  });

  it("learns that another secret is refused", async () => {
    const { secretAccessKey } = credentials.guest;
    const { client } = newClient({ ...credentials.machine, secretAccessKey });
    const sent = client.send(new GetConnectionCommand({ ConnectionId: "a" }));
    await expect(sent).rejects.toMatchObject({ $metadata: { httpStatusCode: 401 } });
  });
});
