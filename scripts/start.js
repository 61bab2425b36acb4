// `npm start`: builds what is missing or older than its sources, then runs the bookstore.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const packages = [
  "packages/core",
  "packages/rules",
  "packages/graphql",
  "packages/testing",
  "packages/express",
  "apps/bookstore",
  "apps/express",
];

if (packages.some(isStale)) build();

const { main } = await import("@authmodes/bookstore");
const code = await main(process.argv.slice(2), {
  express: async () => (await import("@authmodes/app-express")).expressApp,
});
process.exit(code);

/** @param {string} name a package's folder */
function isStale(name) {
  const built = join(root, name, "dist");
  return !existsSync(built) || newest(join(root, name, "src")) > newest(built);
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
  const filter = "--filter=@authmodes/app-express";
  const { status, stdout, stderr } = spawnSync(turbo, ["run", "build", filter, "--output-logs=errors-only"], {
    cwd: root,
    encoding: "utf8",
    env: { ...process.env, TURBO_TELEMETRY_DISABLED: "1" },
  });
  if (status === 0) return;
  console.error(stdout + stderr);
  process.exit(1);
}
