// NestJS 11: the tests of @authmodes/nestjs, audits included, with the NestJS that is installed here; then a project as
// `nest new` makes it, with its own Jest and TypeScript, on the packages as they are published. Exits 1 if one fails.
//   node compat/nestjs-11/check.js

import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { install } from "../../scripts/install.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const here = import.meta.dirname;
const bin = (/** @type {string} */ name) => join(root, "node_modules/.bin", name);
const ownBin = (/** @type {string} */ name) => join(here, "node_modules/.bin", name);

const passed =
  install(here) &&
  run(bin("vitest"), ["run", "--config", join(here, "vitest.config.ts")], root) &&
  installPackages(["core", "testing", "nestjs"]) &&
  run(ownBin("tsc"), ["--noEmit"], join(here, "project")) &&
  run(ownBin("jest"), [], join(here, "project"));
process.exitCode = passed ? 0 : 1;

/**
 * Packs and unpacks, since a lock file could not know what is not published yet.
 * @param {readonly string[]} names
 */
function installPackages(names) {
  const filters = names.map((name) => `--filter=@authmodes/${name}`);
  if (!run(bin("turbo"), ["run", "build", ...filters, "--output-logs=errors-only"], root)) return false;
  const packed = mkdtempSync(join(tmpdir(), "authmodes-"));
  try {
    return names.every((name) => installPackage(name, packed));
  } finally {
    rmSync(packed, { recursive: true });
  }
}

/**
 * @param {string} name
 * @param {string} packed a folder for the tarball
 */
function installPackage(name, packed) {
  const source = join(root, "packages", name);
  const target = join(here, "node_modules/@authmodes", name);
  const { status, stdout } = spawnSync("npm", ["pack", "--json", "--pack-destination", packed], {
    cwd: source,
    encoding: "utf8",
  });
  if (status !== 0) return false;
  /** @type {readonly [{ readonly filename: string }]} */
  const [{ filename }] = JSON.parse(stdout);
  rmSync(target, { recursive: true, force: true });
  mkdirSync(target, { recursive: true });
  return run("tar", ["-xzf", join(packed, filename), "-C", target, "--strip-components=1"], root);
}

/**
 * @param {string} program
 * @param {readonly string[]} args
 * @param {string} cwd
 */
function run(program, args, cwd) {
  const env = { ...process.env, TURBO_TELEMETRY_DISABLED: "1" };
  return spawnSync(program, args, { cwd, env, stdio: "inherit" }).status === 0;
}
