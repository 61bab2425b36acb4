import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { createAuth, none } from "@authmodes/core";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { listen } from "../http/listen.ts";
import { main } from "./main.ts";
import type { App } from "../shop.ts";
import type { CreateStudio } from "../rules/studio.ts";

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
  it("says what to write if an option is wrong, and exits with 1", async () => {
    expect(await main(["--app", "expres"], apps, never)).toBe(1);
    expect(err).toContain("Allowed choices are express, fastify, koa, nestjs, next");
    expect(out).toBe("");
  });

  it("shows its options, and exits with 0", async () => {
    expect(await main(["--help"], apps, never)).toBe(0);
    expect(out).toContain("--error-format");
  });

  it("says that a port is in use, and how to get another one", async () => {
    const other = await listen((_request, response) => response.end(), 0);
    const { port } = new URL(other.url);
    expect(await main(["--app", "koa", "--port", port, "--once"], apps, never)).toBe(1);
    expect(err).toBe(`error: Port ${port} is in use. --port 0 picks a free one`);
    await other.close();
  }, 60_000); // the very first start makes a database

  it.each(["nofile.graphql", "."])("says that the rules cannot be read in %s", async (file) => {
    expect(await main(["--port=0", "--schema", file], apps, never)).toBe(1);
    expect(err).toMatch(/^error: --schema: E\w+: /);
  });

  it("says that the store cannot be used, without its password", async () => {
    const store = "postgres://me:s3cret@127.0.0.1:1/x";
    expect(await main(["--port=0", "--store", store], apps, never)).toBe(1);
    expect(err).toMatch(
      /^error: --store: The PostgreSQL at 127.0.0.1:1 cannot be used: connect ECONNREFUSED/,
    );
    expect(err).not.toContain("s3cret");
  });

  it("says what is wrong with the rules", async () => {
    const file = fileURLToPath(new URL("../../README.md", import.meta.url));
    expect(await main(["--port=0", `--schema=${file}`], apps, never)).toBe(1);
    expect(err).toMatch(/^error: --schema: ./);
  });

  it("exits with 1 after a table in which something is not as expected", async () => {
    expect(await main(["--once", "--port", "0"], apps, never)).toBe(1);
    expect(out).toMatch(/✗ 200 +machine .* expected 401, got/);
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
    const [stop, other] = [new AbortController(), new AbortController()];
    const ended = main(["--studio", "--port=0"], { ...apps, studio }, once(stop.signal, "abort"));
    await vi.waitUntil(() => out.includes("in a browser"), { timeout: 15_000 });
    expect(out).toMatch(/change the rules: http:\/\/127\.0\.0\.1:\d+\/_studio\/\?token=a\n/);
    stop.abort();
    expect([await ended, out.match(/_studio/g)?.length, err]).toEqual([0, 1, ""]);
    out = "";
    const json = main(["--json", "--studio", "--port=0"], { ...apps, studio }, once(other.signal, "abort"));
    await vi.waitUntil(() => err !== "", { timeout: 15_000 });
    // The tables of interrupted shops may still be printed.
    const { url }: { url: string } = JSON.parse(/^\{.*/m.exec(out)?.[0] ?? "");
    expect([err, out.includes("_studio")]).toEqual([`${url}/_studio/?token=a`, false]);
    other.abort();
    expect(await json).toBe(0);
    out = "";
    expect(await main(["--once", "--port=0"], { ...apps, studio }, never)).toBe(1);
    expect([studio.mock.calls.length, out.includes("_studio")]).toEqual([2, false]);
  });
});
