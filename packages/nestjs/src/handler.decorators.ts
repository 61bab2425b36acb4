import type { CallContext, Identity, MaybePromise, RouteOperation } from "@authmodes/core";
import { checkRequirements } from "@authmodes/core/adapter";
import {
  type Abstract,
  applyDecorators,
  type CanActivate,
  type ExecutionContext,
  type Type,
  UseGuards,
} from "@nestjs/common";
import { adapter, isGuarded } from "./adapter.ts";
import { nameOf, type RouteArgs } from "./execution-context.ts";

// What routes, resolvers, messages and their classes require of callers. A decorator on a method replaces the one on its class.

type RouteDecorator = ClassDecorator & MethodDecorator;

/** Names of modes, including modes of the app. */
export type ModeName = Identity["mode"] | (string & {});

export const everyCaller: unique symbol = Symbol("every caller");
export const modesKey: unique symbol = Symbol("authmodes:modes");
export const groupsKey: unique symbol = Symbol("authmodes:groups");
export const scopesKey: unique symbol = Symbol("authmodes:scopes");
export const allowKey: unique symbol = Symbol("authmodes:allow");

const requirements = [
  [groupsKey, "@Groups"],
  [scopesKey, "@Scopes"],
  [allowKey, "@Allow"],
] as const;

/** The name of a decorator that requires something of callers, besides their modes. */
export function requirementOn(target: object): string | undefined {
  return requirements.find(([key]) => Reflect.hasMetadata(key, target))?.[1];
}

/**
 * Accepts every caller, and verifies no credentials.
 * @example
 * import { AllowAnonymous } from "@authmodes/nestjs";
 * import { Controller, Get } from "@nestjs/common";
 *
 * @Controller()
 * export class HealthController {
 *   @Get("health")
 *   @AllowAnonymous()
 *   health(): string {
 *     return "ok";
 *   }
 * }
 */
export function AllowAnonymous(): RouteDecorator {
  return once("@AllowAnonymous()", modesKey, everyCaller);
}

/**
 * Accepts these modes only. Default: every mode of the auth but `none`, so that callers without credentials are accepted only
 * if `none` is named.
 * @throws TypeError without a mode
 * @example
 * import { Modes } from "@authmodes/nestjs";
 * import { Controller } from "@nestjs/common";
 *
 * @Controller("machines")
 * @Modes("iam", "apiKey")
 * export class MachinesController {}
 */
export function Modes(...modes: readonly [ModeName, ...ModeName[]]): RouteDecorator {
  if (modes.length === 0 || !modes.every((name: unknown) => typeof name === "string")) {
    throw new TypeError('@Modes() takes the names of the modes that are accepted: @Modes("userPool")');
  }
  return guarded("@Modes()", modesKey, modes);
}

/**
 * Requires that the caller is in one of these groups.
 * @throws TypeError without a group, or with one that is undefined or empty
 * @example
 * import { Groups } from "@authmodes/nestjs";
 * import { Controller } from "@nestjs/common";
 *
 * @Controller("admin")
 * @Groups("Staff", "Admins")
 * export class AdminController {}
 */
export function Groups(...groups: readonly [string, ...string[]]): RouteDecorator {
  checkRequirements("@Groups()", { groups });
  return guarded("@Groups()", groupsKey, groups);
}

/**
 * Requires all of these scopes; `@Scopes({ any: […] })` requires one of them.
 * @throws TypeError without a scope, or with one that is undefined or empty
 * @example
 * import { Scopes } from "@authmodes/nestjs";
 * import { Controller, Get } from "@nestjs/common";
 *
 * @Controller("books")
 * export class BooksController {
 *   @Get()
 *   @Scopes("books/read")
 *   list(): string[] {
 *     return [];
 *   }
 * }
 */
export function Scopes(...scopes: AllScopes | AnyScope): RouteDecorator {
  const asked = isAnyScope(scopes) ? scopes[0] : scopes;
  checkRequirements("@Scopes()", { scopes: asked });
  return guarded("@Scopes()", scopesKey, asked);
}

type AllScopes = readonly [string, ...string[]];
type AnyScope = readonly [{ readonly any: readonly string[] }];

function isAnyScope(scopes: AllScopes | AnyScope): scopes is AnyScope {
  return scopes.length === 1 && typeof scopes[0] === "object";
}

type LoadedRecord = MaybePromise<object | null | undefined>;

// Loads are methods, since their parameters may then have narrower types than declared: `({ id }: { id: string }) => …`.

/** Loads a record from the parameters of a route, the arguments of a field or the data of a message. */
export type LoadRecord = {
  load(args: RouteArgs, context: ExecutionContext, call: CallContext): LoadedRecord;
}["load"];

/** Options of `@Allow`. */
export interface AllowOptions {
  /**
   * Loads the record that a get, an update or a delete is about: a function, or `loadFrom(OrdersService, …)` if it needs a
   * provider.
   */
  readonly load?: LoadRecord | ProvidedLoad;
  /** Returns the input of a create or an update. Default: the body; in GraphQL the argument `input`. */
  readonly input?: (context: ExecutionContext, call: CallContext) => unknown;
  /** The handler loads the record and calls `access.decide(record)`; without that call a good answer is a 500. Default false. */
  readonly handlerDecides?: boolean;
}

/** A load that uses a provider; see `loadFrom`. */
export interface ProvidedLoad<T = unknown> {
  readonly token: Type<T> | Abstract<T> | string | symbol;
  load(this: void, provider: T, args: RouteArgs, context: ExecutionContext, call: CallContext): LoadedRecord;
}

/**
 * Loads records with a provider.
 * @param load gets the provider, then the route's parameters or the field's arguments
 * @example
 * import { Allow, loadFrom } from "@authmodes/nestjs";
 * import { Controller, Get, Injectable } from "@nestjs/common";
 *
 * @Injectable()
 * class Orders {
 *   find(id: string) {
 *     return { id, owner: "ann" };
 *   }
 * }
 *
 * @Controller("orders")
 * export class OrdersController {
 *   @Get(":id")
 *   @Allow("get", "Order", { load: loadFrom(Orders, (orders, { id }) => orders.find(String(id))) })
 *   get(): string {
 *     return "the order";
 *   }
 * }
 */
export function loadFrom<T>(token: ProvidedLoad<T>["token"], load: ProvidedLoad<T>["load"]): ProvidedLoad {
  return { token, load };
}

/** The question of `@Allow` to the rules. */
export interface AllowRule {
  readonly operation: RouteOperation;
  readonly model: string;
  readonly options: AllowOptions;
}

/**
 * Asks the rules of the auth's `policy` before the handler runs. The handler gets the result by `@CurrentAccess()`. Throws when
 * the app starts if the auth has no policy, or if the rules depend on the record and there is no `load`.
 * @example
 * import { type Access, Allow, CurrentAccess } from "@authmodes/nestjs";
 * import { Controller, Get } from "@nestjs/common";
 *
 * const load = ({ id }: { id: string }) => ({ id, title: "Emma" });
 *
 * @Controller("books")
 * export class BooksController {
 *   @Get(":id")
 *   @Allow("get", "Book", { load })
 *   get(@CurrentAccess() { record, mask }: Access) {
 *     return mask(record);
 *   }
 * }
 */
export function Allow(operation: RouteOperation, model: string, options: AllowOptions = {}): RouteDecorator {
  if (typeof operation !== "string") {
    throw new TypeError('@Allow() takes an operation and a model: @Allow("update", "Order", { load })');
  }
  return guarded("@Allow()", allowKey, { operation, model, options } satisfies AllowRule);
}

/** Rejects everything that the app's guard has not allowed. */
export const moduleRequiredGuard: CanActivate = {
  canActivate(context) {
    if (isGuarded(context)) return true;
    throw adapter.mistake(
      context,
      "guard_missing",
      `no guard of AuthModesModule ran for ${nameOf(context)}: import AuthModesModule.forRoot({ auth }) in the app's ` +
        "module, and in a hybrid app give its guards to microservices: " +
        "connectMicroservice(options, { inheritAppConfig: true })",
    );
  },
};

/** Without the module these decorators would guard nothing: then their handlers reject every caller. */
function guarded(name: string, key: symbol, value: unknown): RouteDecorator {
  return applyDecorators(once(name, key, value), UseGuards(moduleRequiredGuard));
}

/**
 * Of two on one target the upper one would count alone, and the other would guard nothing.
 * @throws TypeError when the second is applied
 */
function once(name: string, key: symbol, value: unknown): RouteDecorator {
  return (target: object, property?: string | symbol, descriptor?: { readonly value?: unknown }) => {
    const method = descriptor?.value;
    const decorated = typeof method === "function" ? method : target;
    if (Reflect.hasOwnMetadata(key, decorated)) {
      const place = property === undefined ? (target as { readonly name: string }).name : String(property);
      const other = key === modesKey ? "@Modes() or @AllowAnonymous()" : name;
      throw new TypeError(`${place}: ${name} and another ${other}, of which one would be ignored; write one`);
    }
    Reflect.defineMetadata(key, value, decorated);
  };
}
