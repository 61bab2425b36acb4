import {
  type AuthRule,
  createPolicy,
  type Finding,
  PolicyError,
  type PolicyOptions,
  type Provider,
  type RuleSchema,
} from "@authmodes/rules";
import type { RulesPlace } from "@authmodes/rules/sdl";

// What can be chosen, as the rules themselves judge: every choice is tried before it is offered.

const providerOfMode: Readonly<Record<string, Provider>> = {
  apiKey: "apiKey",
  iam: "identityPool",
  userPool: "userPools",
  oidc: "oidc",
  lambda: "function",
};

/** The providers whose callers this server can tell. */
export function servedProviders(
  modes: readonly { readonly mode: string }[],
  { providers }: PolicyOptions,
): readonly Provider[] {
  if (providers !== undefined) return providers.map((name) => (name === "iam" ? "identityPool" : name));
  return modes.flatMap(({ mode }) => providerOfMode[mode] ?? []);
}

export function rulesAt(schema: RuleSchema, { type, field }: RulesPlace): readonly AuthRule[] | undefined {
  const definition = schema.models[type] ?? schema.types?.[type];
  return field === undefined ? definition?.rules : definition?.fields[field]?.rules;
}

/** What would be wrong with these rules at a place that is not wrong already. */
export function objections(
  schema: RuleSchema,
  at: RulesPlace,
  rules: readonly AuthRule[],
  options: PolicyOptions,
): readonly Finding[] {
  const before = new Set(errorsOf(alone(schema, at, rulesAt(schema, at)), options).map(keyOf));
  return errorsOf(alone(schema, at, rules), options).filter((finding) => !before.has(keyOf(finding)));
}

/** Of one rule by itself, whatever else stands there. */
export function objectionsTo(
  schema: RuleSchema,
  at: RulesPlace,
  rule: AuthRule,
  options: PolicyOptions,
): readonly Finding[] {
  const { type, field } = at;
  const fields = Object.entries(schema.models[type]?.fields ?? schema.types?.[type]?.fields ?? {});
  const bare = Object.fromEntries(fields.map(([name, { rules: _rules, ...rest }]) => [name, rest]));
  const isModel = Object.hasOwn(schema.models, type);
  const part = { fields: bare, ...(isModel && { subscriptions: "off" as const }) };
  const mini: RuleSchema = isModel ? { models: { [type]: part } } : { models: {}, types: { [type]: part } };
  return errorsOf(alone(mini, field === undefined ? { type } : { type, field }, [rule]), options);
}

function keyOf({ code, model, field, message }: Finding): string {
  return JSON.stringify([code, model, field, message]);
}

/** The type with these rules, without the others, which have no say in it. */
function alone(
  { models, types = {} }: RuleSchema,
  { type, field }: RulesPlace,
  rules: readonly AuthRule[] | undefined,
): RuleSchema {
  const isModel = Object.hasOwn(models, type);
  const definition = isModel ? models[type] : types[type];
  if (definition === undefined) return { models: {} };
  const given = rules !== undefined && rules.length > 0 ? { rules } : {};
  const { rules: _old, ...bare } = definition;
  let changed = { ...bare, ...given };
  if (field !== undefined) {
    const { rules: _fieldRules, ...old } = definition.fields[field] ?? { type: "String" };
    changed = { ...definition, fields: { ...definition.fields, [field]: { ...old, ...given } } };
  }
  return isModel ? { models: { [type]: changed } } : { models: {}, types: { [type]: changed } };
}

function errorsOf(schema: RuleSchema, options: PolicyOptions): readonly Finding[] {
  try {
    createPolicy(schema, options);
    return [];
  } catch (error) {
    if (error instanceof PolicyError) return error.errors;
    throw error;
  }
}
