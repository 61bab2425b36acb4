// `npm run move`: installs Amplify's packages and builds ours if that was not done, then moves a client before your eyes.
// Ends with 1 if our server decides a request differently.
//   npm run move -- --rules other.graphql     our server decides by these rules

import { spawnSync } from "node:child_process";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { root } from "./files.js";
import { install } from "./install.js";

const { values } = parseArgs({ options: { rules: { type: "string" } } });
const options = values.rules === undefined ? [] : ["--rules", resolve(values.rules)];
process.chdir(root);
const turbo = ["run", "build", "--filter=./packages/{amplify,graphql,testing}", "--output-logs=errors-only"];
const isMoved =
  install("move/amplify") &&
  run("node_modules/.bin/turbo", turbo) &&
  run(process.execPath, ["move/run.js", ...options]);
process.exitCode = isMoved ? 0 : 1;

/** @param {string} program @param {readonly string[]} args */
function run(program, args) {
  const env = { ...process.env, AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true" };
  return spawnSync(program, args, { env, stdio: "inherit" }).status === 0;
}
