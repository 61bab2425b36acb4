import type { CallContext, MaybePromise, Values } from "@authmodes/core";
import { type ExecutionContext, Inject, Injectable } from "@nestjs/common";
import { ModuleRef } from "@nestjs/core";
import { type AllowOptions, ProvidedLoad } from "./allow-options.ts";
import { argsOf, inputOf, runOf } from "./execution-context.ts";
import type { Route } from "./handler-requirements.ts";
import { adapter, nameOf } from "./adapter.ts";

/** Asks the rules before a handler runs. */
@Injectable()
export class Accesses {
  readonly #moduleRef: ModuleRef;

  constructor(@Inject(ModuleRef) moduleRef: ModuleRef) {
    this.#moduleRef = moduleRef;
  }

  /**
   * Asks the rules, if the route has some.
   * @throws AuthError by a denial
   */
  async admit({ guarded, rule }: Route, context: ExecutionContext): Promise<void> {
    if (guarded === undefined || rule === undefined) return;
    refuseSharedRun(context);
    const { load, input = inputOf } = rule.options;
    await adapter.allow(context, guarded, {
      input: (call) => input(context, call),
      load: load && ((call) => this.#load(load, context, call)),
    });
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
