import type { CallContext, Identity, MaybePromise, RouteOperation, Values } from "@authmodes/core";
import { checkRequirements } from "@authmodes/core/adapter";
import { type Abstract, applyDecorators, type ExecutionContext, type Type, UseGuards } from "@nestjs/common";
import type { RouteArgs } from "./execution-context.ts";
import { moduleRequiredGuard } from "./module-required.guard.ts";

// What routes, resolvers, messages and their classes say of who may call them. On a method it replaces what stands on
// its class.

type RouteDecorator = ClassDecorator & MethodDecorator;

/** Names of modes, with those of users' own. */
export type ModeName = Identity["mode"] | (string & {});

export const anybody: unique symbol = Symbol("anybody");
export const modesKey: unique symbol = Symbol("authmodes:modes");
export const groupsKey: unique symbol = Symbol("authmodes:groups");
export const scopesKey: unique symbol = Symbol("authmodes:scopes");
export const allowKey: unique symbol = Symbol("authmodes:allow");

const requirements = [
  [groupsKey, "@Groups"],
  [scopesKey, "@Scopes"],
  [allowKey, "@Allow"],
] as const;

/** The name of a decorator of a class or method that asks something of callers, besides their modes. */
export function requirementOn(target: object): string | undefined {
  return requirements.find(([key]) => Reflect.hasMetadata(key, target))?.[1];
}

/** Accepts every caller, and verifies nothing: credentials are not looked at. */
export function AllowAnonymous(): RouteDecorator {
  return once("@AllowAnonymous()", modesKey, anybody);
}

/**
 * The modes that are accepted. Without it that is every mode of the auth but `none`, so that callers without
 * credentials are let in only where `none` is named.
 * @throws TypeError without a mode
 */
export function Modes(...modes: readonly [ModeName, ...ModeName[]]): RouteDecorator {
  if (modes.length === 0 || !modes.every((name: unknown) => typeof name === "string")) {
    throw new TypeError('@Modes() takes the names of the modes that are accepted: @Modes("userPool")');
  }
  return guarded("@Modes()", modesKey, modes);
}

/**
 * The caller is in one of these groups.
 * @throws TypeError without a group, or with one that is undefined or empty
 */
export function Groups(...groups: readonly [string, ...string[]]): RouteDecorator {
  checkRequirements("@Groups()", { groups });
  return guarded("@Groups()", groupsKey, groups);
}

/**
 * The caller has all of these scopes; `@Scopes({ any: […] })`: one of them.
 * @throws TypeError without a scope, or with one that is undefined or empty
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

type LoadedRecord = MaybePromise<Values | null | undefined>;

// Loads are methods, since their parameters may then have narrower types than declared: `({ id }: { id: string }) => …`.

export type LoadRecord = {
  load(args: RouteArgs, context: ExecutionContext, call: CallContext): LoadedRecord;
}["load"];

export interface AllowOptions {
  /**
   * Finds the record that a get, an update or a delete is about: a function, or `loadFrom(OrdersService, …)` for one
   * that needs a provider.
   */
  readonly load?: LoadRecord | ProvidedLoad;
  /** What a create or an update wants to write. Default: the body; in GraphQL the argument `input`. */
  readonly input?: (context: ExecutionContext, call: CallContext) => unknown;
  /** The handler loads the record and calls `decide` of its access. Until then no good answer leaves. */
  readonly handlerDecides?: boolean;
}

/** What `loadFrom` returns. */
export interface ProvidedLoad<T = unknown> {
  readonly token: Type<T> | Abstract<T> | string | symbol;
  load(this: void, provider: T, args: RouteArgs, context: ExecutionContext, call: CallContext): LoadedRecord;
}

/**
 * Loads records with a provider: `{ load: loadFrom(OrdersService, (orders, { id }) => orders.find(String(id))) }`.
 * @param load given the provider, then the route's parameters or the field's arguments
 */
export function loadFrom<T>(token: ProvidedLoad<T>["token"], load: ProvidedLoad<T>["load"]): ProvidedLoad {
  return { token, load };
}

/** What `@Allow` asks the rules. */
export interface AllowRule {
  readonly operation: RouteOperation;
  readonly model: string;
  readonly options: AllowOptions;
}

/**
 * Asks the rules that the auth was given: `@Allow("update", "Order", { load })`. The handler finds what it may do by
 * `@CurrentAccess()`. Misuse throws when the app starts: no rules, or rules that look at a record that nobody loads.
 */
export function Allow(operation: RouteOperation, model: string, options: AllowOptions = {}): RouteDecorator {
  if (typeof operation !== "string") {
    throw new TypeError('@Allow() takes an operation and a model: @Allow("update", "Order", { load })');
  }
  return guarded("@Allow()", allowKey, { operation, model, options } satisfies AllowRule);
}

/** None of these decorators may be left without effect if the module is not set up. */
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
