import { app as expressApp } from "@authmodes/app-express";
import { app as koaApp } from "@authmodes/app-koa";
import { type App, type RunningShop, startShop } from "@authmodes/app-shared";
import { createAuthFetch, outbound } from "@authmodes/core/outbound";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type Client, connectTo } from "../apps/contract/src/realtime.ts";
import { type DatabaseServer, postgresServer, redisServer } from "./support/database-servers.ts";
import { isMissing } from "./support/programs.ts";

// Two bookstores that share a store: what is written in one arrives at the subscribers of the other.

const kinds = [
  ["Redis", redisServer, isMissing("redis-server")],
  ["PostgreSQL", postgresServer, isMissing("initdb")],
] as const;

function alice({ ready }: RunningShop) {
  return outbound.userPool({ token: () => ready.credentials.alice.accessToken });
}

/** Orders a book. @returns the id of the order */
async function order(shop: RunningShop): Promise<unknown> {
  const response = await createAuthFetch(alice(shop), { origins: [shop.url] })(`${shop.url}/orders`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ bookId: "101", quantity: 1 }),
  });
  expect(response.status).toBe(201);
  return ((await response.json()) as { readonly id: string }).id;
}

const closed = { type: "closed", code: 1013 };
const onOrder = "subscription { onCreateOrder { id } }";

async function subscribed(shop: RunningShop): Promise<Client> {
  const client = await connectTo(shop.url, alice(shop));
  await client.init();
  expect(await client.start("1", onOrder)).toMatchObject({ type: "start_ack" });
  return client;
}

describe.each(kinds)("two bookstores on %s", (_name, start, isSkipped) => {
  let server: DatabaseServer;
  const shops: RunningShop[] = [];
  const open = async (app: App) => shops.push(await startShop(app, { store: server.url }));
  beforeAll(async () => {
    if (isSkipped) return;
    server = await start();
    await server.start();
    await open(expressApp);
    await open(koaApp);
  }, 120_000);
  afterAll(async () => {
    for (const shop of shops) await shop.close();
    if (!isSkipped) await server.stop();
  });

  it.skipIf(isSkipped)("send each other's events, also after the server was down", async () => {
    const [one, two] = shops as [RunningShop, RunningShop];
    const client = await subscribed(two);
    const first = await order(one);
    expect(await client.event()).toEqual({ id: first });
    await server.kill();
    expect(await client.next()).toEqual(closed);
    // A write needs no event.
    await order(one);
    expect(await (await subscribed(two)).next()).toEqual(closed);
    await server.start();
    // Amplify's clients connect again too.
    const isBack = async () => {
      const again = await subscribed(two);
      const id = await order(two);
      expect(await again.event()).toEqual({ id });
    };
    await vi.waitFor(isBack, { timeout: 20_000, interval: 500 });
  });
});
