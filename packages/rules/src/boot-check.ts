import type { Policy } from "./policy.ts";
import { providerOf } from "./roles.ts";
import { checkMembers } from "./spelling.ts";
import type { AuthRule, Finding, MatrixRow, Provider, RuleSchema } from "./types.ts";

// What is wrong with a server although each part of it is well formed. Asked once, at start.

/** A mode that the server serves: its name, or the mode itself. */
export type ServedMode = string | { readonly name: string; readonly issuers?: readonly string[] };

export interface ServedRoute {
  readonly method: string;
  readonly path: string;
  /** Who decides about it, in words: `get Book`, `open`, `handler`. Absent: nobody. */
  readonly decision?: string | undefined;
}

export interface BootQuestion {
  readonly policy: Policy;
  /** The modes of the auth. */
  readonly modes: readonly ServedMode[];
  readonly routes?: readonly ServedRoute[];
  /** Default false. */
  readonly production?: boolean;
}

/** By the name of the mode that proves its callers. */
export const providerOfMode: ReadonlyMap<string, Provider> = new Map([
  ["apiKey", "apiKey"],
  ["iam", "identityPool"],
  ["userPool", "userPools"],
  ["oidc", "oidc"],
  ["lambda", "function"],
]);

const members: readonly (keyof BootQuestion)[] = ["policy", "modes", "routes", "production"];

/**
 * Errors first. An empty list means that nothing was found.
 * @throws TypeError for a member of the question that does not exist
 */
export function checkBoot(question: BootQuestion): readonly Finding[] {
  checkMembers("checkBoot(): ", "option", question, members);
  const { policy, routes = [] } = question;
  const modes = question.modes.map((mode) => (typeof mode === "string" ? { name: mode } : mode));
  const found = [
    ...inProduction(question, modes),
    ...routesWithoutDecision(routes),
    ...unnamedIssuers(policy, modes),
    ...modelsWithoutRules(policy),
    ...rulesWithoutMode(policy, modes),
    ...modesWithoutRule(policy, modes),
    ...rulesWithoutEffect(policy),
    ...rulesOfNobody(policy),
  ];
  return [
    ...found.filter(({ level }) => level === "error"),
    ...found.filter(({ level }) => level === "warning"),
  ];
}

type Modes = readonly Exclude<ServedMode, string>[];

function inProduction({ policy, production = false }: BootQuestion, modes: Modes): readonly Finding[] {
  if (!production) return [];
  const found: Finding[] = [];
  if (modes.some(({ name }) => name === "none")) {
    const message = "the mode none is served in production: callers without credentials are let in";
    found.push({
      code: "none-in-production",
      level: "error",
      message,
      mend: "remove none(), or serve it on its routes alone",
    });
  }
  if (policy.schema.sandbox === true) {
    const message = "sandbox in production: API keys may do everything with models without rules";
    found.push({
      code: "sandbox-in-production",
      level: "error",
      message,
      mend: "remove the global rule, give each model its rules",
    });
  }
  return found;
}

function routesWithoutDecision(routes: readonly ServedRoute[]): readonly Finding[] {
  return routes
    .filter(({ decision }) => decision === undefined || decision === "")
    .map(({ method, path }) => ({
      code: "route-without-decision",
      level: "error",
      message: `${method} ${path}: nobody decides who may use it`,
      mend: "guard it with allow(), or say in words that it is open or that its handler decides",
    }));
}

/** Names and groups of a second issuer would count as those of the first. */
function unnamedIssuers(policy: Policy, modes: Modes): readonly Finding[] {
  return modes.flatMap(({ name, issuers = [] }): Finding[] => {
    const provider = providerOfMode.get(name);
    if (provider !== "userPools" && provider !== "oidc") return [];
    const isNamed = policy.options.issuers?.[provider] !== undefined;
    if (new Set(issuers).size < 2 || isNamed || !comparesNames(policy.schema, provider)) return [];
    const message = `${name} accepts ${issuers.length} issuers (${issuers.join(", ")}), and rules compare names or groups of ${provider}`;
    return [
      {
        code: "issuers-not-named",
        level: "error",
        message,
        mend: `give createPolicy issuers: { ${provider}: '…' }`,
      },
    ];
  });
}

function comparesNames(schema: RuleSchema, provider: Provider): boolean {
  return rulesOf(schema).some(
    (rule) => providerOf(rule) === provider && (rule.allow === "owner" || rule.allow === "groups"),
  );
}

function rulesOf({ models, types = {} }: RuleSchema): readonly AuthRule[] {
  return [...Object.values(models), ...Object.values(types)].flatMap(({ rules = [], fields }) => [
    ...rules,
    ...Object.values(fields).flatMap((field) => field.rules ?? []),
  ]);
}

function modelsWithoutRules({ schema }: Policy): readonly Finding[] {
  return Object.entries(schema.models)
    .filter(
      ([, { rules, fields }]) =>
        rules === undefined && Object.values(fields).every((field) => field.rules === undefined),
    )
    .map(([model]) => ({
      code: "model-without-rules",
      level: "warning",
      model,
      message:
        schema.sandbox === true
          ? "it has no rules: API keys may do everything with it (sandbox)"
          : "it has no rules: nobody may do anything with it",
      mend: "give it rules, or remove it",
    }));
}

function rulesWithoutMode(policy: Policy, modes: Modes): readonly Finding[] {
  const served = new Set(modes.map(({ name }) => providerOfMode.get(name)));
  return policy.providers
    .filter(
      (provider) =>
        !served.has(provider) && rulesOf(policy.schema).some((rule) => providerOf(rule) === provider),
    )
    .map((provider) => ({
      code: "provider-not-served",
      level: "warning",
      message: `rules with provider ${provider} can never hold: its mode is not served`,
      mend: `serve ${[...providerOfMode].find(([, one]) => one === provider)?.[0]}(), or remove these rules`,
    }));
}

function modesWithoutRule(policy: Policy, modes: Modes): readonly Finding[] {
  const used = new Set(rulesOf(policy.schema).map(providerOf));
  if (policy.schema.sandbox === true) used.add("apiKey");
  const { iamAccess, adminRoles } = policy.options;
  if (iamAccess === true || adminRoles !== undefined) used.add("identityPool");
  return modes
    .filter(({ name }) => {
      const provider = providerOfMode.get(name);
      return provider !== undefined && !used.has(provider);
    })
    .map(({ name }) => ({
      code: "mode-without-rule",
      level: "warning",
      message: `the mode ${name} is served, and no rule is about its callers`,
      mend: "add a rule for them, or remove the mode",
    }));
}

/** Roles that have nothing, or nothing that everybody who is signed in by the same provider does not have. */
function rulesWithoutEffect(policy: Policy): readonly Finding[] {
  return Object.keys(policy.schema.models).flatMap((model) => {
    const rows = policy.matrix(model);
    const roles = [...new Set(rows.map((row) => row.role))];
    return roles.flatMap((role): Finding[] => {
      const own = rows.filter((row) => row.role === role);
      if (own.every((row) => row.operations.length === 0)) {
        const mend =
          "give it operations, or remove it; a field with rules of its own takes none from the model";
        return [
          {
            code: "rule-without-effect",
            level: "warning",
            model,
            message: `${role} is granted nothing`,
            mend,
          },
        ];
      }
      const open = rows.filter((row) => row.role === openRoleBeside(role));
      if (!own.every((row) => isCovered(row, open)) || fillsOwner(own)) return [];
      const message = `${role} adds nothing: ${open[0]?.role} may do all of it already`;
      return [
        {
          code: "rule-shadowed",
          level: "warning",
          model,
          message,
          mend: "remove it, or narrow the private rule",
        },
      ];
    });
  });
}

/** The role of everybody who is signed in by the same tokens. */
function openRoleBeside(role: string): string | undefined {
  const provider = ["userPools", "oidc"].find((prefix) => role.startsWith(`${prefix}:`));
  return provider === undefined || role === `${provider}:private` ? undefined : `${provider}:private`;
}

function isCovered({ field, operations }: MatrixRow, open: readonly MatrixRow[]): boolean {
  const granted = open.find((row) => row.field === field)?.operations ?? [];
  return operations.every((operation) => granted.includes(operation));
}

/** An owner rule with create also writes down the owner. */
function fillsOwner(rows: readonly MatrixRow[]): boolean {
  return rows.some(({ role, operations }) => role.includes(":owner:") && operations.includes("create"));
}

function rulesOfNobody(policy: Policy): readonly Finding[] {
  const isUsed = rulesOf(policy.schema).some((rule) => providerOf(rule) === "identityPool");
  if (!isUsed || policy.options.identityPool !== undefined) return [];
  const message =
    "rules with provider identityPool match nobody: the policy does not know whose guests and users are meant";
  return [
    {
      code: "identity-pool-unknown",
      level: "error",
      message,
      mend: "give createPolicy identityPool: { id: '…' }",
    },
  ];
}
