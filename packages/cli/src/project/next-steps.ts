import { frameworks } from "../frameworks/frameworks.ts";
import { stripsTypes } from "../load/module.ts";
import { commandLine } from "../shell.ts";
import type { Plan } from "./plan.ts";
import type { Project } from "./project.ts";
import { callerFile, serverFile } from "./secrets.ts";

/** A step and the commands for it. */
export interface Step {
  readonly what: string;
  readonly commands: readonly string[];
}

/** What is left to do until the first call. */
export function nextSteps(plan: Plan, project: Project): readonly Step[] {
  const { modes, extension } = plan;
  const framework = frameworks[plan.framework];
  const { runsOnNode } = framework;
  const needsTsx = runsOnNode && extension === "ts" && !stripsTypes();
  const packages = [`@authmodes/${plan.framework}`, "@authmodes/rules", ...framework.packages];
  const missing = [...packages, ...(needsTsx ? ["tsx"] : [])].filter((name) => !project.packages.has(name));
  const hasSecrets = modes.some((mode) => ["apiKey", "iam", "lambda"].includes(mode));
  const install = { what: "Install", commands: [commandLine(["npm", "install", ...missing])] };
  return [
    ...(project.hasPackage ? [] : [{ what: "Make a project", commands: ["npm init -y"] }]),
    ...(project.isModule || !runsOnNode
      ? []
      : [{ what: "Let its files be ES modules", commands: ["npm pkg set type=module"] }]),
    ...(missing.length === 0 ? [] : [install]),
    framework.start(plan, hasSecrets ? serverFile : undefined),
    { what: "Call it", commands: [...(hasSecrets ? [`. ./${callerFile}`] : []), ...modes.map(callOf)] },
  ];
}

function callOf(mode: Plan["modes"][number]): string {
  const token = mode === "userPool" || mode === "oidc" ? " --from-file token.txt" : "";
  return `npx authmodes call --as ${mode}${token} GET /whoami`;
}
