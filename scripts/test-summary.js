// Says how a run of everything ended: what failed and why, and in the last line how many tests there were.
// node scripts/test-summary.js NAME=STATUS:OUTPUT[:RESULTS] … — a step's name and exit status, the file with what it
// printed, and what vitest wrote of its tests.

import { existsSync, readFileSync } from "node:fs";
import { stripVTControlCharacters } from "node:util";

/** @typedef {{ status: string, fullName: string, failureMessages: string[] }} Test */
/** @typedef {{ name: string, status: string, message: string, assertionResults: Test[] }} TestFile */

const shownLines = 30;
const counts = { passed: 0, failed: 0, skipped: 0 };

for (const step of process.argv.slice(2)) {
  const [, name = step, status, output = "", results = ""] = /^(.+)=(\d+):([^:]*):?(.*)$/.exec(step) ?? [];
  const failures = existsSync(results) ? count(JSON.parse(readFileSync(results, "utf8")).testResults) : [];
  if (status === "0") continue;
  console.log(`\n${name} ended with ${status}`);
  for (const failure of failures) console.log(failure);
  if (failures.length > 0) continue;
  // It also fails by its checks or its build.
  counts.failed++;
  if (existsSync(output)) console.log(indent(lastLines(readFileSync(output, "utf8"))));
}
const { passed, failed, skipped } = counts;
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
process.exitCode = failed === 0 ? 0 : 1;

/**
 * @param {readonly TestFile[]} files
 * @returns {string[]} a text for each failure
 */
function count(files) {
  return files.flatMap(({ name, status, message, assertionResults }) => {
    for (const test of assertionResults) counts[isCounted(test.status) ? test.status : "skipped"]++;
    const failures = assertionResults
      .filter((test) => test.status === "failed")
      .map(({ fullName, failureMessages }) => told(`${name}: ${fullName}`, failureMessages.join("\n")));
    if (status !== "failed" || failures.length > 0) return failures;
    // A file that does not load has no tests.
    counts.failed++;
    return [told(name, message)];
  });
}

/**
 * @param {string} status
 * @returns {status is keyof typeof counts}
 */
function isCounted(status) {
  return status in counts;
}

/**
 * @param {string} title
 * @param {string} message
 */
function told(title, message) {
  const lines = stripVTControlCharacters(message).split("\n").slice(0, shownLines);
  return `- ${title}\n${indent(lines.join("\n"))}`;
}

/** @param {string} text */
function lastLines(text) {
  return stripVTControlCharacters(text).trimEnd().split("\n").slice(-shownLines).join("\n");
}

/** @param {string} text */
function indent(text) {
  return text.replace(/^/gm, "    ");
}
