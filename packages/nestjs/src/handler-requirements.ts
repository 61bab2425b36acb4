import type { Auth, Requirements } from "@authmodes/core";
import { checkRequirements, type GuardedRoute, guardedRoute } from "@authmodes/core/adapter";
import { Inject, Injectable, type Type } from "@nestjs/common";
import { ProvidedLoad } from "./allow-options.ts";
import { allowKey, type AllowRule, anybody, groupsKey, modesKey, scopesKey } from "./handler.decorators.ts";
import type { Handler } from "./handler-explorer.ts";
import { AUTH } from "./auth-modes.options.ts";

/** What a handler asks of its callers. */
export interface Route {
  /** Nothing is asked. */
  readonly open: boolean;
  /** Narrowed to the modes of the handler. */
  readonly auth: Auth;
  readonly needs: Requirements | undefined;
  readonly guarded: GuardedRoute | undefined;
  readonly rule: AllowRule | undefined;
}

/** Reads the decorators of handlers, once each. */
@Injectable()
export class Routes {
  readonly #auth: Auth;
  readonly #signedIn: Auth;
  readonly #known = new WeakMap<Type, Map<Handler, Route>>();

  constructor(@Inject(AUTH) auth: Auth) {
    this.#auth = auth;
    this.#signedIn = signedInOnly(auth);
  }

  /** What is asked where no decorator says anything: credentials, of any mode. */
  get signedIn(): Auth {
    return this.#signedIn;
  }

  /** @throws TypeError where the decorators do not fit the auth or each other */
  of(type: Type, handler: Handler): Route {
    let routes = this.#known.get(type);
    if (routes === undefined) this.#known.set(type, (routes = new Map()));
    let route = routes.get(handler);
    if (route === undefined) routes.set(handler, (route = this.#read(type, handler)));
    return route;
  }

  #read(type: Type, handler: Handler): Route {
    const where = `${type.name}.${handler.name}`;
    const modes = nearest<readonly string[] | typeof anybody>(modesKey, handler, type);
    if (modes === anybody) {
      // On the class it would let everybody past what a handler asks.
      refuseContradiction(where, handler);
      if (!Reflect.hasMetadata(modesKey, handler)) refuseContradiction(where, type);
      return { open: true, auth: this.#auth, needs: undefined, guarded: undefined, rule: undefined };
    }
    const auth = modes === undefined ? this.#signedIn : explained(where, () => this.#auth.only(...modes));
    const groups = nearest<readonly string[]>(groupsKey, handler, type);
    const scopes = nearest<NonNullable<Requirements["scopes"]>>(scopesKey, handler, type);
    const rule = nearest<AllowRule>(allowKey, handler, type);
    return {
      open: false,
      auth,
      needs: explained(where, () =>
        checkRequirements("the decorators", {
          ...(groups !== undefined && { groups }),
          ...(scopes !== undefined && { scopes }),
        }),
      ),
      guarded: rule === undefined ? undefined : explained(where, () => guardedBy(rule, auth)),
      rule,
    };
  }
}

/** Callers without credentials are let in only where a route says so. */
function signedInOnly(auth: Auth): Auth {
  const modes = auth.modes.filter((name) => name !== "none");
  return modes.length === 0 ? auth : auth.only(...modes);
}

function nearest<T>(key: symbol, handler: Handler, type: Type): T | undefined {
  return (Reflect.getMetadata(key, handler) ?? Reflect.getMetadata(key, type)) as T | undefined;
}

function guardedBy({ operation, model, options }: AllowRule, auth: Auth): GuardedRoute {
  const { load } = options;
  return guardedRoute(
    auth,
    operation,
    model,
    load instanceof ProvidedLoad ? { ...options, load: load.load } : options,
  );
}

function refuseContradiction(where: string, target: object): void {
  for (const [key, name] of [
    [groupsKey, "@Groups"],
    [scopesKey, "@Scopes"],
    [allowKey, "@Allow"],
  ] as const) {
    if (!Reflect.hasMetadata(key, target)) continue;
    throw new TypeError(`${where}: @AllowAnonymous() asks nothing of anybody; leave out it or ${name}()`);
  }
}

/** Says of a complaint where it belongs. */
function explained<T>(where: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new TypeError(`${where}: ${error.message}`, { cause: error });
  }
}
