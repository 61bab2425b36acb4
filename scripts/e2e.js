// Runs the end-to-end tests: brings what they need, builds what they start, and says at the end what was skipped.
// Arguments go to vitest: npm run test:e2e -- curl

import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { installMissingParts, missingParts } from "./debian.js";
import { root } from "./files.js";
import { install } from "./install.js";

// Whole, since vitest takes paths from its own root.
const results = join(root, ".cache/e2e-results.json");
const reporters = ["--reporter=default", "--reporter=json", `--outputFile=${results}`];

process.chdir(root);
process.exitCode = main() ? 0 : 1;

function main() {
  rmSync(results, { force: true });
  installMissingParts();
  const ready =
    install("e2e") &&
    bin("turbo", ["run", "build", "--output-logs=errors-only"]) &&
    bin("tsc", ["--noEmit", "-p", "e2e"]);
  if (!ready) return false;
  // If this fails, the test of the move is skipped.
  if (install("move/amplify") && !bin("tsc", ["-p", "move"])) return false;
  // If this fails, the tests of the site do too.
  if (!existsSync("docs/.vitepress/dist/index.html")) run(process.execPath, ["scripts/docs.js"]);
  const options = ["--config", "e2e/vitest.config.ts", ...reporters];
  const passed = bin("vitest", ["run", ...options, ...process.argv.slice(2)]);
  reportSkipped();
  return passed;
}

function reportSkipped() {
  const skipped = skippedTests();
  if (skipped.length === 0) return;
  const missing = missingParts().map(
    (part) => `${part.program} (on Debian: apt-get install ${part.package})`,
  );
  console.log(missing.length === 0 ? "Skipped:" : `Skipped, since this machine lacks ${missing.join(", ")}:`);
  for (const name of skipped) console.log(`  ${name}`);
}

/** @returns {string[]} */
function skippedTests() {
  if (statSync(results, { throwIfNoEntry: false }) === undefined) return [];
  /** @type {{ testResults: { assertionResults: { status: string, fullName: string }[] }[] }} */
  const { testResults } = JSON.parse(readFileSync(results, "utf8"));
  const all = testResults.flatMap((file) => file.assertionResults);
  return all
    .filter(({ status }) => status !== "passed" && status !== "failed")
    .map(({ fullName }) => fullName);
}

/**
 * @param {string} name
 * @param {readonly string[]} args
 */
function bin(name, args) {
  return run(`node_modules/.bin/${name}`, args);
}

/**
 * @param {string} program
 * @param {readonly string[]} args
 */
function run(program, args) {
  return spawnSync(program, args, { stdio: "inherit" }).status === 0;
}
