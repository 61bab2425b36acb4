import "reflect-metadata";
import type { AddressInfo } from "node:net";
import { type AuditApp, auditAnswer, type AuditRoute, type AuditServer } from "@authmodes/testing/audits";
import { All, Controller, type INestApplication, Module, Req, type Type } from "@nestjs/common";
import { RouterModule } from "@nestjs/core";
import {
  AllowAnonymous,
  AuthModesModule,
  CurrentIdentity,
  Groups,
  type IdentityBase,
  Modes,
  type Requirements,
  Scopes,
} from "../index.ts";

export type BodyOf<R> = (request: R) => Buffer | Promise<Buffer>;

/** The routes that the audits ask for, at their paths and below `/mounted`. */
export function auditedModule<R>({ auth, routes }: AuditApp, bodyOf: BodyOf<R>): Type {
  const controllers = () => routes.map((route) => auditedController(route, bodyOf));

  @Module({ controllers: controllers() })
  class Mounted {}

  @Module({
    imports: [
      AuthModesModule.forRoot({ auth }),
      Mounted,
      RouterModule.register([{ path: "mounted", module: Mounted }]),
    ],
    controllers: controllers(),
  })
  class Audited {}

  return Audited;
}

function auditedController<R>({ path, guards }: AuditRoute, bodyOf: BodyOf<R>): Type {
  @Controller()
  class AuditedController {
    // Fastify's spelling; Nest writes it anew for Express.
    @All([path, `${path}/*`])
    async answer(@Req() request: R, @CurrentIdentity() identity: IdentityBase): Promise<unknown> {
      return auditAnswer(identity, await bodyOf(request));
    }
  }
  // A method has one set of decorators, where other frameworks put one guard behind another.
  const guard = guards.at(-1);
  for (const decorate of guard === undefined ? [AllowAnonymous()] : decoratorsOf(guard)) {
    decorate(AuditedController);
  }
  return AuditedController;
}

function decoratorsOf({ auth, needs = {} }: AuditRoute["guards"][number]): ClassDecorator[] {
  const [mode = "none", ...modes] = auth.modes;
  const decorators: ClassDecorator[] = [Modes(mode, ...modes)];
  if ("groups" in needs) decorators.push(Groups(...argumentsOf(needs.groups)));
  if ("scopes" in needs) decorators.push(Scopes(...argumentsOf(needs.scopes)));
  return decorators;
}

/** Also none, and undefined ones: the audits ask for requirements that must not start. */
function argumentsOf(value: Requirements["groups"] | Requirements["scopes"]): [string] {
  return [value].flat() as [string];
}

export async function listen(app: INestApplication): Promise<AuditServer> {
  await app.listen(0, "127.0.0.1");
  const { port } = app.getHttpServer().address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    async close() {
      app.getHttpServer().closeAllConnections();
      await app.close();
    },
  };
}
