// `npm start`: builds what is missing or older than its sources, then runs the bookstore.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { root } from "./files.js";

// `npm start | head` is no failure.
process.stdout.on("error", (error) => process.exit("code" in error && error.code === "EPIPE" ? 0 : 1));

const shared = [
  "packages/core",
  "packages/rules",
  "packages/graphql",
  "packages/identity-pool",
  "packages/keys",
  "packages/testing",
  "packages/express",
  "apps/shared",
  "apps/express", // it serves the supplier too
];
const app = chosenApp();
const hasStudio = process.argv.includes("--studio");
const folders = [
  ...shared,
  ...(app === "express" ? [] : [`packages/${app}`, `apps/${app}`]),
  ...(hasStudio ? ["packages/studio"] : []),
];

if (folders.some(isStale)) build();

const { main } = await import("@authmodes/app-shared");
const code = await main(process.argv.slice(2), {
  app: async (name) => (await import(`@authmodes/app-${name}`)).app,
  studio: async () => (await import("@authmodes/studio")).createStudio,
});
process.exit(code);

/** The framework of `--app`, as far as it has to be known before there is anything that reads options. */
function chosenApp() {
  const words = process.argv.slice(2).flatMap((word) => word.split("="));
  const name = words[words.indexOf("--app") + 1] ?? "";
  return words.includes("--app") &&
    existsSync(join(root, "apps", name, "src")) &&
    existsSync(join(root, "packages", name))
    ? name
    : "express";
}

/** @param {string} name a package's folder */
function isStale(name) {
  const built = join(root, name, "dist");
  // Next's own folders stand beside src, and it bundles a script of `public`.
  const sources = ["src", "app", "components", "lib", "public"].map((folder) => join(root, name, folder));
  return !existsSync(built) || Math.max(...sources.filter(existsSync).map(newest)) > newest(built);
}

/**
 * When the newest file of a folder was changed.
 * @param {string} folder
 */
function newest(folder) {
  const times = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !/\.test(-d)?\.ts$/.test(entry.name))
    .map((entry) => statSync(join(entry.parentPath, entry.name)).mtimeMs);
  return Math.max(0, ...times);
}

function build() {
  console.error("Building …");
  const turbo = join(root, "node_modules/.bin/turbo");
  const names = ["app-express", `app-${app}`, ...(hasStudio ? ["studio"] : [])];
  const filters = names.map((name) => `--filter=@authmodes/${name}`);
  const { status, stdout, stderr } = spawnSync(
    turbo,
    ["run", "build", ...filters, "--output-logs=errors-only"],
    {
      cwd: root,
      encoding: "utf8",
      env: { ...process.env, TURBO_TELEMETRY_DISABLED: "1" },
    },
  );
  if (status === 0) return;
  console.error(stdout + stderr);
  process.exit(1);
}
