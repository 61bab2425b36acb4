// What is installed apart from the workspaces: Amplify's transformer, with which our matrix is compared on random schemas
// (a difference that compat/differences.ts does not list fails), and the versions of frameworks before the newest, which
// the adapters have to pass their audits on.
//   npm run compat                              all of it
//   npm run compat -- nestjs-11 next-15         these parts: transformer, express-4, nestjs-11, next-15
//   npm run compat -- --schemas 1000            the transformer, on as many schemas as you like, beginning with the same
//   npm run compat -- --seed 17                 one schema, with what both sides say

import { spawnSync } from "node:child_process";
import { parseArgs } from "node:util";
import { root } from "./files.js";
import { install } from "./install.js";

const options = /** @type {const} */ ({ seed: { type: "string" }, schemas: { type: "string" } });

process.chdir(root);
process.exitCode = main() ? 0 : 1;

function main() {
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined || /^[1-9]\d*$/.test(value)) continue;
    console.error(`--${name} takes a whole number from 1 up, not '${value}'.`);
    return false;
  }
  const { seed, schemas } = values;
  const env = {
    ...process.env,
    ...(seed !== undefined && { COMPAT_SEED: seed }),
    ...(schemas !== undefined && { COMPAT_SCHEMAS: schemas }),
  };
  /** @type {Record<string, () => boolean>} */
  const parts = {
    transformer: () =>
      install("compat") &&
      run("node_modules/.bin/tsc", ["-p", "compat"], env) &&
      run("node_modules/.bin/vitest", ["run", "--config", "compat/vitest.config.ts"], env),
    "express-4": () =>
      run("node_modules/.bin/vitest", ["run", "packages/express/src/audits", "-t", "Express 4"], env),
    "nestjs-11": () => run(process.execPath, ["compat/nestjs-11/check.js"], env),
    "next-15": () =>
      install("compat/next-15") &&
      run(
        "node_modules/.bin/turbo",
        ["run", "build", "--filter=./packages/*", "--output-logs=errors-only"],
        env,
      ) &&
      run(process.execPath, ["compat/next-15/check.js"], env),
  };
  const unknown = positionals.find((name) => !Object.hasOwn(parts, name));
  if (unknown !== undefined) {
    console.error(`There is no part '${unknown}'. The parts are ${Object.keys(parts).join(", ")}.`);
    return false;
  }
  const isOfTransformer = seed !== undefined || schemas !== undefined;
  const asked = positionals.length > 0 ? positionals : isOfTransformer ? ["transformer"] : Object.keys(parts);
  const failed = asked.filter((name) => parts[name]?.() !== true);
  if (failed.length > 0) console.error(`Failed: ${failed.join(", ")}`);
  return failed.length === 0;
}

/**
 * @param {string} program
 * @param {readonly string[]} args
 * @param {NodeJS.ProcessEnv} env
 */
function run(program, args, env) {
  return spawnSync(program, args, { env, stdio: "inherit" }).status === 0;
}
