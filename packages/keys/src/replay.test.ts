import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { type AuthError, createAuth, iam, nodeView } from "@authmodes/core";
import { createAuthFetch, outbound } from "@authmodes/core/outbound";
import { expect, it, onTestFinished, vi } from "vitest";
import { createReplayStore } from "./replay.ts";
import { fileStore } from "./store/file.ts";
import { memoryStore } from "./store/memory.ts";
import type { Store } from "./store/store.ts";

const pair = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "s".repeat(40) };
const key = { ...pair, accountId: "123456789012", userArn: "arn:aws:iam::123456789012:user/a" };

/** A server with two instances, in turns. */
async function start(store: Store): Promise<{ url: string; sent: IncomingHttpHeaders[] }> {
  const auths = [0, 1].map(() => {
    const auth = createAuth([
      iam({ region: "eu-west-1", credentials: () => key, replay: createReplayStore(store) }),
    ]);
    auth.onEvent(() => {});
    return auth;
  });
  const sent: IncomingHttpHeaders[] = [];
  const server = createServer((request, response) => {
    const auth = auths[sent.push(request.headers) % 2];
    auth?.authenticate(nodeView(request)).then(
      () => response.end("ok"),
      (error: AuthError) => response.writeHead(error.status).end(error.reason),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/orders`, sent };
}

it("a signature is valid for one request, on all instances; without the store it is a 503", async () => {
  const store = memoryStore();
  let isDown = false;
  const once: Store["once"] = async (...args) => {
    if (isDown) throw new Error("connect ECONNREFUSED");
    return store.once?.(...args) ?? Promise.reject(new Error());
  };
  const { url, sent } = await start({ ...store, once });
  const source = outbound.iam({ region: "eu-west-1", credentials: async () => pair });
  const call = createAuthFetch(source, { origins: [new URL(url).origin] });
  expect(await (await call(url, { method: "POST", body: "{}" })).text()).toBe("ok");
  const headers = Object.fromEntries(
    Object.entries(sent[0] ?? {}).flatMap(([name, value]) =>
      /^(?:authorization|x-amz-.*|content-type)$/.test(name) ? [[name, String(value)]] : [],
    ),
  );
  const replays = await Promise.all(
    [0, 1, 2].map(async () => (await fetch(url, { method: "POST", body: "{}", headers })).text()),
  );
  expect(replays).toEqual(["replayed", "replayed", "replayed"]);
  isDown = true;
  vi.spyOn(console, "error").mockImplementation(() => {});
  const answer = await call(url, { method: "POST", body: "{1}" });
  expect(answer.status).toBe(503);
});

it("takes no store that cannot record", () => {
  expect(() => createReplayStore(fileStore("x.jsonl"))).toThrow("takes a store that records");
});
