import { printable, UsageError } from "../io.ts";
import type { ModeName } from "../outgoing/source.ts";
import type { Framework } from "./framework.ts";

/** What `init` was told: the questions of Amplify's command line, answered. */
export interface Plan {
  readonly framework: Framework;
  readonly typescript: boolean;
  readonly modes: readonly ModeName[];
  readonly userPool: { readonly userPoolId: string; readonly clientId: readonly string[] } | undefined;
  readonly oidc: OidcPlan | undefined;
  readonly region: string;
  /** How long the first API key is good. */
  readonly apiKeyDays: number;
  readonly model: string;
  readonly access: readonly AccessRule[];
}

export interface OidcPlan {
  readonly issuer: string;
  readonly clientId?: string;
  readonly audience?: string;
  readonly maxTokenAgeSeconds?: number;
  readonly maxAuthAgeSeconds?: number;
}

/** Who may do what: as in `owner`, `private:read`, `group:Admins:create+update`. */
export interface AccessRule {
  readonly who: "owner" | "private" | "public" | "custom" | "group";
  readonly group?: string;
  readonly operations: readonly string[];
}

const operationNames: ReadonlySet<string> = new Set(["create", "read", "update", "delete", "get", "list"]);

/** @throws UsageError with what to write instead */
export function readAccess(text: string): AccessRule {
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

const tokenProviders: Partial<Record<ModeName, string>> = { userPool: "userPools", oidc: "oidc" };

/** Where nobody says who has access: each their own, and all may read. */
export function usualAccess(modes: readonly ModeName[]): readonly AccessRule[] {
  const hasTokens = modes.some((mode) => mode in tokenProviders);
  return [
    ...(hasTokens ? [{ who: "owner", operations: [] } as const] : []),
    ...(modes.includes("apiKey") ? [{ who: "public", operations: ["read"] } as const] : []),
    ...(modes.includes("lambda") ? [{ who: "custom", operations: ["read"] } as const] : []),
  ];
}

/** @throws UsageError where no mode could ever fulfil the rule */
export function rulesOf({ modes, access }: Pick<Plan, "modes" | "access">): readonly string[] {
  return access.flatMap((rule) => {
    const lines = linesOf(rule, modes);
    if (lines.length > 0) return lines;
    const needed = {
      public: "apiKey",
      custom: "lambda",
      owner: "userPool",
      private: "userPool",
      group: "userPool",
    };
    throw new UsageError(
      `--access ${rule.who} is for callers of a mode that is not served; add --modes ${needed[rule.who]}`,
    );
  });
}

/**
 * The rules of the field that names the owner: those of the model, but owners do not hand a record on.
 * @returns none if no owner may update
 */
export function ownerFieldRulesOf({ modes, access }: Pick<Plan, "modes" | "access">): readonly string[] {
  const hasAll = (rule: AccessRule): boolean => rule.operations.length === 0;
  const mayUpdate = (rule: AccessRule): boolean => hasAll(rule) || rule.operations.includes("update");
  if (!access.some((rule) => rule.who === "owner" && mayUpdate(rule))) return [];
  const ofField = access.flatMap((rule): readonly AccessRule[] => {
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

function linesOf({ who, group, operations }: AccessRule, modes: readonly ModeName[]): readonly string[] {
  const may = operations.length === 0 ? "" : `, operations: [${operations.join(", ")}]`;
  switch (who) {
    case "public":
      return modes.includes("apiKey") ? [`{ allow: public, provider: apiKey${may} }`] : [];
    case "custom":
      return modes.includes("lambda") ? [`{ allow: custom, provider: function${may} }`] : [];
    case "group":
      return modes.includes("userPool")
        ? [`{ allow: groups, groups: ${JSON.stringify([group])}${may} }`]
        : [];
    case "owner":
    case "private":
      return modes.flatMap((mode) => {
        const provider = tokenProviders[mode];
        if (provider === undefined) return [];
        // Tokens of other providers have no user name beside the subject.
        const claim = who === "owner" && mode === "oidc" ? ', identityClaim: "sub"' : "";
        return [`{ allow: ${who}, provider: ${provider}${claim}${may} }`];
      });
  }
}
