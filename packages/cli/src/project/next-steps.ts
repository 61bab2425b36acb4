import { commandLine } from "../shell.ts";
import type { Project } from "./framework.ts";
import type { Plan } from "./plan.ts";
import { callerFile, serverFile } from "./secrets.ts";

/** A step and the commands for it. */
export interface Step {
  readonly what: string;
  readonly commands: readonly string[];
}

/** What is left to do until the first call. */
export function nextSteps(plan: Plan, project: Project): readonly Step[] {
  const missing = packagesOf(plan).filter((name) => !project.packages.has(name));
  const hasSecrets = plan.modes.some((mode) => ["apiKey", "iam", "lambda"].includes(mode));
  const needsModule = !project.isModule && (plan.framework === "express" || plan.framework === "koa");
  return [
    ...(project.hasPackage ? [] : [{ what: "Make a project", commands: ["npm init -y"] }]),
    ...(needsModule ? [{ what: "Let its files be ES modules", commands: ["npm pkg set type=module"] }] : []),
    ...(missing.length === 0
      ? []
      : [{ what: "Install", commands: [commandLine(["npm", "install", ...missing])] }]),
    ...frameworkSteps(plan, hasSecrets),
    {
      what: "Call it",
      commands: [...(hasSecrets ? [`. ./${callerFile}`] : []), ...plan.modes.map((mode) => callOf(mode))],
    },
  ];
}

function packagesOf({ framework, typescript }: Plan): readonly string[] {
  const own = { express: ["express"], koa: ["koa", "@koa/router"], nestjs: [], next: [] }[framework];
  const runs = typescript && own.length > 0 && !stripsTypes() ? ["tsx"] : [];
  return [`@authmodes/${framework}`, "@authmodes/rules", ...own, ...runs];
}

function stripsTypes(): boolean {
  return "typescript" in process.features && Boolean(process.features.typescript);
}

function frameworkSteps({ framework, typescript }: Plan, hasSecrets: boolean): readonly Step[] {
  const env = hasSecrets ? [`--env-file=${serverFile}`] : [];
  switch (framework) {
    case "express":
    case "koa": {
      const runner = typescript && !stripsTypes() ? ["npx", "tsx"] : ["node"];
      const file = `server.${typescript ? "ts" : "js"}`;
      return [{ what: "Start it", commands: [commandLine([...runner, ...env, file])] }];
    }
    case "nestjs":
      return [
        {
          what: "In src/app.module.ts import AuthModesModule.forRoot({ auth }) and name WhoamiController; then start",
          commands: [
            commandLine(["npx", "nest", "start", ...(hasSecrets ? ["--env-file", serverFile] : [])]),
          ],
        },
      ];
    case "next":
      return [{ what: "Start it", commands: ["npx next dev -p 4000"] }];
  }
}

function callOf(mode: Plan["modes"][number]): string {
  const token = mode === "userPool" || mode === "oidc" ? " --from-file token.txt" : "";
  return `npx authmodes call --as ${mode}${token} GET /whoami`;
}
