import { commandLine } from "../shell.ts";
import { expressRoutes } from "./express-routes.ts";
import { fastifyRoutes } from "./fastify-routes.ts";
import type { Framework } from "./framework.ts";

export const nestjs: Framework = {
  dependency: "@nestjs/core",
  packages: [],
  runsOnNode: false,
  folder: "src/",
  schema: 'new URL("../schema.graphql", import.meta.url)',
  files: ({ extension }) => [{ path: `src/whoami.controller.${extension}`, text: controllerCode }],
  start: (_plan, envFile) => ({
    what: "In src/app.module.ts import AuthModesModule.forRoot({ auth }) and name WhoamiController; then start",
    commands: [
      commandLine(["npx", "nest", "start", ...(envFile === undefined ? [] : ["--env-file", envFile])]),
    ],
  }),
  async routes(app) {
    const { getHttpAdapter } = Object(app) as { getHttpAdapter?: () => { getInstance(): unknown } };
    if (typeof getHttpAdapter !== "function") return undefined;
    const server = getHttpAdapter.call(app).getInstance();
    return (await fastifyRoutes(server)) ?? expressRoutes(server);
  },
};

const controllerCode = `import { CurrentIdentity, type Identity } from "@authmodes/nestjs";
import { Controller, Get } from "@nestjs/common";

@Controller("whoami")
export class WhoamiController {
  @Get()
  whoami(@CurrentIdentity() identity: Identity) {
    return { mode: identity.mode, id: identity.id };
  }
}
`;
