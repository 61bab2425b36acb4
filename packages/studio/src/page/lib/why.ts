import type { Identity } from "@authmodes/core";
import {
  type AuthRule,
  createPolicy,
  type ModelDefinition,
  type Policy,
  type PolicyOptions,
  type Question,
  type RuleSchema,
} from "@authmodes/rules";
import { rolesOfType, roleWords } from "./words.ts";

/**
 * Decides, and says what each role of the model alone would decide.
 * @throws {TypeError} if the question names a field that the model does not have
 */
export function decideByRole(policy: Policy, identity: Identity, question: Question) {
  const { schema, options, providers } = policy;
  const decision = policy.decide(identity, question);
  const definition = schema.models[question.model];
  if (definition === undefined) return { decision, steps: [] };
  const steps = [...rolesOfType(question.model, [policy]).values()].map(({ name, long }) => {
    const alone = onlyRole(schema, question.model, definition, name);
    // Admin roles would pass every rule. The decision itself names them.
    const { adminRoles: _adminRoles, iamAccess: _iamAccess, ...others } = options;
    const asked: PolicyOptions = { ...others, providers };
    const decided = createPolicy(alone, asked).decide(identity, question);
    // Another rule may let them.
    const explanation = decided.explanation.replace(": no rule lets ", ": this rule does not let ");
    return { role: name, who: long, decision: decided, explanation };
  });
  return { decision, steps };
}

/**
 * The model in which only this role is granted anything. The other rules stay and grant nothing, since all rules
 * together determine which fields hold owners, and how owners are compared.
 */
function onlyRole(schema: RuleSchema, name: string, definition: ModelDefinition, role: string): RuleSchema {
  const limited = <T extends { readonly rules?: readonly AuthRule[] }>(one: T): T =>
    one.rules === undefined ? one : { ...one, rules: one.rules.flatMap((rule) => parted(rule, role)) };
  const fields = Object.fromEntries(
    Object.entries(definition.fields).map(([field, one]) => [field, limited(one)]),
  );
  const model: ModelDefinition = { ...limited(definition), fields, subscriptions: "off" };
  const types = Object.values(definition.fields).map(({ type }) => type.replaceAll(/[[\]!\s]/g, ""));
  const related = new Set(types);
  const neighbours = Object.entries(schema.models).filter(([other]) => related.has(other));
  return { ...schema, models: { ...Object.fromEntries(neighbours), [name]: model } };
}

function parted(rule: AuthRule, role: string): readonly AuthRule[] {
  return roleWords(rule).map(({ name, rule: one }) => (name === role ? one : { ...one, operations: [] }));
}
