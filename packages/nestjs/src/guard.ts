import { isPreflight } from "@authmodes/core";
import { type CanActivate, type ExecutionContext, Inject, Injectable } from "@nestjs/common";
import { Accesses } from "./accesses.ts";
import { runOf } from "./context.ts";
import { Refusals } from "./refusals.ts";
import { markGuarded } from "./require-module.ts";
import { Routes } from "./routes.ts";
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

  async canActivate(context: ExecutionContext): Promise<boolean> {
    try {
      rememberRun(runOf(context), await this.#admit(context));
      markGuarded(context);
      return true;
    } catch (error) {
      throw this.#refusals.in(context, error);
    }
  }

  async #admit(context: ExecutionContext): Promise<Run> {
    const route = this.#routes.of(context.getClass(), context.getHandler());
    if (route.open) return {};
    const view = this.#views.of(context);
    if (context.getType() === "http" && isPreflight(view.method, (name) => view.header(name))) return {};
    const identity = await route.auth.authenticate(view, route.needs);
    return { view, identity, ...(await this.#accesses.admit(route, view, context)) };
  }
}
