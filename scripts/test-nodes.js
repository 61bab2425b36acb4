// `npm run test:nodes`: the unit tests on the other versions of Node that are maintained. The binaries come from npm's
// package `node`, into npm's cache: as a dependency it would come before the Node that runs the scripts.
import { spawnSync } from "node:child_process";
import { styleText } from "node:util";

const versions = process.argv.length > 2 ? process.argv.slice(2) : ["22", "24"];
const vitest = "node_modules/vitest/vitest.mjs";
const failed = versions.filter((version) => {
  console.log(styleText("bold", `\nNode ${version}`));
  const args = ["exec", "--yes", `--package=node@${version}`, "--", "node", vitest, "run", "--reporter=dot"];
  return spawnSync("npm", args, { stdio: "inherit" }).status !== 0;
});
if (failed.length > 0) console.error(styleText("red", `Failed on Node ${failed.join(", ")}`));
process.exitCode = failed.length === 0 ? 0 : 1;
