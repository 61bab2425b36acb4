import type { Claims } from "@authmodes/core";
import { checkOptions, must } from "@authmodes/core/options";
import { PoolError } from "./errors.ts";
import type { Login } from "./logins.ts";
import type { Settings } from "./options.ts";

/** A condition on a claim of the id token, as in a rule of an Amazon Cognito identity pool. */
export interface RoleRule<R extends string = string> {
  /** Such as `cognito:groups`. A rule does not match a token without the claim. */
  readonly claim: string;
  /**
   * How the claim is compared, with its letter case. Of a list, such as the groups, one element has to match, and `contains`
   * compares whole elements; for `notEqual` no element may be equal.
   */
  readonly match: "equals" | "notEqual" | "startsWith" | "contains";
  readonly value: string;
  readonly role: R;
}

/** How the users of a provider get another role than the default one. */
export interface RoleMapping<R extends string = string> {
  /**
   * `token`: the role in `cognito:preferred_role`, or the only one in `cognito:roles`, as the user pool wrote them for the
   * user's groups. Else rules, at most 25: the first that matches decides.
   */
  readonly from: "token" | readonly RoleRule<R>[];
  /** If that gives no role: the role of `authenticated`, or no credentials. */
  readonly otherwise: "authenticated" | "deny";
}

const matches = ["equals", "notEqual", "startsWith", "contains"];
const maxRules = 25;

/** @throws TypeError */
export function checkMapping(
  where: string,
  mapping: RoleMapping,
  checkRole: (what: string, role: string) => void,
): void {
  checkOptions(where, mapping, { from: ["type", "rules"], otherwise: ["ambiguousRoleResolution"] });
  const { from, otherwise } = mapping;
  must(
    otherwise === "authenticated" || otherwise === "deny",
    `${where}: otherwise is 'authenticated' or 'deny', for users who get no role by it`,
  );
  if (from === "token") return;
  must(
    Array.isArray(from) && from.length > 0 && from.length <= maxRules,
    `${where}: from is 'token', or a list of 1 to ${maxRules} rules`,
  );
  for (const [index, rule] of from.entries()) {
    const what = `${where}: rule ${index + 1}`;
    checkOptions(what, rule, { claim: [], match: ["matchType"], value: [], role: ["roleArn"] });
    must(typeof rule.claim === "string" && rule.claim !== "", `${what}: claim is the name of a claim`);
    must(matches.includes(rule.match), `${what}: match is one of ${matches.join(", ")}`);
    must(typeof rule.value === "string" && rule.value !== "", `${what}: value is a text`);
    checkRole(`${what}: role`, rule.role);
  }
}

/**
 * Returns the role of a signed-in user.
 * @param customRole the ARN in `CustomRoleArn`: one of the token's roles, for users who have several
 * @throws PoolError
 */
export function roleOfUser(login: Login, customRole: string | undefined, settings: Settings): string {
  const mapping = settings.roleMappings.get(login.provider);
  const role =
    customRole === undefined
      ? mappedRole(login.claims, mapping, settings)
      : chosenRole(login.claims, customRole, mapping, settings);
  if (role !== undefined) return role;
  if (customRole === undefined && mapping?.otherwise !== "deny" && settings.authenticated !== undefined)
    return settings.authenticated;
  throw new PoolError(
    "InvalidIdentityPoolConfigurationException",
    "Invalid identity pool configuration. Check assigned IAM roles for this pool.",
  );
}

function chosenRole(
  claims: Claims,
  arn: string,
  mapping: RoleMapping | undefined,
  settings: Settings,
): string | undefined {
  const isOffered = mapping?.from === "token" && textsOf(claims["cognito:roles"]).includes(arn);
  return isOffered ? roleByArn(arn, settings) : undefined;
}

function mappedRole(
  claims: Claims,
  mapping: RoleMapping | undefined,
  settings: Settings,
): string | undefined {
  if (mapping === undefined) return undefined;
  if (mapping.from !== "token") return mapping.from.find((rule) => holds(rule, claims))?.role;
  const { "cognito:preferred_role": preferred } = claims;
  const roles = textsOf(claims["cognito:roles"]);
  const arn = preferred ?? (roles.length === 1 ? roles[0] : undefined);
  return typeof arn === "string" ? roleByArn(arn, settings) : undefined;
}

/** The name of a role of this pool and account. */
function roleByArn(arn: string, { accountId, roles }: Settings): string | undefined {
  const [, account, name = ""] = /^arn:aws[a-z-]*:iam::(\d{12}):role\/(?:.*\/)?([^/]+)$/.exec(arn) ?? [];
  return account === accountId && roles.has(name) ? name : undefined;
}

function holds({ claim, match, value }: RoleRule, claims: Claims): boolean {
  const { [claim]: claimed } = claims;
  const texts = textsOf(claimed);
  switch (match) {
    case "equals":
      return texts.includes(value);
    case "notEqual":
      return texts.length > 0 && !texts.includes(value);
    case "startsWith":
      return texts.some((text) => text.startsWith(value));
    case "contains":
      return typeof claimed === "string" ? claimed.includes(value) : texts.includes(value);
  }
}

/** The texts of a claim: one, or those of a list. Numbers and flags are compared as text, as Cognito does. */
function textsOf(claim: unknown): readonly string[] {
  const all: readonly unknown[] = Array.isArray(claim) ? claim : [claim];
  return all.filter((one) => ["string", "number", "boolean"].includes(typeof one)).map(String);
}
