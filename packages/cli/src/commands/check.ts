import type { Command } from "commander";
import { check, type CheckReport } from "../check/check.ts";
import { renderCheck } from "../check/render.ts";
import { emptyVariables } from "../check/variables.ts";
import { type Io, printable, printResult, UsageError } from "../io.ts";
import { findAuthFile, loadAuth, loadEnv } from "../load/auth.ts";
import { LoadError, loadModule } from "../load/module.ts";
import { isThere } from "../files.ts";

interface CheckOptions {
  readonly app?: string;
  readonly envFile?: string;
  readonly production?: boolean;
  readonly offline?: boolean;
  readonly json?: boolean;
}

const help = `
Examples:
  npx authmodes check --env-file .env
  npx authmodes check src/auth.ts --app src/app.ts --production

The module exports auth. The module of the app exports app (of Express, Fastify,
Koa, or NestJS after init) or, for any framework,
  routes: [{ method: "GET", path: "/books", modes: ["apiKey"],
             decision: "list Book" }]
and close, if something has to be stopped afterwards.
Exit codes: 0 no errors, 1 errors, 2 wrong usage`;

export function addCheck(program: Command, io: Io): void {
  program
    .command("check")
    .description("Start the auth, fetch its keys, list the routes, and report problems.")
    .argument("[auth]", "the module with the auth; default auth.ts, auth.js or src/auth.ts")
    .option("--app <file>", "a module that exports app, or routes; default app.ts beside it")
    .option("--env-file <file>", "variables to set first, such as .env")
    .option("--production", "check for production, as with NODE_ENV=production")
    .option("--offline", "fetch no keys")
    .option("--json", "print JSON")
    .addHelpText("after", help)
    .action(async (path: string | undefined, options: CheckOptions) => runCheck(path, options, io));
}

async function runCheck(given: string | undefined, options: CheckOptions, io: Io): Promise<void> {
  const path = given ?? (await findAuthFile(io));
  if (path === undefined || !(await isThere(path, io))) {
    throw new UsageError(`There is no ${printable(path ?? "auth.ts")} here. Name the module with the auth, or make one:
  npx authmodes check src/auth.ts
  npx authmodes init`);
  }
  loadEnv(options.envFile, io);
  const report = await reportOf(path, options, io).catch(startFailure);
  printResult(options, report, renderCheck(report, io), io);
  if (report.findings.some(({ level }) => level === "error")) io.exitCode = 1;
}

async function reportOf(path: string, options: CheckOptions, io: Io): Promise<CheckReport> {
  const { offline = false, production = io.env["NODE_ENV"] === "production" } = options;
  const { auth, module } = await loadAuth(path, io);
  const modules = new Set([module]);
  try {
    const appPath = options.app ?? (await appBeside(path, io));
    const app = appPath === undefined ? module : await loadModule(appPath, io);
    modules.add(app);
    const report = await check({ auth, app, production, offline });
    return { ...report, findings: [...report.findings, ...(await emptyVariables(auth.modes, path, io))] };
  } finally {
    for (const { close } of modules) if (typeof close === "function") await close();
  }
}

/** A module that does not start is a finding. */
function startFailure(error: unknown): CheckReport {
  if (!(error instanceof LoadError)) throw error;
  const { what: message, mend } = error;
  return { modes: [], routes: [], findings: [{ code: "does-not-start", level: "error", message, mend }] };
}

async function appBeside(path: string, io: Io): Promise<string | undefined> {
  const beside = path.replace(/auth(\.[cm]?[jt]s)$/, "app$1");
  return beside !== path && (await isThere(beside, io)) ? beside : undefined;
}
