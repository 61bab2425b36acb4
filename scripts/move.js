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
const env = { ...process.env, AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true" };
const isReady =
  install("move/amplify") && spawnSync("node_modules/.bin/turbo", turbo, { stdio: [0, 2, 2] }).status === 0;
process.exitCode = isReady
  ? (spawnSync(process.execPath, ["move/run.js", ...options], { env, stdio: "inherit" }).status ?? 1)
  : 1;
