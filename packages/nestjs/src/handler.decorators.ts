import type { Identity, RouteOperation } from "@authmodes/core";
import { checkRequirements } from "@authmodes/core/adapter";
import { applyDecorators, UseGuards } from "@nestjs/common";
import type { AllowOptions } from "./allow-options.ts";
import { requireModule } from "./module-required.guard.ts";

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

/** Asks nothing of whoever calls, and verifies nothing: credentials are not looked at. */
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

/** None of these decorators may be left without effect where nobody set the module up. */
function guarded(name: string, key: symbol, value: unknown): RouteDecorator {
  return applyDecorators(once(name, key, value), UseGuards(requireModule));
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
