import {
  type IdentityBase,
  isPreflight,
  isPromise,
  type MaybePromise,
  type RequestView,
} from "@authmodes/core";
import { type CanActivate, type ExecutionContext, Inject, Injectable } from "@nestjs/common";
import { Accesses } from "./accesses.ts";
import { Refusals } from "./refusals.ts";
import { markGuarded } from "./require-module.ts";
import { type Route, Routes } from "./routes.ts";
import { rememberRun, type Run } from "./runs.ts";
import { Views } from "./views.ts";

/** Stands before every route, resolver and message of the app: who is not let in by a decorator has to be known. */
@Injectable()
export class AuthModesGuard implements CanActivate {
  readonly #routes: Routes;
  readonly #views: Views;
  readonly #accesses: Accesses;
  readonly #refusals: Refusals;

  constructor(
    @Inject(Routes) routes: Routes,
    @Inject(Views) views: Views,
    @Inject(Accesses) accesses: Accesses,
    @Inject(Refusals) refusals: Refusals,
  ) {
    this.#routes = routes;
    this.#views = views;
    this.#accesses = accesses;
    this.#refusals = refusals;
  }

  /** At once where it can be told at once, since Nest waits for promises only. */
  canActivate(context: ExecutionContext): MaybePromise<boolean> {
    try {
      const run = this.#admit(context);
      if (!isPromise(run)) return passed(context, run);
      return run
        .then((found) => passed(context, found))
        .catch((error: unknown) => {
          throw this.#refusals.in(context, error);
        });
    } catch (error) {
      throw this.#refusals.in(context, error);
    }
  }

  #admit(context: ExecutionContext): MaybePromise<Run> {
    const route = this.#routes.of(context.getClass(), context.getHandler());
    if (route.open) return {};
    const view = this.#views.of(context);
    if (context.getType() === "http" && isPreflight(view.method, (name) => view.header(name))) return {};
    const identity = route.auth.authenticateAtOnce(view, route.needs);
    if (isPromise(identity) || route.rule !== undefined) {
      return this.#admitByRules(context, route, view, identity);
    }
    return { view, identity };
  }

  async #admitByRules(
    context: ExecutionContext,
    route: Route,
    view: RequestView,
    authenticated: MaybePromise<IdentityBase>,
  ): Promise<Run> {
    const identity = await authenticated;
    return { view, identity, ...(await this.#accesses.admit(route, view, context)) };
  }
}

function passed(context: ExecutionContext, run: Run): boolean {
  rememberRun(context, run);
  markGuarded(context);
  return true;
}
