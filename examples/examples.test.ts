import { FastifyAdapter } from "@nestjs/platform-fastify";
import { describe, expect, it, vi } from "vitest";
import {
  startExpress,
  startFastify,
  startHono,
  startKoa,
  startNest,
  startNestOn,
  startNext,
} from "./test/shops.ts";
import { expectedAnswers, visit } from "./test/visit.ts";

const visits = {
  Express: () => visit(() => import("./express.ts"), startExpress),
  Koa: () => visit(() => import("./koa.ts"), startKoa),
  Fastify: () => visit(() => import("./fastify.ts"), startFastify),
  Hono: () => visit(() => import("./hono.ts"), startHono),
  "NestJS on Express": () => visit(() => import("./nestjs.ts"), startNest),
  "NestJS on Fastify": () =>
    visit(
      () => import("./nestjs.ts"),
      (exports) => startNestOn(exports, new FastifyAdapter()),
    ),
  "Next.js": () => visit(() => import("./next.ts"), startNext),
};

describe.each(Object.entries(visits))("the example for %s", (_name, visitExample) => {
  it("verifies callers, decides by rules, and calls another service as the caller, no other one", async () => {
    vi.resetModules();
    expect(await visitExample()).toEqual(expectedAnswers);
  });
});
