import "reflect-metadata";
import type { AddressInfo } from "node:net";
import type { IncomingMessage } from "node:http";
import { guardNoteOf } from "@authmodes/core/inspect";
import {
  type AuditAllow,
  type AuditApp,
  auditAnswer,
  type AuditRoute,
  type AuditServer,
} from "@authmodes/testing/audits";
import { All, Controller, HttpCode, type INestApplication, Module, Req, type Type } from "@nestjs/common";
import { RouterModule } from "@nestjs/core";
import type { Express } from "express";
import type { FastifyInstance } from "fastify";
import {
  type Access,
  Allow,
  type AllowOptions,
  AllowAnonymous,
  AuthModesModule,
  CurrentAccess,
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

function auditedController<R>({ path, guards, allow }: AuditRoute, bodyOf: BodyOf<R>): Type {
  const controller = allow === undefined ? answering(path, bodyOf) : allowed(path, allow);
  // A method has one set of decorators; other frameworks mount one guard after another.
  const guard = guards.at(-1);
  for (const decorate of guard === undefined ? [AllowAnonymous()] : decoratorsOf(guard)) decorate(controller);
  return controller;
}

function answering<R>(path: string, bodyOf: BodyOf<R>): Type {
  @Controller()
  class AuditedController {
    // Fastify's spelling; Nest rewrites it for Express.
    @All([path, `${path}/*`])
    async answer(@Req() request: R, @CurrentIdentity() identity: IdentityBase): Promise<unknown> {
      return auditAnswer(identity, await bodyOf(request));
    }
  }
  return AuditedController;
}

function allowed(path: string, { operation, model, answer, load, ...options }: AuditAllow): Type {
  const found: AllowOptions["load"] =
    load && ((_args, context, call) => load(urlOf(context.switchToHttp().getRequest()), call));

  @Controller()
  class AllowedController {
    @All([path, `${path}/*`])
    @HttpCode(200)
    @Allow(operation, model, { ...options, ...(found && { load: found }) })
    answer(@Req() request: IncomingMessage, @CurrentAccess() access: Access): unknown {
      return answer(access, urlOf(request));
    }
  }
  return AllowedController;
}

function urlOf({ url = "" }: IncomingMessage): string {
  return url;
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

/** What tools read on the functions that a platform serves the routes by. */
export type GuardNotes = NonNullable<AuditServer["guardNotes"]>;

export function notesOnExpress(app: INestApplication): GuardNotes {
  const express: Express = app.getHttpAdapter().getInstance();
  return (path) =>
    express.router.stack.flatMap(({ route }) =>
      route?.path === path ? route.stack.flatMap(({ handle }) => guardNoteOf(handle) ?? []) : [],
    );
}

/** To be called before the routes are made. */
export function notesOnFastify(fastify: FastifyInstance): GuardNotes {
  const notes = new Map<string, ReturnType<GuardNotes>>();
  fastify.addHook("onRoute", ({ url, handler }) => {
    const note = guardNoteOf(handler);
    if (note !== undefined) notes.set(url, [note]);
  });
  return (path) => notes.get(path) ?? [];
}

export async function listen(app: INestApplication, guardNotes: GuardNotes): Promise<AuditServer> {
  await app.listen(0, "127.0.0.1");
  const { port } = app.getHttpServer().address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    guardNotes,
    async close() {
      app.getHttpServer().closeAllConnections();
      await app.close();
    },
  };
}
