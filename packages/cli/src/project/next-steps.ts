import { frameworks } from "../frameworks/frameworks.ts";
import type { AddedLines } from "../files.ts";
import type { Io } from "../io.ts";
import type { Plan } from "./plan.ts";
import type { Project } from "./project.ts";
import { callerFile, serverFile } from "./secrets.ts";

/** A step, and the commands or the lines of code for it. */
export interface Step {
  readonly what: string;
  readonly lines: readonly string[];
}

/**
 * What is left to do until the first call.
 * @param secrets the lines that are new in files
 */
export function nextSteps(plan: Plan, secrets: readonly AddedLines[]): readonly Step[] {
  const { modes, extension, project, apiKeyDays } = plan;
  const framework = frameworks[plan.framework];
  const { packages = [], types = [], runsOnNode } = framework;
  const isTypeScript = extension === "ts";
  const hasNewServer = runsOnNode && project.app === undefined;
  const envFile = modes.some((mode) => ["apiKey", "iam", "lambda"].includes(mode)) ? serverFile : undefined;
  const hasNewKey = secrets.some(({ lines }) => lines.some((line) => line.startsWith("API_KEYS=")));
  const expiry = new Date(Date.now() + apiKeyDays * 86_400_000).toISOString().slice(0, 10);
  return [
    ...(project.hasPackage ? [] : [{ what: "Make a project", lines: ["npm init -y"] }]),
    ...(project.isModule || !hasNewServer
      ? []
      : [{ what: "Let its files be ES modules", lines: ["npm pkg set type=module"] }]),
    ...installSteps(
      [`@authmodes/${plan.framework}`, "@authmodes/rules", graphql, ...packages],
      ["authmodes", ...(isTypeScript ? ["@types/node", ...types, ...(runsOnNode ? ["tsx"] : [])] : [])],
      project,
    ),
    ...framework.start(plan, envFile),
    {
      what: hasNewKey ? `Call it; the API key expires on ${expiry}` : "Call it",
      lines: [...(envFile === undefined ? [] : [`. ./${callerFile}`]), ...modes.map(callOf)],
    },
  ];
}

/** The version that @authmodes/rules reads schemas with. */
export const graphql = "graphql@16";

/** The packages that a project lacks. */
export function installSteps(
  packages: readonly string[],
  devPackages: readonly string[],
  project: Project,
): readonly Step[] {
  const missing = (names: readonly string[]) =>
    names.filter((name) => !project.packages.has(name.replace(/(?!^)@.*/, "")));
  const lines = [
    ["npm install", ...missing(packages)],
    ["npm install --save-dev", ...missing(devPackages)],
  ].flatMap(([command = "", ...names]) => (names.length === 0 ? [] : [`${command} ${names.join(" ")}`]));
  return lines.length === 0 ? [] : [{ what: "Install", lines }];
}

export function printSteps(steps: readonly Step[], io: Io): void {
  for (const { what, lines } of steps) {
    io.stdout.write(`\n${what}:\n${lines.map((line) => `  ${line}\n`).join("")}`);
  }
}

function callOf(mode: Plan["modes"][number]): string {
  const token = mode === "userPool" || mode === "oidc" ? " --from-file token.txt" : "";
  return `npx authmodes call --as ${mode}${token} GET /whoami`;
}
