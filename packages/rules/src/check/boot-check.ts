import { checkOptionNames } from "@authmodes/core/options";
import { rulesOf } from "../compile/roles.ts";
import { providerOf, providerOfMode } from "../compile/words.ts";
import type { Policy } from "../policy.ts";
import type { AuthRule, Finding, MatrixRow } from "../types.ts";
import { error, warning } from "./finding.ts";

// Checks modes, routes and rules of a server together, once at start.

/** A mode that the server accepts: its name, or the mode itself. */
export type ServedMode =
  | string
  | {
      readonly name: string;
      readonly issuers?: readonly string[];
      /** The claim that the identity's groups come from, if an option of the mode names it. */
      readonly groupsClaim?: string | undefined;
    };

/** A route of the server, with what decides about it. */
export interface ServedRoute {
  readonly method: string;
  readonly path: string;
  /** What decides about it, for people: `get Book`, `open`, `handler`. Undefined: nothing does. */
  readonly decision?: string | undefined;
}

/** What `checkBoot` looks at. */
export interface BootQuestion {
  /** Default: the server has no rules. */
  readonly policy?: Policy;
  /** The modes of the auth: `auth.modes`. */
  readonly modes: readonly ServedMode[];
  readonly routes?: readonly ServedRoute[];
  /** Reports what is fine in development only: the mode `none`, and `sandbox`. Default false. */
  readonly production?: boolean;
}

const members: readonly (keyof BootQuestion)[] = ["policy", "modes", "routes", "production"];

/**
 * Checks whether a server's modes and routes fit its rules.
 * @returns errors first, then warnings; empty if all is well
 * @throws TypeError for a member of the question that does not exist
 * @example
 * import { checkBoot, type Policy } from "@authmodes/rules";
 * export function warn(policy: Policy): void {
 *   for (const finding of checkBoot({ policy, modes: ["userPool", "apiKey"] })) {
 *     console.warn(finding.level, finding.message, finding.mend);
 *   }
 * }
 */
export function checkBoot(question: BootQuestion): readonly Finding[] {
  checkOptionNames("checkBoot()", question, members);
  const { policy, routes = [] } = question;
  const modes = question.modes.map((mode) => (typeof mode === "string" ? { name: mode } : mode));
  const found = [
    ...inProduction(question, modes),
    ...routesWithoutDecision(routes),
    ...(policy === undefined ? [] : ruleFindings(policy, modes)),
  ];
  return found.toSorted((a, b) => Number(b.level === "error") - Number(a.level === "error"));
}

type Modes = readonly Exclude<ServedMode, string>[];

function ruleFindings(policy: Policy, modes: Modes): readonly Finding[] {
  return [
    ...unnamedIssuers(policy, modes),
    ...otherGroupClaims(policy, modes),
    ...policy.warnings.filter(({ code }) => code === "model-without-rules"),
    ...rulesWithoutMode(policy, modes),
    ...modesWithoutRule(policy, modes),
    ...rulesWithoutEffect(policy),
    ...rulesOfUnknownPool(policy),
  ];
}

function inProduction({ policy, production = false }: BootQuestion, modes: Modes): readonly Finding[] {
  if (!production) return [];
  const found: Finding[] = [];
  if (modes.some(({ name }) => name === "none")) {
    const message = "mode none is on in production: requests without credentials are accepted";
    found.push(error({}, "none-in-production", message, "remove none(), or limit it to its own routes"));
  }
  if (policy?.schema.sandbox === true) {
    const message = "sandbox in production: API keys may do everything with models without rules";
    const mend = "remove the global rule, and give each model its rules";
    found.push(error({}, "sandbox-in-production", message, mend));
  }
  return found;
}

function routesWithoutDecision(routes: readonly ServedRoute[]): readonly Finding[] {
  const mend = "guard it with allow(), or declare it as open or as decided by its handler";
  return routes
    .filter(({ decision }) => decision === undefined || decision === "")
    .map(({ method, path }) => `${method} ${path}: nothing decides who may use it`)
    .map((message) => error({}, "route-without-decision", message, mend));
}

/** Users and groups of a second issuer would be taken for those of the first. */
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

/** A rule reads the claim that it names itself, by default Cognito's, not the one that the mode names. */
function otherGroupClaims({ schema }: Policy, modes: Modes): readonly Finding[] {
  return modes.flatMap(({ name, groupsClaim }) => {
    if (groupsClaim === undefined) return [];
    const read = rulesOf(schema)
      .filter((rule) => providerOf(rule) === providerOfMode.get(name))
      .flatMap((rule) => [rule, ...(rule.allOf ?? [])].filter(({ allow }) => allow === "groups"))
      .map(({ groupClaim = "cognito:groups" }) => groupClaim);
    return [...new Set(read)]
      .filter((claim) => claim !== groupsClaim)
      .map((claim) => {
        const message = `group rules read the claim ${claim}, but ${name} takes groups from ${groupsClaim}`;
        return warning({}, "group-claim-differs", message, `write groupClaim: "${groupsClaim}" in the rules`);
      });
  });
}

function rulesWithoutMode({ schema, providers }: Policy, modes: Modes): readonly Finding[] {
  const served = new Set(modes.map(({ name }) => providerOfMode.get(name)));
  const used = new Set(rulesOf(schema).map(providerOf));
  return providers
    .filter((provider) => !served.has(provider) && used.has(provider))
    .map((provider) => {
      const [mode] = [...providerOfMode].find(([, one]) => one === provider) ?? [];
      const message = `rules with provider ${provider} never apply: the server does not accept mode ${mode}`;
      return warning({}, "provider-not-served", message, `add ${mode}() to the modes, or remove these rules`);
    });
}

function modesWithoutRule({ schema, options }: Policy, modes: Modes): readonly Finding[] {
  const used = new Set(rulesOf(schema).map(providerOf));
  if (schema.sandbox === true) used.add("apiKey");
  if (options.iamAccess === true || options.adminRoles !== undefined) used.add("identityPool");
  return modes.flatMap(({ name }) => {
    const provider = providerOfMode.get(name);
    if (provider === undefined || used.has(provider)) return [];
    const message = `mode ${name} is accepted, but no rule covers its callers`;
    return [
      warning({}, "mode-without-rule", message, "add a rule for them, or keep the mode off: auth.only(…)"),
    ];
  });
}

/** Roles without rights, or without any right that signed-in users of the same provider do not already have. */
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

/** The role that all signed-in users of the same provider have. */
function openRoleBeside(role: string): string | undefined {
  const provider = ["userPools", "oidc"].find((prefix) => role.startsWith(`${prefix}:`));
  return provider === undefined || role === `${provider}:private` ? undefined : `${provider}:private`;
}

function isCovered({ field, operations }: MatrixRow, open: readonly MatrixRow[]): boolean {
  const granted = open.find((row) => row.field === field)?.operations ?? [];
  return operations.every((operation) => granted.includes(operation));
}

/** An owner rule with create has an effect of its own: it fills in the owner. */
function fillsOwner(rows: readonly MatrixRow[]): boolean {
  return rows.some(({ role, operations }) => role.includes(":owner:") && operations.includes("create"));
}

function rulesOfUnknownPool({ schema, options }: Policy): readonly Finding[] {
  const { id, authRoleArn, unauthRoleArn } = options.identityPool ?? {};
  const isUnknown = ({ allow, includeSignedIn }: AuthRule): boolean => {
    const isOfSignedIn = allow === "private" || includeSignedIn === true;
    const known = [
      id,
      isOfSignedIn ? authRoleArn : undefined,
      allow === "public" ? unauthRoleArn : undefined,
    ];
    return known.every((name) => name === undefined);
  };
  const rule = rulesOf(schema).find((one) => providerOf(one) === "identityPool" && isUnknown(one));
  if (rule === undefined) return [];
  const which = `{ allow: ${rule.allow}, provider: identityPool }`;
  const message = `rules ${which} never apply: the policy names neither the identity pool nor the role of its users`;
  return [error({}, "identity-pool-unknown", message, "give createPolicy identityPool: { id: '…' }")];
}
