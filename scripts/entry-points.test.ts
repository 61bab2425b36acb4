import { fileURLToPath } from "node:url";
import type { ModuleRunner } from "vite/module-runner";
import { afterAll, describe, expect, it } from "vitest";
import { createViteServer } from "vitest/node";
import { type EntryPoint, entryPoints } from "./entry-points.js";

// What each entry point of a published package exports, and what importing it evaluates on Node: modules of this
// repository by number, since servers load them at each cold start, and whether jose is among the others. The snapshot
// makes a new export or import visible in review; `npx vitest run scripts/entry-points -u` accepts it.

const packages = fileURLToPath(new URL("../packages/", import.meta.url));
const conditions = ["@authmodes/source", "node"];
const server = await createViteServer({
  configFile: false,
  root: packages,
  logLevel: "error",
  appType: "custom",
  server: { middlewareMode: true, watch: null, ws: false },
  optimizeDeps: { noDiscovery: true },
  resolve: { conditions },
  ssr: { resolve: { conditions } },
});
afterAll(() => server.close());

async function load({ file }: EntryPoint) {
  const { ssr } = server.environments;
  if (!("runner" in ssr)) throw new Error("the server has no module runner");
  const runner = ssr.runner as ModuleRunner;
  runner.clearCache();
  const exports: object = await runner.import(file);
  const loaded = [...runner.evaluatedModules.idToModuleMap.values()].map(
    (module) => module.file ?? module.id,
  );
  return {
    exports: Object.keys(exports).toSorted(),
    modules: loaded.filter((path) => path.startsWith(packages)).length,
    jose: loaded.some((path) => path === "jose" || path.includes("/jose/")),
  };
}

const adapters = new Set(["express", "fastify", "koa", "nestjs", "next"].map((name) => `@authmodes/${name}`));
/** How many modules an adapter loads at most. */
const most = 90;

describe("the entry point", () => {
  it.each(entryPoints())("$name", async (entryPoint) => {
    const loaded = await load(entryPoint);
    expect(loaded).toMatchSnapshot();
    const isForTests = entryPoint.name.includes("testing");
    if (adapters.has(entryPoint.name)) expect(loaded.modules).toBeLessThanOrEqual(most);
    if (!isForTests && entryPoint.package !== "identity-pool") expect(loaded.jose).toBe(false);
  });
});
