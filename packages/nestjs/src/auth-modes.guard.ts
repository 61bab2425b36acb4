import type { CallContext, MaybePromise } from "@authmodes/core";
import { isPromise } from "@authmodes/core/adapter";
import { type CanActivate, type ExecutionContext, Inject, Injectable } from "@nestjs/common";
import { ModuleRef } from "@nestjs/core";
import { adapter, beginExecution } from "./adapter.ts";
import { AUTH_OPTIONS, type AuthModesOptions } from "./auth-modes.options.ts";
import { argsOf, executionKey, inputOf, nameOf } from "./execution-context.ts";
import { type HandlerRule, RequirementsReader } from "./handler-requirements.ts";
import type { AllowOptions, LoadedRecord } from "./handler.decorators.ts";
import { markGuarded } from "./module-required.guard.ts";
import { errorToThrow } from "./rejections.ts";

/** Runs before every route, resolver and message of the app: the caller has to be known unless a decorator says otherwise. */
@Injectable()
export class AuthModesGuard implements CanActivate {
  @Inject(RequirementsReader) private readonly requirements!: RequirementsReader;
  @Inject(AUTH_OPTIONS) private readonly options!: AuthModesOptions;
  @Inject(ModuleRef) private readonly moduleRef!: ModuleRef;

  /** Returns no promise if none is needed: Nest waits for promises only. */
  canActivate(context: ExecutionContext): MaybePromise<boolean> {
    const reject = (error: unknown): never => {
      throw errorToThrow(context, error);
    };
    try {
      const admitted = this.#admit(context);
      return admitted === undefined
        ? markGuarded(context)
        : admitted.then(() => markGuarded(context)).catch(reject);
    } catch (error) {
      return reject(error);
    }
  }

  #admit(context: ExecutionContext): Promise<void> | undefined {
    const required = this.requirements.of(context.getClass(), context.getHandler());
    beginExecution(context, required, this.options);
    if (required.open) return undefined;
    const identity = adapter.authenticate(context, required);
    if (required.rule !== undefined) return this.#askRules(context, required.rule, identity);
    return isPromise(identity) ? identity.then(() => undefined) : undefined;
  }

  async #askRules(context: ExecutionContext, rule: HandlerRule, authenticated: unknown): Promise<void> {
    await authenticated;
    rejectSharedExecution(context);
    const { route, load, input = inputOf } = rule;
    await adapter.allow(context, route, {
      input: (call) => input(context, call),
      load: load && ((call) => this.#load(load, context, call)),
    });
  }

  #load(load: NonNullable<AllowOptions["load"]>, context: ExecutionContext, call: CallContext): LoadedRecord {
    const args = argsOf(context);
    if (typeof load === "function") return load(args, context, call);
    return load.load(this.moduleRef.get<unknown>(load.token, { strict: false }), args, context, call);
  }
}

/** Messages of a WebSocket client run at the same time: what the rules let each do is told apart by its data. */
function rejectSharedExecution(context: ExecutionContext): void {
  if (context.getType() !== "ws" || executionKey(context) !== context.switchToWs().getClient()) return;
  throw new TypeError(`${nameOf(context)}: with @Allow() the data of a message has to be an object`);
}
