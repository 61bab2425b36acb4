import { type AcceptedModes, opened } from "../auth/accepted-modes.ts";
import type { Auth } from "../auth/auth.ts";
import { checkAuth } from "../auth/requirements.ts";
import { checkFlag, checkFunction, checkOptionNames, must } from "../lib/options.ts";
import type { Operation, Policy } from "./policy.ts";

/** An operation that a route can guard: any but `listen`, since subscriptions are not requests. */
export type RouteOperation = Exclude<Operation, "listen">;
/** An operation that returns several records. */
export type ListOperation = Extract<Operation, "list" | "search" | "sync">;

/** A route with its rules. */
export interface GuardedRoute {
  readonly auth: AcceptedModes;
  readonly policy: Policy;
  readonly operation: RouteOperation;
  readonly model: string;
  /** Whether the handler calls `decide` itself. */
  readonly handlerDecides: boolean;
}

/** Options of an adapter's `allow`, not yet checked. */
export interface RouteOptions {
  /** Loads the record. */
  readonly load?: unknown;
  /** Returns what to write. */
  readonly input?: unknown;
  /** Whether the handler calls `decide` itself. Default false. */
  readonly handlerDecides?: boolean;
}

const operations: readonly Operation[] = ["create", "get", "list", "search", "sync", "update", "delete"];

/**
 * Checks the argument of an adapter's `createAllow`.
 * @returns a function that checks the arguments of `allow` and makes a route of them
 * @throws TypeError if `auth` is not an auth, or has no policy
 * @example
 * import type { Auth } from "@authmodes/core";
 * import { routeGuards } from "@authmodes/core/adapter";
 *
 * export function createAllow(auth: Auth) {
 *   const routeGuard = routeGuards(auth);
 *   return (model: string) => routeGuard("list", model, {});
 * }
 */
export function routeGuards(
  auth: Auth,
): (operation: RouteOperation, model: string, options: RouteOptions) => GuardedRoute {
  checkAuth("createAllow(auth): auth", auth);
  must(
    opened(auth).shared.policy !== undefined,
    "createAllow(): this auth has no rules; write createAuth(modes, { policy })",
  );
  return (operation, model, options) => guardedRoute(auth, operation, model, options);
}

/**
 * Makes a route that the rules guard.
 * @throws TypeError if an option is misspelt or undefined, if the auth has no policy, if the policy does not know the
 *   model, or if the rules look at the record and nothing loads it
 * @example
 * import type { Auth } from "@authmodes/core";
 * import { guardedRoute } from "@authmodes/core/adapter";
 *
 * export function bookRoute(auth: Auth) {
 *   return guardedRoute(auth, "get", "Book", { load: () => ({ id: "1" }) });
 * }
 */
export function guardedRoute(
  auth: Auth,
  operation: RouteOperation,
  model: string,
  options: RouteOptions,
): GuardedRoute {
  const call = `allow("${operation}", "${model}")`;
  checkOptionNames(call, options, ["load", "input", "handlerDecides"], { record: "load", body: "input" });
  const { load, input, handlerDecides = false } = options;
  checkFunction(`${call}: load`, load, "which loads the record");
  checkFunction(`${call}: input`, input, "which returns what to write");
  checkFlag(`${call}: handlerDecides`, handlerDecides);
  const { policy } = opened(auth).shared;
  const loads = load !== undefined;
  must(policy !== undefined, `${call}: this auth has no rules; write createAuth(modes, { policy })`);
  must(operations.includes(operation), `${call}: the operation is one of ${operations.join(", ")}`);
  must(!(loads && handlerDecides), `${call}: write 'load' or 'handlerDecides: true', not both`);
  const needsRecord = policy.needsRecord(model, operation);
  if (isList(operation) || operation === "create") {
    must(!loads && !handlerDecides, `${call} has no record to load or to decide about; lists are filtered`);
  } else {
    must(
      !needsRecord || loads || handlerDecides,
      `${call}: the rules look at the record. Write { load }, a function that returns the record, ` +
        "or { handlerDecides: true } if the handler calls decide(record) of its access",
    );
  }
  return { auth: opened(auth), policy, operation, model, handlerDecides };
}

/**
 * Whether the operation returns several records.
 * @example
 * import { isList } from "@authmodes/core/adapter";
 *
 * console.log(isList("search"), isList("get")); // true false
 */
export function isList(operation: RouteOperation): operation is ListOperation {
  return operation === "list" || operation === "search" || operation === "sync";
}

export function isWrite(operation: RouteOperation): boolean {
  return operation === "create" || operation === "update";
}
