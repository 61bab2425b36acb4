import {
  type AuthRule,
  createPolicy,
  type Finding,
  PolicyError,
  type PolicyOptions,
  type Provider,
  providerOfMode,
  type RuleSchema,
  type Strategy,
  type TypeDefinition,
} from "@authmodes/rules";
import { printRule, type RulesPlace } from "@authmodes/rules/sdl";
import type { State } from "../../api.ts";
import { attempt } from "./attempt.ts";
import { rulesAt, typeNamed } from "./schema.ts";

// What can be chosen: the rules themselves check every choice before it is offered.

/** The providers that the options of the server's policy name, the default one first; undefined if they name none. */
export function namedProviders(running: State["running"]): readonly Provider[] | undefined {
  return running?.options.providers && running.providers;
}

/** The providers whose callers this server can verify. */
export function servedProviders(
  modes: readonly { readonly mode: string }[],
  named: readonly Provider[] | undefined,
): readonly Provider[] {
  return named ?? modes.flatMap(({ mode }) => providerOfMode.get(mode) ?? []);
}

/** Returns what would be wrong with these rules at a place, and is not wrong already. */
export function objections(
  schema: RuleSchema,
  at: RulesPlace,
  rules: readonly AuthRule[],
  options: PolicyOptions,
): readonly Finding[] {
  const before = new Set(errorsOf(alone(schema, at, rulesAt(schema, at)), options).map(keyOf));
  return errorsOf(alone(schema, at, rules), options).filter((finding) => !before.has(keyOf(finding)));
}

/** Checks single rules at a place, whatever other rules are there. Each rule is checked once. */
export function judge(
  schema: RuleSchema,
  at: RulesPlace,
  options: PolicyOptions,
): (rule: AuthRule) => Finding | undefined {
  const bare = withoutRules(schema, at.type);
  const judged = new Map<string, Finding | undefined>();
  return (rule) => {
    const key = printRule(rule);
    if (!judged.has(key)) judged.set(key, errorsOf(alone(bare, at, [rule]), options)[0]);
    return judged.get(key);
  };
}

/** A rule with what its strategy requires. */
export function trialOf(allow: Strategy, provider: Provider): AuthRule {
  return { allow, provider, ...(allow === "groups" && { groups: ["Group"] }) };
}

function keyOf({ code, model, field, message }: Finding): string {
  return JSON.stringify([code, model, field, message]);
}

/** The type with these rules at the place, without the other types, which do not matter here. */
function alone(schema: RuleSchema, { type, field }: RulesPlace, rules: readonly AuthRule[] = []): RuleSchema {
  const definition = typeNamed(schema, type);
  if (definition === undefined) return { models: {} };
  const { [field ?? ""]: old = { type: "String" } } = definition.fields;
  const changed =
    field === undefined
      ? withRules(definition, rules)
      : { ...definition, fields: { ...definition.fields, [field]: withRules(old, rules) } };
  return onlyType(schema, type, changed);
}

/** The type alone and without subscriptions, for which rules would have to agree with each other. */
function withoutRules(schema: RuleSchema, type: string): RuleSchema {
  const fields = Object.entries(typeNamed(schema, type)?.fields ?? {});
  const bareFields = Object.fromEntries(fields.map(([name, field]) => [name, withRules(field, [])]));
  const isModel = Object.hasOwn(schema.models, type);
  return onlyType(schema, type, { fields: bareFields, ...(isModel && { subscriptions: "off" }) });
}

function onlyType({ models }: RuleSchema, type: string, definition: TypeDefinition): RuleSchema {
  return Object.hasOwn(models, type)
    ? { models: { [type]: definition } }
    : { models: {}, types: { [type]: definition } };
}

function withRules<T extends { readonly rules?: readonly AuthRule[] }>(
  { rules: _rules, ...rest }: T,
  rules: readonly AuthRule[],
): Omit<T, "rules"> & { readonly rules?: readonly AuthRule[] } {
  return rules.length > 0 ? { ...rest, rules } : rest;
}

function errorsOf(schema: RuleSchema, options: PolicyOptions): readonly Finding[] {
  const result = attempt(() => createPolicy(schema, options));
  if (result instanceof PolicyError) return result.errors;
  if (result instanceof Error) throw result;
  return [];
}
