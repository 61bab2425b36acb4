// `npm run proof`: proofs that are too slow for each change. `npm run proof -- <name>…` runs some of them.
import { spawnSync } from "node:child_process";
import { root } from "./files.js";

/** @type {Readonly<Record<string, readonly string[]>>} What is proved, and the command. */
const proofs = {
  // What `authmodes init` and `import` write, in a project of each framework, from packed tarballs.
  init: ["node", "scripts/e2e.js", "init-projects"],
  // Clients of both MCP SDK generations sign in and call the servers of the guide, on each framework; the conformance suite.
  mcp: ["node", "scripts/e2e.js", "mcp"],
  // Processes that write keys to one file are killed 200 times, and the disk is full.
  keys: ["node", "scripts/e2e.js", "keys-crash"],
  // Four processes behind a round robin, on Redis and on PostgreSQL: quotas, replays, revocations, a store that is killed.
  many: ["node", "scripts/e2e.js", "many-instances"],
  // Subscriptions of Amplify JS in Node and Chromium, in every mode, on each framework; restarts, expiry, revocation.
  realtime: ["node", "scripts/e2e.js", "realtime.test"],
};

process.chdir(root);
const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !Object.hasOwn(proofs, name));
if (unknown.length > 0) {
  console.error(`There is no proof ${unknown.join(", ")}; write one of: ${Object.keys(proofs).join(", ")}`);
  process.exit(2);
}
const failed = (asked.length === 0 ? Object.keys(proofs) : asked).filter((name) => {
  const [program = "", ...args] = proofs[name] ?? [];
  console.log(`proof: ${name}`);
  return spawnSync(program, args, { stdio: "inherit", env: { ...process.env, PROOF: name } }).status !== 0;
});
console.log(failed.length === 0 ? "Every proof holds." : `Failed: ${failed.join(", ")}`);
process.exitCode = failed.length === 0 ? 0 : 1;
