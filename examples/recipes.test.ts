import { mkdir, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { apiKey, type Auth, createAuth, newApiKey } from "@authmodes/express";
import { createIdentityPool, type IdentityPool } from "@authmodes/identity-pool";
import express, { type Express } from "express";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { blocksOf, pages } from "../scripts/blocks.ts";

// Runs the limits of the pages as they are written: blocks that configure an app, but start no server.

const folder = new URL("../.cache/recipes/", import.meta.url);
beforeAll(() => mkdir(folder, { recursive: true }));
afterAll(() => rm(folder, { recursive: true }));

/** What blocks get from code that readers do not see. */
interface Given {
  readonly app?: Express;
  readonly auth?: Auth;
  readonly pool?: IdentityPool;
}

/** Runs the block of a page that has a text, and returns the app that it configured. */
async function run(page: string, text: string, given: Given): Promise<Express> {
  const found = pages().filter(({ path }) => path === page);
  const [block, second] = found.flatMap(blocksOf).filter(({ code }) => code.includes(text));
  expect([block?.language, second]).toEqual(["ts", undefined]);
  const code = block?.code ?? "";
  const imports = code.match(/^import [^;]+;\n/gm) ?? [];
  const body = imports.reduce((rest, line) => rest.replace(line, ""), code);
  const program = `${imports.join("")}export const run = ({ ${Object.keys(given).join(", ")} }) => {\n${body}return app;\n};\n`;
  const file = new URL(`line-${block?.line}.ts`, folder);
  await writeFile(file, program);
  const { run: configure } = (await import(file.href)) as { readonly run: (given: Given) => Express };
  return configure(given);
}

async function serve(app: Express): Promise<string> {
  const server = createServer(app).listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await new Promise((resolve) => server.once("listening", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** The different ones, in their order. */
async function statuses(count: number, ask: () => Promise<Response>): Promise<readonly number[]> {
  const all: number[] = [];
  for (let i = 0; i < count; i++) all.push((await ask()).status);
  return [...new Set(all)];
}

describe("the limit for guests of an identity pool", () => {
  const id = "us-east-1:5a3c1f0e-8d1b-4c5e-9f00-0123456789ab";
  const newKey = () => Buffer.from(globalThis.crypto.getRandomValues(new Uint8Array(32))).toString("base64");

  it("is for each address: the call after the last allowed one is a 429", async () => {
    const pool = createIdentityPool({
      id,
      accountId: "123456789012",
      keys: newKey(),
      identityKey: newKey(),
      roles: { guest: ["GET /books*"] },
      guests: "guest",
    });
    const app = await run("docs/guides/identity-pool.md", "rateLimit({", { app: express(), pool });
    const url = await serve(app);
    // The proxy adds the address that it sees to what the client sent.
    const getId = (address: string, claimed = "") =>
      fetch(`${url}/identity`, {
        method: "POST",
        headers: {
          "x-amz-target": "AWSCognitoIdentityService.GetId",
          "content-type": "application/x-amz-json-1.1",
          "x-forwarded-for": `${claimed}${address}`,
        },
        body: JSON.stringify({ IdentityPoolId: id }),
      });
    expect(await statuses(60, () => getId("192.0.2.1"))).toEqual([200]);
    expect(await statuses(5, () => getId("192.0.2.1"))).toEqual([429]);
    expect((await getId("192.0.2.1", "192.0.2.9, ")).status).toBe(429);
    expect((await getId("192.0.2.2")).status).toBe(200);
  });
});

describe("the limit against guessing keys", () => {
  async function start() {
    const [good, fresh] = await Promise.all([1, 2].map(() => newApiKey({ expiresInSeconds: null })));
    if (good === undefined || fresh === undefined) throw new Error("no keys");
    const auth = createAuth([apiKey({ keys: [good.stored, fresh.stored] })]);
    auth.onEvent(() => undefined);
    const app = await run("docs/guides/usage-plans.md", "mostRejections", { auth });
    app.get("/books", (_request, response) => void response.json([]));
    const url = await serve(app);
    let guesses = 0;
    const ask = (key: string | undefined, address: string) =>
      fetch(`${url}/books`, {
        headers: { "x-forwarded-for": address, ...(key !== undefined && { "x-api-key": key }) },
      });
    const guess = (address: string) => () => ask(`guess-${guesses++}`, address);
    return { good: good.key, fresh: fresh.key, ask, guess };
  }

  it("slows down an address that sends wrong keys, and no key that was accepted before", async () => {
    const { good, fresh, ask, guess } = await start();
    const address = "192.0.2.1";
    expect((await ask(good, address)).status).toBe(200);
    expect(await statuses(20, guess(address))).toEqual([401]);
    const slow = await guess(address)();
    expect([slow.status, slow.headers.get("retry-after")]).toEqual([429, "600"]);
    expect(await statuses(30, guess(address))).toEqual([429]);
    expect(await statuses(30, () => ask(good, address))).toEqual([200]);
    // A key that the server has not seen has to wait, or guesses would be free.
    expect((await ask(fresh, address)).status).toBe(429);
    expect((await ask(fresh, "192.0.2.2")).status).toBe(200);
    expect((await ask(fresh, address)).status).toBe(200);
  });

  it.each([
    ["names other addresses before the proxy's", (i: number) => `198.51.100.${i}, 192.0.2.3`],
    ["has a network of IPv6 addresses", (i: number) => `2001:db8:1:2::${i.toString(16)}`],
  ])("counts a client that %s as one", async (_, addressOf) => {
    const { guess } = await start();
    for (let i = 1; i <= 20; i++) expect((await guess(addressOf(i))()).status).toBe(401);
    expect((await guess(addressOf(21))()).status).toBe(429);
    expect((await guess("2001:db8:1:3::1")()).status).toBe(401);
  });

  it("counts no good request, and none without a key", async () => {
    const { good, ask, guess } = await start();
    const address = "192.0.2.4";
    expect(await statuses(30, () => ask(good, address))).toEqual([200]);
    expect(await statuses(30, () => ask(undefined, address))).toEqual([401]);
    expect((await guess(address)()).status).toBe(401);
  });
});
