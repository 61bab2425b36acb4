import "reflect-metadata";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { readFileSync } from "node:fs";
import { app as expressApp, createServer as createExpress } from "@authmodes/app-express";
import { app as fastifyApp, createServer as createFastify } from "@authmodes/app-fastify";
import { app as koaApp, createServer as createKoa } from "@authmodes/app-koa";
import { app as nestjsApp, createShopAuth, ShopModule } from "@authmodes/app-nestjs";
import { app as nextApp } from "@authmodes/app-next";
import { type App, type RunningShop, type Shop, startShop } from "@authmodes/app-shared";
import { NestFactory } from "@nestjs/core";
import type { NestExpressApplication } from "@nestjs/platform-express";
import type { FastifyInstance } from "fastify";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

// Everything that a caller can reach of the sample apps, as each framework itself lists it, called without credentials:
// what is open is in a list, all else rejects. A new route without a guard fails here.

interface EntryPoint {
  readonly method: string;
  readonly path: string;
}

/** Open to every caller. */
const open: ReadonlySet<string> = new Set(["GET /health", "GET /public/ping"]);
/** What every app has. */
const guarded: readonly string[] = [
  "POST /graphql",
  "POST /mcp",
  "GET /mcp",
  "GET /suppliers/101",
  ...["/books", "/orders", "/reviews", "/clubs", "/employees", "/reports"].flatMap((path) => [
    `GET ${path}`,
    `POST ${path}`,
    ...["GET", "PATCH", "DELETE"].map((method) => `${method} ${path}/101`),
  ]),
];
const openPages: ReadonlySet<string> = new Set(["GET /", "GET /page.css", "GET /page.js", "GET /page.svg"]);
const methods = ["GET", "POST", "PUT", "PATCH", "DELETE"];

/** The shop that an app was given, for a second look at how the app is built. */
function capturing(app: App): { readonly app: App; readonly shop: () => Shop } {
  let captured: Shop | undefined;
  return {
    app: {
      name: app.name,
      serve(shop, port) {
        captured = shop;
        return app.serve(shop, port);
      },
    },
    shop: () => captured ?? expect.fail("the app was not started"),
  };
}

interface RouterLayer {
  readonly route?: { readonly path: string; readonly methods: Readonly<Record<string, boolean>> };
}

function routesOfExpress(stack: readonly RouterLayer[]): readonly EntryPoint[] {
  return stack.flatMap(({ route }) =>
    route === undefined
      ? []
      : Object.keys(route.methods).map((name) => ({ method: name.toUpperCase(), path: route.path })),
  );
}

async function entriesOfExpress(shop: Shop): Promise<readonly EntryPoint[]> {
  return routesOfExpress(createExpress(shop).router.stack as unknown as readonly RouterLayer[]);
}

/** Fastify tells of its routes as they are made, so that its servers have to be watched from their beginning. */
async function entriesOfFastify(shop: Shop): Promise<readonly EntryPoint[]> {
  const entries: EntryPoint[] = [];
  const watch = (message: unknown): void => {
    const { fastify } = message as { readonly fastify: FastifyInstance };
    fastify.addHook("onRoute", ({ method, url }) => {
      entries.push(...[method].flat().map((name) => ({ method: name, path: url })));
    });
  };
  subscribe("fastify.initialization", watch);
  const app = createFastify(shop);
  unsubscribe("fastify.initialization", watch);
  await app.ready();
  await app.close();
  return entries;
}

interface KoaRouter {
  readonly stack: readonly { readonly methods: readonly string[]; readonly path: string }[];
}

async function entriesOfKoa(shop: Shop): Promise<readonly EntryPoint[]> {
  const routers = createKoa(shop).middleware.flatMap((middleware) =>
    "router" in middleware ? [middleware.router as KoaRouter] : [],
  );
  return routers.flatMap(({ stack }) =>
    stack.flatMap(({ methods, path }) => methods.map((method) => ({ method, path }))),
  );
}

async function entriesOfNest(shop: Shop): Promise<readonly EntryPoint[]> {
  const module = ShopModule.forRoot(shop, createShopAuth(shop));
  const app = await NestFactory.create<NestExpressApplication>(module, {
    logger: false,
    abortOnError: false,
  });
  await app.init();
  const { router } = app.getHttpAdapter().getInstance() as unknown as {
    router: { stack: readonly RouterLayer[] };
  };
  const entries = routesOfExpress(router.stack);
  await app.close();
  return entries;
}

/** Any method may be called on any path of Next's. */
async function entriesOfNext(): Promise<readonly EntryPoint[]> {
  const manifest = new URL("../apps/next/.next/app-path-routes-manifest.json", import.meta.url);
  const files = JSON.parse(readFileSync(manifest, "utf8")) as Readonly<Record<string, string>>;
  return Object.entries(files)
    .filter(([file]) => file.endsWith("/route") && file !== "/icon.svg/route")
    .flatMap(([, path]) => methods.map((method) => ({ method, path })));
}

/** A path that the pattern of a framework matches. */
function pathOf(pattern: string): string {
  return pattern
    .replace(/\{?\/?(?:\*\w+|\[\[?\.\.\.\w+\]\]?)\}?/, "/below")
    .replaceAll(/:\w+|\[\w+\]/g, "101");
}

interface Tested {
  readonly app: App;
  readonly entries: (shop: Shop) => Promise<readonly EntryPoint[]>;
  readonly supplier?: App;
}

const apps: Readonly<Record<string, Tested>> = {
  express: { app: expressApp, entries: entriesOfExpress },
  fastify: { app: fastifyApp, entries: entriesOfFastify },
  koa: { app: koaApp, entries: entriesOfKoa },
  nestjs: { app: nestjsApp, entries: entriesOfNest },
  next: { app: nextApp, entries: entriesOfNext, supplier: expressApp },
};

describe.each(Object.entries(apps))("%s, without credentials", (name, { app, entries, supplier }) => {
  let running: RunningShop;
  let all: readonly EntryPoint[];
  const captured = capturing(app);

  beforeAll(async () => {
    // With the app as its own supplier the shop that was captured could be either of the two: they are alike.
    running = await startShop(captured.app, { supplier: supplier ?? expressApp });
    all = await entries(captured.shop());
  }, 120_000);
  afterAll(() => running.close());

  const ask = (method: string, path: string, headers: Record<string, string> = {}, body?: BodyInit) =>
    fetch(running.url + path, { method, headers, redirect: "manual", ...(body !== undefined && { body }) });

  it("is open to requests in the list, and rejects all others", async () => {
    expect(all.length).toBeGreaterThan(30);
    const answers = new Map<string, number>();
    for (const { method, path } of all) {
      if (!methods.includes(method)) continue;
      const body = method === "GET" ? undefined : "{}";
      const { status } = await ask(method, pathOf(path), { "content-type": "application/json" }, body);
      answers.set(`${method} ${pathOf(path)}`, status);
    }
    for (const entry of open) expect([entry, answers.get(entry)]).toEqual([entry, 200]);
    for (const entry of guarded) expect([entry, answers.get(entry)]).toEqual([entry, 401]);
    // A path without a route gives nothing away.
    const others = [...answers].filter(([entry]) => !open.has(entry));
    expect(others.filter(([, status]) => ![401, 404, 405].includes(status))).toEqual([]);
  });

  it("answers preflights with headers alone", async () => {
    for (const path of [
      "/books",
      "/orders/101",
      "/graphql",
      "/mcp",
      "/whoami",
      "/suppliers/iam",
      "/public/ping",
    ]) {
      const response = await ask("OPTIONS", path, {
        origin: "https://shop.example",
        "access-control-request-method": "POST",
      });
      expect([path, response.status, await response.text()]).toEqual([path, 204, ""]);
      // Without asking for a method it is a request like any other.
      expect((await ask("OPTIONS", "/whoami")).status).not.toBe(200);
    }
  });

  it("upgrades no connection", async () => {
    for (const path of ["/", "/graphql", "/books"]) {
      const response = await ask("GET", path, { "sec-websocket-version": "13" }).catch(() => undefined);
      expect(response?.status).not.toBe(101);
    }
  });

  // oxlint-disable-next-line vitest/no-conditional-tests -- Next has a page of its own
  if (name === "next") {
    it("runs no server action without a caller, except signing in and out", async () => {
      const manifest = new URL("../apps/next/.next/server/server-reference-manifest.json", import.meta.url);
      const { node } = JSON.parse(readFileSync(manifest, "utf8")) as {
        node: Readonly<Record<string, { exportedName: string }>>;
      };
      const actions = Object.entries(node).map(([id, { exportedName }]) => ({ id, name: exportedName }));
      expect(actions.length).toBeGreaterThan(5);
      for (const { id, name } of actions.filter(({ name }) => !["signIn", "signOut"].includes(name))) {
        const form = new FormData();
        for (const [field, value] of [
          ["book", "101"],
          ["order", "101"],
          ["quantity", "1"],
          ["price", "1"],
        ] as const)
          form.set(`1_${field}`, value);
        form.set("0", '[null,"$K1"]');
        const response = await ask("POST", "/", { "next-action": id, accept: "text/x-component" }, form);
        expect([name, await response.text()]).toEqual([
          name,
          expect.stringMatching(/"refused":\{"status":401/),
        ]);
      }
    });
  } else {
    it("serves the page, and the demo to the page alone", async () => {
      for (const entry of openPages) expect((await ask("GET", entry.slice(4))).status).toBe(200);
      for (const path of ["/demo/log", "/demo/events"]) {
        expect((await ask("GET", path, { origin: "https://evil.example" })).status).toBe(403);
      }
    });
  }
});
