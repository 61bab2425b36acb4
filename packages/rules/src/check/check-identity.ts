import type { Identity } from "@authmodes/core";
import { isObject } from "./question.ts";

/** What rules read of an identity, by its mode, besides `id` and `groups`. */
const membersOfMode: Readonly<Record<string, Readonly<Record<string, Kind>>>> = {
  iam: { userArn: "text" },
  userPool: { username: "text", claims: "object" },
  oidc: { sub: "text", claims: "object" },
  lambda: { deniedFields: "list" },
};

type Kind = "text" | "text or null" | "object" | "list";

/**
 * Half an identity could match less than the rules say, or more: a caller without `deniedFields` is denied none.
 * @throws TypeError that names the member
 */
export function checkIdentity(identity: Identity): void {
  if (!isObject(identity)) throw new TypeError(`The identity is ${String(identity)}. ${advice}`);
  const { mode } = identity;
  const own = Object.hasOwn(membersOfMode, mode) ? membersOfMode[mode] : {};
  const kinds: Readonly<Record<string, Kind>> = { mode: "text", id: "text or null", groups: "list", ...own };
  for (const [name, kind] of Object.entries(kinds)) {
    if (!isOfKind(Reflect.get(identity, name), kind))
      throw new TypeError(`The identity of mode ${mode} has no ${name} (${kind}). ${advice}`);
  }
}

const advice = "Pass what authenticate() returned, or an identity with all members of its mode.";

function isOfKind(value: unknown, kind: Kind): boolean {
  switch (kind) {
    case "text":
      return typeof value === "string";
    case "text or null":
      return typeof value === "string" || value === null;
    case "object":
      return isObject(value) && !Array.isArray(value);
    case "list":
      return Array.isArray(value);
  }
}
