import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it, onTestFinished } from "vitest";
import { run } from "./support/process.ts";

const repository = fileURLToPath(new URL("..", import.meta.url));

/** The bookstore with all that it needs, as a module that `authmodes check` can load. */
const bookstore = `
import { createServer } from "@authmodes/app-express";
import { listen, startShop } from "@authmodes/bookstore";

export let auth;
export let app;
const serve = (shop, port) => {
  const log = (its) => ((auth = its), shop.log(its));
  app = createServer({ ...shop, log });
  return listen(app, port);
};
const running = await startShop({ name: "express", serve });
export const close = () => running.close();
`;

it("finds no error in the bookstore, and lists its modes and routes", async () => {
  const folder = await mkdtemp(join(tmpdir(), "authmodes-check-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  await symlink(join(repository, "node_modules"), join(folder, "node_modules"));
  await writeFile(join(folder, "auth.mjs"), bookstore);
  const cli = join(repository, "packages/cli/dist/main.js");
  const { code, stdout, stderr } = await run(process.execPath, [cli, "check", "--json"], { cwd: folder });
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  const report = JSON.parse(stdout) as {
    readonly modes: readonly { readonly mode: string }[];
    readonly routes: readonly { readonly path: string; readonly decision?: string }[];
  };
  expect(report.modes.map(({ mode }) => mode)).toEqual([
    "apiKey",
    "iam",
    "userPool",
    "oidc",
    "lambda",
    "none",
  ]);
  expect(report.routes).toContainEqual({
    method: "GET",
    path: "/books/:id",
    modes: ["apiKey", "iam", "userPool", "oidc", "lambda"],
    decision: "get Book",
  });
});
