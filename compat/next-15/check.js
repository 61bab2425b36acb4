// Runs the audits on Next.js 15, and exits 1 if one fails. Packages have to be built.
//   npm ci --prefix compat/next-15 && node compat/next-15/check.js

import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const here = import.meta.dirname;
const repository = fileURLToPath(new URL("../..", import.meta.url));
const audited = join(repository, "e2e/next-audits");
const app = join(here, ".cache/app");

installPackages();
copyApp();
process.exitCode = audit() ? 0 : 1;

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
function copyApp() {
  rmSync(app, { recursive: true, force: true });
  mkdirSync(app, { recursive: true });
  for (const part of [
    "app/[[...path]]",
    "app/layout.tsx",
    "audited.ts",
    "instrumentation.ts",
    "pages.ts",
    "exceptions.js",
    "run.js",
  ]) {
    cpSync(join(audited, part), join(app, part), { recursive: true });
  }
  writeFileSync(
    join(app, "next.config.js"),
    `export default {
      outputFileTracingRoot: ${JSON.stringify(here)},
      headers: async () => [
        { source: "/:path*", headers: [{ key: "Access-Control-Allow-Origin", value: "*" }] },
      ],
    };`,
  );
  writeFileSync(
    join(app, "tsconfig.json"),
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
