import type { Identity, RouteOperation } from "@authmodes/core";
import { applyDecorators, SetMetadata, UseGuards } from "@nestjs/common";
import type { AllowOptions } from "./allow-options.ts";
import { requireModule } from "./require-module.ts";

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
  return SetMetadata(modesKey, anybody);
}

/**
 * The modes that are accepted. Without it that is every mode of the auth but `none`, so that callers without
 * credentials are let in only where `none` is named.
 */
export function Modes(...modes: readonly [ModeName, ...ModeName[]]): RouteDecorator {
  return guarded(modesKey, modes);
}

/** The caller is in one of these groups. */
export function Groups(...groups: readonly [string, ...string[]]): RouteDecorator {
  return guarded(groupsKey, groups);
}

/** The caller has all of these scopes; `@Scopes({ any: […] })`: one of them. */
export function Scopes(
  ...scopes: readonly [string, ...string[]] | readonly [{ readonly any: readonly string[] }]
): RouteDecorator {
  const [first] = scopes;
  return guarded(scopesKey, typeof first === "object" ? first : scopes);
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
  return guarded(allowKey, { operation, model, options } satisfies AllowRule);
}

/** None of these decorators may be left without effect where nobody set the module up. */
function guarded(key: symbol, value: unknown): RouteDecorator {
  return applyDecorators(SetMetadata(key, value), UseGuards(requireModule));
}
