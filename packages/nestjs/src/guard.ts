import {
  type IdentityBase,
  isPromise,
  type MaybePromise,
  PreflightAnswer,
  type RequestView,
} from "@authmodes/core";
import { type CanActivate, type ExecutionContext, Inject, Injectable } from "@nestjs/common";
import { Accesses } from "./accesses.ts";
import { Refusals } from "./refusals.ts";
import { markGuarded } from "./require-module.ts";
import { type Route, Routes } from "./routes.ts";
import { rememberRun, type Run } from "./runs.ts";
import { corsAdvice, Views } from "./views.ts";

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
    const { auth, needs, rule } = route;
    if (route.open) return { auth, view: this.#views.ofOpen(context) };
    const view = this.#views.of(context);
    const preflight = auth.preflight(view, corsAdvice);
    // The filter answers with 204: neither another guard nor the handler runs.
    if (preflight === "answer" || (preflight === "pass" && rule !== undefined)) throw new PreflightAnswer();
    if (preflight === "pass") return { auth, view };
    const identity = auth.authenticateAtOnce(view, needs);
    if (isPromise(identity) || rule !== undefined) {
      return this.#admitByRules(context, route, view, identity);
    }
    return { auth, view, identity };
  }

  async #admitByRules(
    context: ExecutionContext,
    route: Route,
    view: RequestView,
    authenticated: MaybePromise<IdentityBase>,
  ): Promise<Run> {
    const identity = await authenticated;
    const { access } = await this.#accesses.admit(route, view, context);
    return { auth: route.auth, view, identity, ...(access !== undefined && { access }) };
  }
}

function passed(context: ExecutionContext, run: Run): boolean {
  rememberRun(context, run);
  markGuarded(context);
  return true;
}
