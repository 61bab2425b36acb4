import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { type AddressInfo, Server } from "node:net";
import { expect, it, onTestFinished, vi } from "vitest";

const readme = await readFile(new URL("../README.md", import.meta.url), "utf8");
const code = /```ts\n(.*?)```/s.exec(readme)?.[1] ?? "";
const [accepted, rejected] = [...readme.matchAll(/^\$ curl .*\n(.*)\n/gm)].map(([, answer = ""]) => answer);

it("the first block of the README runs, accepts the key that it prints, and rejects requests without one", async () => {
  const folder = new URL("../.cache/readme/", import.meta.url);
  await mkdir(folder, { recursive: true });
  await writeFile(new URL("server.ts", folder), code);
  const { listen } = Server.prototype;
  const servers: Server[] = [];
  vi.spyOn(Server.prototype, "listen").mockImplementation(function (this: Server, ...args: unknown[]) {
    servers.push(this);
    expect(args[0]).toBe(3000);
    return Reflect.apply(listen, this, [0, "127.0.0.1"]) as Server;
  });
  const printed = vi.spyOn(console, "log").mockImplementation(() => {});
  onTestFinished(async () => {
    vi.restoreAllMocks();
    for (const server of servers) server.close();
    await rm(folder, { recursive: true });
  });

  await import(new URL("server.ts", folder).href);
  const [line] = printed.mock.lastCall ?? [];
  const key = /^curl -H 'x-api-key: (.+)' http:\/\/localhost:3000\/books$/.exec(String(line))?.[1] ?? "";
  await vi.waitUntil(() => servers[0]?.listening);
  const [server] = servers;
  expect(server).toBeDefined();
  const { port } = Object(server?.address()) as AddressInfo;
  const url = `http://127.0.0.1:${port}/books`;
  const good = await fetch(url, { headers: { "x-api-key": key } });
  expect([good.status, await good.text()]).toEqual([200, accepted]);
  const bad = await fetch(url);
  expect([bad.status, rejected]).toEqual([401, expect.stringContaining('"code":"credentials_missing"')]);
  expect(await bad.json()).toMatchObject({ status: 401, code: "credentials_missing" });
});
