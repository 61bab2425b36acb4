import type { Choice } from "../ask.ts";
import { printable, UsageError } from "../io.ts";
import type { ModeName } from "../outgoing/source.ts";
import type { Plan } from "./plan.ts";

/** A parsed `--access`: `owner`, `private:read`, `group:Admins:create+update`. */
export interface RuleTemplate {
  readonly who: "owner" | "private" | "public" | "custom" | "group";
  readonly group?: string;
  readonly operations: readonly string[];
}

/** The start of the rules for each kind of caller, by the caller's mode. */
const ruleStarts: Record<RuleTemplate["who"], Partial<Record<ModeName, string>>> = {
  // Tokens of other providers have no user name beside the subject.
  owner: {
    userPool: "allow: owner, provider: userPools",
    oidc: 'allow: owner, provider: oidc, identityClaim: "sub"',
  },
  private: { userPool: "allow: private, provider: userPools", oidc: "allow: private, provider: oidc" },
  public: { apiKey: "allow: public, provider: apiKey" },
  custom: { lambda: "allow: custom, provider: function" },
  group: { userPool: "allow: groups" },
};

const operationNames: ReadonlySet<string> = new Set(["create", "read", "update", "delete", "get", "list"]);

/** @throws UsageError with what to write instead */
export function readAccess(text: string): RuleTemplate {
  const [who = "", ...rest] = text.split(":");
  const group = who === "group" ? rest.shift() : undefined;
  const operations = rest.length === 0 ? [] : (rest[0] ?? "").split("+");
  const known = (["owner", "private", "public", "custom", "group"] as const).find((name) => name === who);
  const isFine =
    known !== undefined &&
    rest.length < 2 &&
    (who !== "group" || (group !== undefined && /^[\w.@ -]+$/.test(group))) &&
    operations.every((operation) => operationNames.has(operation));
  if (!isFine) {
    throw new UsageError(
      `'${printable(text)}' does not say who has access; write owner, private, public, custom or group:<name>, ` +
        "and perhaps what they may do: private:read, group:Admins:create+update",
    );
  }
  return { who: known, operations, ...(group !== undefined && { group }) };
}

/** The checked ones are the default. */
const accessChoices: readonly Choice<string>[] = [
  { value: "owner", name: "owners have full access to their own records", checked: true },
  { value: "private:read", name: "signed-in users can read" },
  { value: "public:read", name: "callers with the API key can read", checked: true },
  { value: "custom:read", name: "callers that the authorizer accepts can read", checked: true },
];

/** The choices that callers of these modes could use. */
export function accessChoicesOf(modes: readonly ModeName[]): readonly Choice<string>[] {
  return accessChoices.filter(({ value }) => linesOf(readAccess(value), modes).length > 0);
}

/** @throws UsageError if no caller of the modes could match the rule */
export function rulesOf({ modes, access }: Pick<Plan, "modes" | "access">): readonly string[] {
  return access.flatMap((rule) => {
    const lines = linesOf(rule, modes);
    if (lines.length > 0) return lines;
    throw new UsageError(
      `--access ${rule.who} is for callers of a mode that is not served; add --modes ${Object.keys(ruleStarts[rule.who])[0]}`,
    );
  });
}

/**
 * The rules of the owner field: those of the model, except that owners cannot give a record to another user.
 * @returns none if no owner may update
 */
export function ownerFieldRulesOf({ modes, access }: Pick<Plan, "modes" | "access">): readonly string[] {
  const hasAll = (rule: RuleTemplate): boolean => rule.operations.length === 0;
  const mayUpdate = (rule: RuleTemplate): boolean => hasAll(rule) || rule.operations.includes("update");
  if (!access.some((rule) => rule.who === "owner" && mayUpdate(rule))) return [];
  const ofField = access.flatMap((rule): readonly RuleTemplate[] => {
    if (rule.who !== "owner" && hasAll(rule)) return [rule];
    const named = hasAll(rule) ? ["create", "read", "delete"] : rule.operations.map(onField);
    const operations = [...new Set(named)].filter((name) => rule.who !== "owner" || name !== "update");
    return operations.length === 0 ? [] : [{ ...rule, operations }];
  });
  return rulesOf({ modes, access: ofField });
}

/** On a field there is one kind of reading. */
function onField(operation: string): string {
  return operation === "get" || operation === "list" ? "read" : operation;
}

function linesOf({ who, group, operations }: RuleTemplate, modes: readonly ModeName[]): readonly string[] {
  const groups = group === undefined ? "" : `, groups: ${JSON.stringify([group])}`;
  const may = operations.length === 0 ? "" : `, operations: [${operations.join(", ")}]`;
  return modes.flatMap((mode) => ruleStarts[who][mode] ?? []).map((start) => `{ ${start}${groups}${may} }`);
}
