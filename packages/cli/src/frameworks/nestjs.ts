import type { Plan } from "../project/plan.ts";
import { commandLine } from "../shell.ts";
import { expressRoutes } from "./express-routes.ts";
import { fastifyRoutes } from "./fastify-routes.ts";
import type { Framework } from "./framework.ts";

export const nestjs: Framework = {
  dependency: "@nestjs/core",
  runsOnNode: false,
  folder: () => "src/",
  importEnd,
  files: ({ extension }) => [{ path: `src/whoami.controller.${extension}`, text: controllers[extension] }],
  start: (plan, envFile) => {
    const env = envFile === undefined ? [] : ["--env-file", envFile];
    const start = plan.extension === "ts" ? ["npx", "nest", "start", ...env] : ["node", ...env, "index.js"];
    const end = importEnd(plan);
    return [
      {
        what: `Add to src/app.module.${plan.extension}`,
        lines: [
          'import { AuthModesModule } from "@authmodes/nestjs";',
          `import { auth } from "./auth${end}";`,
          `import { WhoamiController } from "./whoami.controller${end}";`,
          "@Module({ imports: [AuthModesModule.forRoot({ auth })], controllers: [WhoamiController] })",
        ],
      },
      { what: "Start it", lines: [`PORT=4000 ${commandLine(start)}`] },
    ];
  },
  async routes(app) {
    const { getHttpAdapter } = Object(app) as { getHttpAdapter?: () => { getInstance(): unknown } };
    if (typeof getHttpAdapter !== "function") return undefined;
    const server = getHttpAdapter.call(app).getInstance();
    return (await fastifyRoutes(server)) ?? expressRoutes(server);
  },
};

/** CommonJS resolves imports without an extension, as NestJS writes them until version 11. */
function importEnd({ project }: Plan): "" | ".js" {
  return project.isModule ? ".js" : "";
}

const controllers: Record<Plan["extension"], string> = {
  ts: `import { CurrentIdentity, type Identity } from "@authmodes/nestjs";
import { Controller, Get } from "@nestjs/common";

@Controller("whoami")
export class WhoamiController {
  @Get()
  whoami(@CurrentIdentity() identity: Identity) {
    return { mode: identity.mode, id: identity.id };
  }
}
`,
  js: `import { CurrentIdentity } from "@authmodes/nestjs";
import { Bind, Controller, Get } from "@nestjs/common";

@Controller("whoami")
export class WhoamiController {
  @Get()
  @Bind(CurrentIdentity())
  whoami(identity) {
    return { mode: identity.mode, id: identity.id };
  }
}
`,
};
