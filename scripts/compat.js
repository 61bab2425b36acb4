// Compares our matrix with that of Amplify's transformer on random schemas, and exits 1 on a difference that is not
// listed in compat/differences.ts.
//   npm run compat                        200 schemas
//   npm run compat -- --schemas 1000      as many as you like, beginning with the same
//   npm run compat -- --seed 17           one schema, with what both sides say

import { spawnSync } from "node:child_process";
import { statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const options = /** @type {const} */ ({ seed: { type: "string" }, schemas: { type: "string" } });

process.chdir(fileURLToPath(new URL("..", import.meta.url)));
process.exitCode = main() ? 0 : 1;

function main() {
  const { seed, schemas } = parseArgs({ options }).values;
  for (const [name, value] of Object.entries({ seed, schemas })) {
    if (value === undefined || /^[1-9]\d*$/.test(value)) continue;
    console.error(`--${name} takes a whole number from 1 up, not '${value}'.`);
    return false;
  }
  const env = {
    ...process.env,
    ...(seed !== undefined && { COMPAT_SEED: seed }),
    ...(schemas !== undefined && { COMPAT_SCHEMAS: schemas }),
  };
  return (
    (isInstalled() || run("npm", ["ci", "--prefix", "compat", "--no-audit", "--no-fund"], env)) &&
    run("node_modules/.bin/tsc", ["-p", "compat"], env) &&
    run("node_modules/.bin/vitest", ["run", "--config", "compat/vitest.config.ts"], env)
  );
}

/** npm writes the hidden lock file last: newer than the lock file, it stands for a finished installation. */
function isInstalled() {
  const installed = statSync("compat/node_modules/.package-lock.json", { throwIfNoEntry: false });
  return installed !== undefined && installed.mtimeMs >= statSync("compat/package-lock.json").mtimeMs;
}

/**
 * @param {string} program
 * @param {readonly string[]} args
 * @param {NodeJS.ProcessEnv} env
 */
function run(program, args, env) {
  return spawnSync(program, args, { env, stdio: "inherit" }).status === 0;
}
