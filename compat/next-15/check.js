// Runs the audits on Next.js 15, and asks an app with a base path; exits 1 if one fails. Packages have to be built.
//   npm ci --prefix compat/next-15 && node compat/next-15/check.js

import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { isDeepStrictEqual } from "node:util";

const here = import.meta.dirname;
const repository = fileURLToPath(new URL("../..", import.meta.url));
const audited = join(repository, "e2e/next-audits");
const based = join(repository, "e2e/next-base-path");
const app = join(here, ".cache/app");
const basedApp = join(here, ".cache/base-path");

installPackages();
copyAudited();
copyBased();
const passed = [audit(), await askBased()];
process.exitCode = passed.every(Boolean) ? 0 : 1;

/** As copies: in their own folders they would find the other Next. */
function installPackages() {
  for (const name of ["core", "next", "testing"]) {
    const to = join(here, "node_modules/@authmodes", name);
    rmSync(to, { recursive: true, force: true });
    for (const part of ["package.json", "dist"]) {
      cpSync(join(repository, "packages", name, part), join(to, part), { recursive: true });
    }
  }
}

/** The app that is audited on Next 16, without what only that has. */
function copyAudited() {
  const parts = ["app/[[...path]]", "app/layout.tsx", "audited.ts", "instrumentation.ts", "pages.ts"];
  copy(audited, app, [...parts, "exceptions.js", "run.js"]);
  writeFileSync(
    join(app, "next.config.js"),
    `export default {
      outputFileTracingRoot: ${JSON.stringify(here)},
      headers: async () => [
        { source: "/:path*", headers: [{ key: "Access-Control-Allow-Origin", value: "*" }] },
      ],
    };`,
  );
}

/** Its proxy.ts is a middleware.ts here. */
function copyBased() {
  const parts = [
    "app",
    "lib",
    "pages",
    "instrumentation.ts",
    "caller.js",
    "serve.js",
    "ask.js",
    "next.config.js",
  ];
  copy(based, basedApp, parts);
  const proxy = readFileSync(join(based, "proxy.ts"), "utf8");
  const middleware = proxy
    .replace("function proxy(", "function middleware(")
    .replace("config = {", 'config = { runtime: "nodejs",');
  writeFileSync(join(basedApp, "middleware.ts"), middleware);
}

/**
 * @param {string} from
 * @param {string} to
 * @param {readonly string[]} parts
 */
function copy(from, to, parts) {
  rmSync(to, { recursive: true, force: true });
  mkdirSync(to, { recursive: true });
  writeFileSync(join(to, "package.json"), '{ "type": "module" }');
  for (const part of parts) cpSync(join(from, part), join(to, part), { recursive: true });
  writeFileSync(
    join(to, "tsconfig.json"),
    JSON.stringify({
      compilerOptions: {
        target: "es2023",
        lib: ["es2023", "dom"],
        jsx: "preserve",
        module: "esnext",
        moduleResolution: "bundler",
        strict: true,
        skipLibCheck: true,
        noEmit: true,
        allowJs: true,
        allowImportingTsExtensions: true,
        esModuleInterop: true,
        resolveJsonModule: true,
        isolatedModules: true,
        incremental: true,
        plugins: [{ name: "next" }],
      },
      include: ["next-env.d.ts", "app", "*.ts", ".next/types/**/*.ts"],
    }),
  );
}

/** @returns {Promise<boolean>} */
async function askBased() {
  /** @type {import("../../e2e/next-base-path/serve.js")} */
  const { startShop } = await import(pathToFileURL(join(basedApp, "serve.js")).href);
  /** @type {import("../../e2e/next-base-path/ask.js")} */
  const { ask, expected } = await import(pathToFileURL(join(basedApp, "ask.js")).href);
  const shop = await startShop(basedApp, join(here, "node_modules/next/dist/bin/next"));
  const answers = await ask(shop.url).finally(shop.stop);
  const names = /** @type {(keyof typeof expected)[]} */ (Object.keys(expected));
  const failed = names.filter((name) => !isDeepStrictEqual(answers[name], expected[name]));
  for (const name of failed) console.error(name, answers[name], "instead of", expected[name]);
  console.log(`Next.js 15 with a base path: ${names.length - failed.length} answers, ${failed.length} wrong`);
  return failed.length === 0;
}

/** @returns {boolean} */
function audit() {
  const { status, stdout } = spawnSync(process.execPath, [join(app, "run.js"), "--audits-only"], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  const lines = stdout.split("\n").filter((line) => line.startsWith("{"));
  /** @type {{ id: string, failure: string | null }[]} */
  const results = lines.map((line) => JSON.parse(line));
  const failed = results.filter(({ failure }) => failure !== null);
  for (const { id, failure } of failed) console.error(`${id} ${failure}`);
  console.log(`Next.js 15: ${results.length - failed.length} audits passed, ${failed.length} failed`);
  return status === 0 && results.length > 0 && failed.length === 0;
}
