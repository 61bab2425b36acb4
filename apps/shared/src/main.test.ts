import { once } from "node:events";
import { createAuth, none } from "@authmodes/core";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { listen } from "./listen.ts";
import { main } from "./main.ts";
import type { App } from "./shop.ts";
import type { CreateStudio } from "./studio.ts";

let out = "";
let err = "";
const never = new Promise<never>(() => undefined);

beforeEach(() => {
  out = "";
  err = "";
  vi.spyOn(process.stdout, "write").mockImplementation((text) => ((out += String(text)), true));
  vi.spyOn(process.stderr, "write").mockImplementation((text) => ((err += String(text)), true));
  vi.spyOn(console, "error").mockImplementation((text) => void (err += String(text)));
});
afterEach(() => {
  vi.restoreAllMocks();
});

/** Accepts every request as one of mode `none`. */
const careless: App = {
  name: "express",
  serve: (shop, port) => {
    shop.log(createAuth([none()]));
    return listen((_request, response) => response.end('{"mode":"none"}'), port);
  },
};
const apps = { app: async () => careless };

describe("npm start", () => {
  it("says what to write where an option is wrong, and exits with 1", async () => {
    expect(await main(["--app", "expres"], apps, never)).toBe(1);
    expect(err).toContain("Allowed choices are express, fastify, koa, nestjs, next");
    expect(out).toBe("");
  });

  it("shows its options, and exits with 0", async () => {
    expect(await main(["--help"], apps, never)).toBe(0);
    expect(out).toContain("--error-format");
  });

  it("says that a port is taken", async () => {
    const other = await listen((_request, response) => response.end(), 0);
    const { port } = new URL(other.url);
    expect(await main(["--once", "--port", port], apps, never)).toBe(1);
    expect(err).toContain(`port ${port} is taken; write --port`);
    await other.close();
  }, 60_000); // the very first start makes a database

  it("exits with 1 after a table in which something is not as expected", async () => {
    expect(await main(["--once", "--port", "0"], apps, never)).toBe(1);
    expect(out).toMatch(/✗ +machine .* 401 +200 +got/);
    expect(out).toMatch(/✗ \d+ of \d+ calls as expected/);
  });

  it("does not take an interruption of the table for success", async () => {
    expect(await main(["--once", "--port", "0"], apps, Promise.resolve())).toBe(130);
    expect(await main(["--json", "--port", "0"], apps, Promise.resolve())).toBe(0);
  });

  it("prints the link to the studio if it is switched on", async () => {
    const studio = vi.fn<() => Promise<CreateStudio>>(async () => () => ({
      node: () => undefined,
      link: "/_studio/?token=a",
    }));
    const stop = new AbortController();
    const ended = main(["--studio", "--port=0"], { ...apps, studio }, once(stop.signal, "abort"));
    await vi.waitUntil(() => out.includes("in a browser"), { timeout: 15_000 });
    expect(out).toMatch(/who may do what: http:\/\/127\.0\.0\.1:\d+\/_studio\/\?token=a\n/);
    stop.abort();
    expect(await ended).toBe(0);
    out = "";
    expect(await main(["--once", "--port=0"], { ...apps, studio }, never)).toBe(1);
    expect([studio.mock.calls.length, out.includes("_studio")]).toEqual([1, false]);
  });
});
