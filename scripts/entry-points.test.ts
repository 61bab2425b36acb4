import { basename, dirname, relative } from "node:path";
import { fileURLToPath } from "node:url";
import type { ModuleRunner } from "vite/module-runner";
import { afterAll, describe, expect, it } from "vitest";
import { createViteServer } from "vitest/node";
import { type EntryPoint, entryPoints } from "./entry-points.js";

// What each entry point of a published package exports, and what importing it evaluates on Node: the modules of this
// repository, since servers load them at each cold start, and whether jose is among the others. The snapshot makes a new
// export or import visible in review; `npx vitest run scripts/entry-points -u` accepts it.

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
    modules: byFolder(loaded.filter((path) => path.startsWith(packages))),
    jose: loaded.some((path) => path === "jose" || path.includes("/jose/")),
  };
}

/** The names of modules, in a line for each folder. */
function byFolder(paths: readonly string[]): Readonly<Record<string, string>> {
  const folders = new Map<string, string[]>();
  for (const path of paths.toSorted()) {
    const folder = relative(packages, dirname(path));
    folders.set(folder, [...(folders.get(folder) ?? []), basename(path).replace(/\.tsx?$/, "")]);
  }
  return Object.fromEntries([...folders].map(([folder, names]) => [folder, names.join(" ")]));
}

/** How many modules an adapter loads at most. */
const most = 90;

describe("the entry point", () => {
  it.each(entryPoints())("$name", async (entryPoint) => {
    const loaded = await load(entryPoint);
    expect(loaded).toMatchSnapshot();
    const isForTests = entryPoint.name.includes("testing");
    // Adapters export all that core does.
    const isAdapter = loaded.exports.includes("createAuth") && entryPoint.package !== "core";
    const count = Object.values(loaded.modules).join(" ").split(" ").length;
    if (isAdapter) expect(count).toBeLessThanOrEqual(most);
    if (!isForTests && entryPoint.package !== "identity-pool") expect(loaded.jose).toBe(false);
  });
});
