import type { Command } from "commander";
import { check, type CheckReport } from "../check/check.ts";
import { renderCheck } from "../check/render.ts";
import { type Io, printJson, UsageError } from "../io.ts";
import { findAuthFile, LoadError, loadAuth, loadEnv } from "../load/auth.ts";
import { loadModule, type Module } from "../load/module.ts";
import { isThere } from "../files.ts";

interface CheckOptions {
  readonly app?: string;
  readonly envFile?: string;
  readonly production?: boolean;
  readonly offline?: boolean;
  readonly json?: boolean;
}

export function addCheck(program: Command, io: Io): void {
  program
    .command("check")
    .description("Start the auth, fetch its keys, and look for what is wrong.")
    .argument("[auth]", "the module with the auth; default auth.ts, auth.js or src/auth.ts")
    .option(
      "--app <file>",
      "a module that exports an app (Express, Koa, NestJS), or routes; default app.ts beside it",
    )
    .option("--env-file <file>", "variables to set first, such as .env")
    .option("--production", "as in production, as with NODE_ENV=production")
    .option("--offline", "fetch no keys")
    .option("--json", "print JSON")
    .addHelpText(
      "after",
      `
Examples:
  authmodes check --env-file .env
  authmodes check src/auth.ts --app src/app.ts --production

The module exports auth. The app's exports app (Express, Koa, NestJS on Express after init), or, for any framework,
  routes: [{ method: "GET", path: "/books", modes: ["apiKey"], decision: "list Book" }]
and close, where something has to be stopped afterwards.
Exit codes: 0 no errors, 1 errors, 2 wrong usage`,
    )
    .action(async (path: string | undefined, options: CheckOptions) => runCheck(path, options, io));
}

async function runCheck(given: string | undefined, options: CheckOptions, io: Io): Promise<void> {
  const path = given ?? (await findAuthFile(io));
  if (path === undefined || !(await isThere(path, io))) {
    throw new UsageError(`There is no ${path ?? "auth.ts"} here. Name the module with the auth, or make one:
  authmodes check src/auth.ts
  authmodes init`);
  }
  loadEnv(options.envFile, io);
  const modules: Module[] = [];
  try {
    const report = await reportOf(path, options, modules, io);
    if (options.json) printJson(report, io);
    else io.stdout.write(renderCheck(report, io));
    if (report.findings.some(({ level }) => level === "error")) io.exitCode = 1;
  } finally {
    for (const { close } of modules) if (typeof close === "function") await close();
  }
}

async function reportOf(
  path: string,
  options: CheckOptions,
  modules: Module[],
  io: Io,
): Promise<CheckReport> {
  const production = options.production === true || io.env["NODE_ENV"] === "production";
  try {
    const { auth, module } = await loadAuth(path, io);
    modules.push(module);
    const appPath = options.app ?? (await appBeside(path, io));
    const app = appPath === undefined ? module : await loadModule(appPath, io);
    if (app !== module) modules.push(app);
    return await check({ auth, app, production, offline: options.offline === true });
  } catch (error) {
    // What does not start is what a check is for.
    if (!(error instanceof LoadError)) throw error;
    const finding = {
      code: "does-not-start",
      level: "error",
      message: error.what,
      mend: error.mend,
    } as const;
    return { modes: [], routes: [], findings: [finding] };
  }
}

async function appBeside(path: string, io: Io): Promise<string | undefined> {
  const beside = path.replace(/auth(\.[cm]?[jt]s)$/, "app$1");
  return beside !== path && (await isThere(beside, io)) ? beside : undefined;
}
