import type { Auth } from "./auth.ts";
import { AuthError, shown } from "../refusal/error.ts";
import { lackOf } from "../jwt/rights.ts";
import { checkOptionNames, must } from "../lib/options.ts";
import type { IdentityBase, Requirements } from "../types.ts";

const names = ["groups", "scopes"];
const aliases = {
  role: "groups",
  roles: "groups",
  permissions: "scopes",
  mode: "auth.only(…)",
  modes: "auth.only(…)",
};

/**
 * Checks that a value is an auth.
 * @param where names the argument in errors, as the user writes it: `createAllow(auth): auth`
 * @throws TypeError if it is not
 * @example
 * import { checkAuth } from "@authmodes/core/adapter";
 *
 * export function protect(auth: unknown): void {
 *   checkAuth("protect(auth): auth", auth);
 *   console.log(auth.modes);
 * }
 */
export function checkAuth(where: string, auth: unknown): asserts auth is Auth {
  must(
    typeof auth === "object" && auth !== null && "guard" in auth && "only" in auth,
    `${where} is what createAuth([…]) returns, or a part of it: auth.only(…)`,
  );
}

const checked = new WeakSet<Requirements>();

/**
 * Checks the requirements of a route, once, when the route is built: an unknown name or a missing value would accept every
 * verified caller.
 * @param where names the call in errors, as the user wrote it: `authenticate()`
 * @returns a frozen copy, which is not checked again; undefined without requirements
 * @throws TypeError with the right spelling
 * @example
 * import type { Requirements } from "@authmodes/core";
 * import { checkRequirements } from "@authmodes/core/adapter";
 *
 * export function guard(needs?: Requirements): Requirements | undefined {
 *   return checkRequirements("guard()", needs);
 * }
 */
export function checkRequirements(where: string, needs: Requirements | undefined): Requirements | undefined {
  if (needs === undefined) return undefined;
  const copy = readRequirements(where, needs);
  checked.add(copy);
  return copy;
}

/** As `checkRequirements`, for requirements that are made for one request, and not remembered as checked. */
export function readRequirements(where: string, needs: Requirements): Requirements {
  if (checked.has(needs)) return needs;
  checkOptionNames(where, needs, names, aliases);
  const { groups, scopes } = needs;
  return Object.freeze({
    ...(groups !== undefined && { groups: namesOf(`${where}: groups`, groups) }),
    ...(scopes !== undefined && { scopes: scopesOf(`${where}: scopes`, scopes) }),
  });
}

type Scopes = NonNullable<Requirements["scopes"]>;

function scopesOf(where: string, scopes: Scopes): Scopes {
  if (typeof scopes !== "object" || scopes === null || isList(scopes)) return namesOf(where, scopes);
  must(!("all" in scopes), `${where} that are all needed are written as a list, without 'all'`);
  checkOptionNames(where, scopes, ["any"]);
  return Object.freeze({ any: namesOf(`${where}: any`, scopes.any) });
}

function namesOf(where: string, value: unknown): readonly string[] {
  must(
    isList(value) && value.length > 0,
    `${where} is a list of at least one name, such as ["admin"]; an empty one would guard nothing`,
  );
  // Not `map`, which skips holes.
  const names = Array.from(value, (name) => {
    must(
      typeof name === "string" && name.trim() !== "",
      `${where} holds ${JSON.stringify(name)}, which is no name. Is an environment variable missing?`,
    );
    return name;
  });
  return Object.freeze(names);
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

/**
 * Checks that an identity meets the requirements of a route.
 * @throws AuthError `forbidden` (groups), `scope_missing`
 */
export function meet(identity: IdentityBase, { groups, scopes }: Requirements): void {
  if (groups !== undefined && !groups.some((group) => identity.groups.includes(group))) {
    throw new AuthError("forbidden", "group_missing", {
      detail: `needs one of the groups ${groups.join(", ")}; the caller has ${shown(identity.groups)}${lackOf(identity, "groups")}`,
    });
  }
  if (scopes === undefined) return;
  const wanted = "any" in scopes ? scopes.any : scopes;
  const has = (scope: string) => identity.scopes.includes(scope);
  if ("any" in scopes ? wanted.some(has) : wanted.every(has)) return;
  throw new AuthError("scope_missing", "scope_missing", {
    scopes: wanted,
    detail: `needs ${"any" in scopes ? "one" : "all"} of the scopes ${wanted.join(" ")}${lackOf(identity, "scopes")}`,
  });
}

/** Whether an identity meets the requirements of a route. */
export function meets(identity: IdentityBase, needs: Requirements = {}): boolean {
  try {
    meet(identity, needs);
    return true;
  } catch {
    return false;
  }
}
