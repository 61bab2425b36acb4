import type { MaybePromise } from "@authmodes/core";
import { isPromise } from "@authmodes/core/adapter";
import { type CanActivate, type ExecutionContext, Inject, Injectable } from "@nestjs/common";
import { Accesses } from "./accesses.ts";
import { Refusals } from "./rejections.ts";
import { markGuarded } from "./module-required.guard.ts";
import { type Route, Routes } from "./handler-requirements.ts";
import { adapter, begin } from "./adapter.ts";
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

  /** Returns no promise if none is needed: Nest waits for promises only. */
  canActivate(context: ExecutionContext): MaybePromise<boolean> {
    try {
      const admitted = this.#admit(context);
      if (admitted === undefined) return passed(context);
      return admitted
        .then(() => passed(context))
        .catch((error: unknown) => {
          throw this.#refusals.in(context, error);
        });
    } catch (error) {
      throw this.#refusals.in(context, error);
    }
  }

  #admit(context: ExecutionContext): Promise<void> | undefined {
    const route = this.#routes.of(context.getClass(), context.getHandler());
    begin(context, route.auth, route.open ? this.#views.ofOpen(context) : this.#views.of(context));
    if (route.open) return undefined;
    const identity = adapter.authenticate(context, route);
    if (route.rule === undefined && !isPromise(identity)) return undefined;
    return this.#admitByRules(context, route, identity);
  }

  async #admitByRules(context: ExecutionContext, route: Route, authenticated: unknown): Promise<void> {
    await authenticated;
    await this.#accesses.admit(route, context);
  }
}

function passed(context: ExecutionContext): boolean {
  markGuarded(context);
  return true;
}
