import { AuthError } from "./error.ts";
import type { IdentityBase, Requirements } from "./types.ts";

/**
 * Checks what a route asks of an identity.
 * @throws AuthError `forbidden` (groups), `scope_missing`
 */
export function meet(identity: IdentityBase, { groups, scopes }: Requirements): void {
  if (groups !== undefined && !groups.some((group) => identity.groups.includes(group))) {
    throw new AuthError("forbidden", "group_missing", {
      detail: `needs one of the groups ${groups.join(", ")}`,
    });
  }
  if (scopes === undefined) return;
  const wanted = "any" in scopes ? scopes.any : scopes;
  const has = (scope: string) => identity.scopes.includes(scope);
  if ("any" in scopes ? wanted.some(has) : wanted.every(has)) return;
  throw new AuthError("scope_missing", "scope_missing", {
    scopes: wanted,
    detail: `needs ${"any" in scopes ? "one" : "all"} of the scopes ${wanted.join(" ")}`,
  });
}
