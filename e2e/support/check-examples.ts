// Runs the compiled examples of a folder as their users would, and prints what came of it as JSON. It stands beside
// what the examples are installed with.
//   node check-examples.mjs <folder with express.js, koa.js …>

import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type * as express from "../../examples/express.ts";
import type * as fastify from "../../examples/fastify.ts";
import type * as hono from "../../examples/hono.ts";
import type * as koa from "../../examples/koa.ts";
import type * as nestjs from "../../examples/nestjs.ts";
import type * as next from "../../examples/next.ts";
import type * as outbound from "../../examples/outbound.ts";
import {
  startExpress,
  startFastify,
  startHono,
  startKoa,
  startNest,
  startNext,
} from "../../examples/test/shops.ts";
import { visit } from "../../examples/test/visit.ts";

const folder = process.argv[2] ?? ".";

const outcome = {
  express: await visit(() => load<typeof express>("express"), startExpress),
  koa: await visit(() => load<typeof koa>("koa"), startKoa),
  fastify: await visit(() => load<typeof fastify>("fastify"), startFastify),
  hono: await visit(() => load<typeof hono>("hono"), startHono),
  nestjs: await visit(() => load<typeof nestjs>("nestjs"), startNest),
  next: await visit(() => load<typeof next>("next"), startNext),
  outbound: await order(),
};
console.log(JSON.stringify(outcome));

/** What is sent to the supplier, which cannot be reached from here. */
async function order(): Promise<unknown> {
  process.env["SUPPLIER_SECRET"] = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
  const sent: unknown[] = [];
  globalThis.fetch = async (input, init) => {
    const request = new Request(input, init);
    const { method, url, headers } = request;
    sent.push({ method, url, authorization: headers.get("authorization"), body: await request.text() });
    return new Response(null, { status: 201 });
  };
  const example = await load<typeof outbound>("outbound");
  const { status } = await example.order("7");
  return { status, sent };
}

/** An example as a module, or, if a module cannot await, as a function that returns what it exports. */
async function load<Exports>(name: string): Promise<Exports> {
  const loaded: unknown = await import(pathToFileURL(join(folder, `${name}.js`)).href);
  return isFunction(loaded) ? ((await loaded.load()) as Exports) : (loaded as Exports);
}

function isFunction(loaded: unknown): loaded is { load(): Promise<unknown> } {
  return typeof Object(loaded)["load"] === "function";
}
