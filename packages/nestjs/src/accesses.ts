import {
  type CallContext,
  type MaybePromise,
  type RequestView,
  RouteAccess,
  type Values,
} from "@authmodes/core";
import { type ExecutionContext, Inject, Injectable } from "@nestjs/common";
import { ModuleRef } from "@nestjs/core";
import { type AllowOptions, ProvidedLoad } from "./allow-options.ts";
import { argsOf, inputOf, runOf } from "./context.ts";
import type { Route } from "./routes.ts";
import { nameOf, type Run } from "./runs.ts";

/** Asks the rules before a handler runs. */
@Injectable()
export class Accesses {
  readonly #moduleRef: ModuleRef;

  constructor(@Inject(ModuleRef) moduleRef: ModuleRef) {
    this.#moduleRef = moduleRef;
  }

  /**
   * What the rules let the caller do, where the route has rules to ask.
   * @throws AuthError by a denial
   */
  async admit(
    { guarded, rule }: Route,
    view: RequestView,
    context: ExecutionContext,
  ): Promise<Pick<Run, "access">> {
    if (guarded === undefined || rule === undefined) return {};
    refuseSharedRun(context);
    const { load, input = inputOf } = rule.options;
    const access = new RouteAccess(guarded, view, (call) => input(context, call));
    await access.admit(load && ((call) => this.#load(load, context, call)));
    return { access };
  }

  /** @throws Error where there is no such provider */
  check(load: AllowOptions["load"]): void {
    if (load instanceof ProvidedLoad) this.#provider(load);
  }

  #load(
    load: NonNullable<AllowOptions["load"]>,
    context: ExecutionContext,
    call: CallContext,
  ): MaybePromise<Values | null | undefined> {
    const args = argsOf(context);
    return load instanceof ProvidedLoad
      ? load.load(this.#provider(load), args, context, call)
      : load(args, context, call);
  }

  #provider({ token }: ProvidedLoad): unknown {
    return this.#moduleRef.get<unknown>(token, { strict: false });
  }
}

/** Messages of a WebSocket client run at once: their accesses are told apart by their data. */
function refuseSharedRun(context: ExecutionContext): void {
  if (context.getType() !== "ws" || runOf(context) !== context.switchToWs().getClient()) return;
  throw new TypeError(`${nameOf(context)}: with @Allow() the data of a message has to be an object`);
}
