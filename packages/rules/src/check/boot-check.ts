import { checkOptionNames } from "@authmodes/core/options";
import { hasNoRules, rulesOf } from "../compile/roles.ts";
import { providerOf, providerOfMode } from "../compile/words.ts";
import type { Policy } from "../policy.ts";
import type { Finding, MatrixRow } from "../types.ts";
import { error, warning } from "./finding.ts";

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

const members: readonly (keyof BootQuestion)[] = ["policy", "modes", "routes", "production"];

/**
 * Errors first. An empty list means that nothing was found.
 * @throws TypeError for a member of the question that does not exist
 */
export function checkBoot(question: BootQuestion): readonly Finding[] {
  checkOptionNames("checkBoot()", question, members);
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
  return found.toSorted((a, b) => Number(b.level === "error") - Number(a.level === "error"));
}

type Modes = readonly Exclude<ServedMode, string>[];

function inProduction({ policy, production = false }: BootQuestion, modes: Modes): readonly Finding[] {
  if (!production) return [];
  const found: Finding[] = [];
  if (modes.some(({ name }) => name === "none")) {
    const message = "the mode none is served in production: callers without credentials are let in";
    found.push(error({}, "none-in-production", message, "remove none(), or serve it on its routes alone"));
  }
  if (policy.schema.sandbox === true) {
    const message = "sandbox in production: API keys may do everything with models without rules";
    const mend = "remove the global rule, give each model its rules";
    found.push(error({}, "sandbox-in-production", message, mend));
  }
  return found;
}

function routesWithoutDecision(routes: readonly ServedRoute[]): readonly Finding[] {
  const mend = "guard it with allow(), or say in words that it is open or that its handler decides";
  return routes
    .filter(({ decision }) => decision === undefined || decision === "")
    .map(({ method, path }) => `${method} ${path}: nobody decides who may use it`)
    .map((message) => error({}, "route-without-decision", message, mend));
}

/** Names and groups of a second issuer would count as those of the first. */
function unnamedIssuers({ schema, options }: Policy, modes: Modes): readonly Finding[] {
  return modes.flatMap(({ name, issuers = [] }): Finding[] => {
    const provider = providerOfMode.get(name);
    if (provider !== "userPools" && provider !== "oidc") return [];
    const comparesNames = rulesOf(schema).some(
      (rule) => providerOf(rule) === provider && (rule.allow === "owner" || rule.allow === "groups"),
    );
    const isNamed = options.issuers?.[provider] !== undefined;
    if (new Set(issuers).size < 2 || isNamed || !comparesNames) return [];
    const message = `${name} accepts ${issuers.length} issuers (${issuers.join(", ")}), and rules compare names or groups of ${provider}`;
    return [error({}, "issuers-not-named", message, `give createPolicy issuers: { ${provider}: '…' }`)];
  });
}

function modelsWithoutRules({ schema }: Policy): readonly Finding[] {
  const who =
    schema.sandbox === true
      ? "API keys may do everything with it (sandbox)"
      : "nobody may do anything with it";
  return Object.entries(schema.models)
    .filter(([, definition]) => hasNoRules(definition))
    .map(([model]) =>
      warning({ model }, "model-without-rules", `it has no rules: ${who}`, "give it rules, or remove it"),
    );
}

function rulesWithoutMode({ schema, providers }: Policy, modes: Modes): readonly Finding[] {
  const served = new Set(modes.map(({ name }) => providerOfMode.get(name)));
  const used = new Set(rulesOf(schema).map(providerOf));
  return providers
    .filter((provider) => !served.has(provider) && used.has(provider))
    .map((provider) => {
      const [mode] = [...providerOfMode].find(([, one]) => one === provider) ?? [];
      const message = `rules with provider ${provider} can never hold: its mode is not served`;
      return warning({}, "provider-not-served", message, `serve ${mode}(), or remove these rules`);
    });
}

function modesWithoutRule({ schema, options }: Policy, modes: Modes): readonly Finding[] {
  const used = new Set(rulesOf(schema).map(providerOf));
  if (schema.sandbox === true) used.add("apiKey");
  if (options.iamAccess === true || options.adminRoles !== undefined) used.add("identityPool");
  return modes.flatMap(({ name }) => {
    const provider = providerOfMode.get(name);
    if (provider === undefined || used.has(provider)) return [];
    const message = `the mode ${name} is served, and no rule is about its callers`;
    return [warning({}, "mode-without-rule", message, "add a rule for them, or remove the mode")];
  });
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
        return [warning({ model }, "rule-without-effect", `${role} is granted nothing`, mend)];
      }
      const open = rows.filter((row) => row.role === openRoleBeside(role));
      if (!own.every((row) => isCovered(row, open)) || fillsOwner(own)) return [];
      const message = `${role} adds nothing: ${open[0]?.role} may do all of it already`;
      return [warning({ model }, "rule-shadowed", message, "remove it, or narrow the private rule")];
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

function rulesOfNobody({ schema, options }: Policy): readonly Finding[] {
  const isUsed = rulesOf(schema).some((rule) => providerOf(rule) === "identityPool");
  if (!isUsed || options.identityPool !== undefined) return [];
  const message =
    "rules with provider identityPool match nobody: the policy does not know whose guests and users are meant";
  return [error({}, "identity-pool-unknown", message, "give createPolicy identityPool: { id: '…' }")];
}
