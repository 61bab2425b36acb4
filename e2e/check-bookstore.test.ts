import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { root } from "../scripts/files.js";
import { run } from "./support/process.ts";

/** The bookstore with all that it needs, as a module that `authmodes check` can load. */
const bookstoreOn = (name: string, serve: string) => `
import { listen, startShop } from "@authmodes/app-shared";

export let auth;
export let app;
${serve}
const running = await startShop({ name: "${name}", serve });
export const close = () => running.close();
`;

const serveBy = (name: string, listener: string) => `
import { createServer } from "@authmodes/app-${name}";
const serve = (shop, port) => {
  const log = (its) => ((auth = its), shop.log(its));
  app = createServer({ ...shop, log });
  return listen(${listener}, port);
};`;

const serveByFastify = `
import { createServer } from "@authmodes/app-fastify";
const serve = async (shop, port) => {
  const log = (its) => ((auth = its), shop.log(its));
  app = createServer({ ...shop, log });
  await app.ready();
  return listen((request, response) => app.routing(request, response), port);
};`;

const serveByNest = `
import { createShopAuth, ShopModule } from "@authmodes/app-nestjs";
import { NestFactory } from "@nestjs/core";
const serve = async (shop, port) => {
  auth = createShopAuth(shop);
  app = await NestFactory.create(ShopModule.forRoot(shop, auth), { logger: false });
  await app.init();
  return listen(app.getHttpAdapter().getInstance(), port);
};`;

it.each([
  ["express", serveBy("express", "app")],
  ["koa", serveBy("koa", "app.callback()")],
  ["fastify", serveByFastify],
  ["nestjs", serveByNest],
])("finds no error in the bookstore on %s, and lists its modes and routes", async (name, serve) => {
  const folder = await mkdtemp(join(tmpdir(), "authmodes-check-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  await symlink(join(root, "node_modules"), join(folder, "node_modules"));
  await writeFile(join(folder, "auth.mjs"), bookstoreOn(name, serve));
  const cli = join(root, "packages/cli/dist/main.js");
  const { code, stdout, stderr } = await run(process.execPath, [cli, "check", "--json"], { cwd: folder });
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  const report = JSON.parse(stdout) as {
    readonly modes: readonly { readonly mode: string }[];
    readonly routes: readonly { readonly path: string; readonly decision?: string }[];
  };
  expect(report.modes.map(({ mode }) => mode)).toEqual([
    "apiKey",
    "iam",
    "oidc",
    "userPool",
    "lambda",
    "none",
  ]);
  expect(report.routes).toContainEqual({
    method: "GET",
    path: "/books/:id",
    modes: ["apiKey", "iam", "oidc", "userPool", "lambda"],
    decision: "get Book",
  });
  expect(report.routes).toContainEqual({ method: "GET", path: "/suppliers/:mode", modes: ["userPool"] });
});
