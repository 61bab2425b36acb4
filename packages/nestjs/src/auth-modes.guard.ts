import type { CallContext, IdentityBase, MaybePromise } from "@authmodes/core";
import { isPromise } from "@authmodes/core/adapter";
import { type CanActivate, type ExecutionContext, Inject, Injectable } from "@nestjs/common";
import { ModuleRef } from "@nestjs/core";
import { adapter, beginExecution, markGuarded, passExecution } from "./adapter.ts";
import { errorToThrow } from "./auth-error.filter.ts";
import { AUTH_OPTIONS, type AuthModesOptions } from "./auth-modes.options.ts";
import { argsOf, inputOf, nameOf, sharesKey } from "./execution-context.ts";
import { type HandlerRule, RequirementsReader } from "./handler-requirements.ts";

/** Guards every route, resolver and message of the app: the caller must be authenticated unless a decorator says otherwise. */
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
      if (!isPromise(admitted)) return passed(context);
      return admitted.then(() => passed(context), reject);
    } catch (error) {
      return reject(error);
    }
  }

  #admit(context: ExecutionContext): MaybePromise<IdentityBase | undefined> {
    const required = this.requirements.of(context.getClass(), context.getHandler());
    beginExecution(context, required, this.options);
    if (required.open) return undefined;
    const identity = adapter.authenticate(context, required);
    return required.rule === undefined ? identity : this.#askRules(context, required.rule, identity);
  }

  async #askRules(context: ExecutionContext, rule: HandlerRule, authenticated: unknown): Promise<undefined> {
    await authenticated;
    // Messages of a WebSocket client run at the same time: the data of each identifies its access.
    if (context.getType() === "ws" && sharesKey(context)) {
      throw new TypeError(`${nameOf(context)}: with @Allow() the data of a message has to be an object`);
    }
    const { route, load, input = inputOf } = rule;
    await adapter.allow(context, route, {
      input: (call) => input(context, call),
      load: load && ((call) => this.#load(load, context, call)),
    });
  }

  #load(load: NonNullable<HandlerRule["load"]>, context: ExecutionContext, call: CallContext) {
    const args = argsOf(context);
    if (typeof load === "function") return load(args, context, call);
    return load.load(this.moduleRef.get<unknown>(load.token, { strict: false }), args, context, call);
  }
}

function passed(context: ExecutionContext): boolean {
  passExecution(context);
  return markGuarded(context);
}
