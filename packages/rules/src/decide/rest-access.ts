import type { Identity } from "@authmodes/core";
import { must } from "@authmodes/core/options";
import { checkMembers, printable, unknownSentence } from "../check/spelling.ts";
import { checkCallerOptions, checkKinds, type PolicyOptions, readOptions } from "../compile/options.ts";
import { type Caller, callerOf } from "./caller.ts";

// Access to REST paths as Amplify's CLI defines it ("Restrict API access"): who may create, read, update and delete below
// a path. Source: AWS Amplify documentation, "REST API, define authorization rules".

/** An operation on a REST path: `create` is POST, `read` GET and HEAD, `update` PUT and PATCH, `delete` DELETE. */
export type RestOperation = "create" | "read" | "update" | "delete";

/** Who may do what below a path. */
export interface RestPathAccess {
  /** Guests of the identity pool (the unauthenticated role). */
  readonly guest?: readonly RestOperation[];
  /** Signed-in users: of the identity pool (the authenticated role), a user pool or an OIDC issuer. */
  readonly signedIn?: readonly RestOperation[];
  /** Members of these groups, in addition. */
  readonly groups?: Readonly<Record<string, readonly RestOperation[]>>;
  /** Signed-in users of the identity pool who have these roles, by the role's name, in addition. */
  readonly roles?: Readonly<Record<string, readonly RestOperation[]>>;
}

/** Access by path. `/books` covers everything below it; the longest path that covers a route decides alone. */
export type RestPaths = Readonly<Record<string, RestPathAccess>>;

/** A request, as `RestAccess.decide` takes it. */
export interface RestQuestion {
  readonly method: string;
  /** The route that the framework matched, such as `/books/:id`. Not the URL, which can be written in many ways. */
  readonly route: string;
}

/** The decision about a request. `rule` and `reason` are for logs. */
export type RestDecision =
  | { readonly allowed: true; readonly rule: string; readonly explanation: string }
  | {
      readonly allowed: false;
      readonly reason: "unknown-method" | "no-path" | "no-matching-role";
      readonly explanation: string;
    };

/** The access to the paths of a REST API, made by `restAccess`. */
export interface RestAccess {
  /** Decides whether the caller may send this request. */
  decide(identity: Identity, question: RestQuestion): RestDecision;
}

/**
 * Checks and compiles access by REST path. Requests to routes that no path covers are denied.
 * @param options the identity pool and issuers, as for `createPolicy`
 * @throws TypeError for an invalid path, or an unknown key, operation or option
 * @example
 * import type { Identity } from "@authmodes/core";
 * import { restAccess } from "@authmodes/rules";
 * const access = restAccess({
 *   "/books": { guest: ["read"], signedIn: ["read", "create"], groups: { Admins: ["update", "delete"] } },
 * });
 * export function mayDelete(identity: Identity): boolean {
 *   return access.decide(identity, { method: "DELETE", route: "/books/:id" }).allowed;
 * }
 */
export function restAccess(
  paths: RestPaths,
  options: Pick<PolicyOptions, "identityPool" | "issuers"> = {},
): RestAccess {
  checkKinds("restAccess()", options, { identityPool: "an object", issuers: "an object" });
  checkCallerOptions(options);
  const compiled = Object.entries(paths).map(compilePath).toSorted(byCloseness);
  const ready = readOptions({ ...options, providers: ["identityPool", "userPools", "oidc"] }, { models: {} });
  return {
    decide(identity, question) {
      checkMembers("restAccess().decide()", question, ["method", "route"]);
      const { method, route } = question;
      const operation = operationOfMethod.get(method);
      const asked = `${printable(method)} ${printable(route)}`;
      if (operation === undefined) return denied("unknown-method", `${asked}: no rule covers this method`);
      const segments = segmentsOf(route);
      const path = compiled.find((one) => covers(one, segments));
      if (path === undefined) return denied("no-path", `${asked}: no path covers this route`);
      const caller = callerOf(identity, ready);
      const who = admitted(path, operation, caller, identity.groups);
      if (who !== undefined) {
        const rule = `${path.path} ${who} ${operation}`;
        return { allowed: true, rule, explanation: `${path.path}: ${who} may ${operation}` };
      }
      const sentence = `${path.path}: ${printable(caller.name)} (${caller.mode}) may not ${operation}`;
      return denied("no-matching-role", sentence);
    },
  };
}

const callers: readonly string[] = ["guest", "signedIn", "groups", "roles"];
const operations: readonly RestOperation[] = ["create", "read", "update", "delete"];

/** The methods of each operation, as in Amplify's CLI. OPTIONS is answered earlier, without a decision. */
const operationOfMethod: ReadonlyMap<string, RestOperation> = new Map([
  ["POST", "create"],
  ["GET", "read"],
  ["HEAD", "read"],
  ["PUT", "update"],
  ["PATCH", "update"],
  ["DELETE", "delete"],
]);

interface Path {
  readonly path: string;
  readonly segments: readonly string[];
  readonly access: RestPathAccess;
}

function compilePath([path, access]: [string, RestPathAccess]): Path {
  must(path.startsWith("/"), `restAccess(): a path starts with '/'. Write '/${path}'.`);
  for (const [caller, value] of Object.entries(access)) {
    must(callers.includes(caller), `restAccess(): ${path}: ${unknownSentence("caller", caller, callers)}`);
    const granted: readonly unknown[] =
      caller === "groups" || caller === "roles" ? Object.values(value as object) : [value];
    for (const some of granted) checkOperations(path, some);
  }
  return { path, segments: segmentsOf(path), access };
}

function checkOperations(path: string, granted: unknown): void {
  must(Array.isArray(granted), `restAccess(): ${path}: write a list of ${operations.join(", ")}`);
  for (const one of granted as readonly unknown[]) {
    const isKnown = operations.some((known) => known === one);
    must(isKnown, `restAccess(): ${path}: ${unknownSentence("operation", one, operations)}`);
  }
}

const anySegment = ":";

/** `:id`, `{id}`, `[id]` and `*` all stand for one segment. */
function segmentsOf(path: string): readonly string[] {
  return path
    .split("/")
    .filter((segment) => segment !== "")
    .map((segment) => (/^[:{[*]/.test(segment) ? anySegment : segment));
}

function covers({ segments }: Path, route: readonly string[]): boolean {
  return segments.every((segment, i) => route[i] === segment || (segment === anySegment && i < route.length));
}

/** Longest path first; among equally long ones, fewest parameters first. */
function byCloseness(a: Path, b: Path): number {
  const parameters = ({ segments }: Path): number => segments.filter((s) => s === anySegment).length;
  return b.segments.length - a.segments.length || parameters(a) - parameters(b);
}

/** Why the caller is admitted: `guest`, `signedIn`, a group or a role; undefined if not. */
function admitted(
  { access }: Path,
  operation: RestOperation,
  caller: Caller,
  callerGroups: readonly string[],
): string | undefined {
  if (caller.guest) return access.guest?.includes(operation) === true ? "guest" : undefined;
  const isSignedIn = caller.signedIn || caller.provider === "userPools" || caller.provider === "oidc";
  if (!isSignedIn) return undefined;
  if (access.signedIn?.includes(operation) === true) return "signedIn";
  const groups = named(access.groups, operation);
  const group = groups.find((name) => callerGroups.includes(name));
  if (group !== undefined) return `group ${group}`;
  const role = named(access.roles, operation).find((name) => name === caller.role);
  return role === undefined ? undefined : `role ${role}`;
}

/** The groups or roles that may do this. */
function named(granted: RestPathAccess["groups"], operation: RestOperation): readonly string[] {
  return Object.entries(granted ?? {})
    .filter(([, some]) => some.includes(operation))
    .map(([name]) => name);
}

type RestDenial = Extract<RestDecision, { readonly allowed: false }>;

function denied(reason: RestDenial["reason"], explanation: string): RestDenial {
  return { allowed: false, reason, explanation };
}
