// `npm run docs`: the site with the API reference, as static files in docs/.vitepress/dist; fails if a link is dead.
// `npm run docs -- --serve` serves what was built, `--dev` serves the pages as they change.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { root } from "./files.js";

const { values } = parseArgs({
  options: {
    serve: { type: "boolean" },
    dev: { type: "boolean" },
    port: { type: "string", default: "4173" },
  },
});

/**
 * @param {string} command
 * @param {readonly string[]} args
 */
function run(command, args) {
  const { status } = spawnSync(command, args, { cwd: root, stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}

const { devDependencies } = JSON.parse(readFileSync(`${root}docs/package.json`, "utf8"));
const isInstalled = (/** @type {string} */ name) => existsSync(`${root}docs/node_modules/${name}`);
if (!Object.keys(devDependencies).every(isInstalled)) run("npm", ["ci", "--prefix", "docs"]);

const vitepress = `${root}docs/node_modules/vitepress/bin/vitepress.js`;
if (values.serve) {
  run(process.execPath, [vitepress, "preview", "docs", "--port", values.port]);
} else {
  run(process.execPath, ["docs/.vitepress/reference.js"]);
  if (values.dev) {
    run(process.execPath, [vitepress, "dev", "docs", "--port", values.port]);
  } else {
    run(process.execPath, [vitepress, "build", "docs"]);
    run(process.execPath, ["docs/.vitepress/dead-links.js"]);
  }
}
