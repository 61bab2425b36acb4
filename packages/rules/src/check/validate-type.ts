import type { Check } from "./check-rules.ts";
import { finding, type Place } from "./finding.ts";
import type { PolicyOptions } from "../compile/options.ts";
import { rootTypes } from "../compile/plain-type.ts";
import { isDynamic, rolesOf } from "../compile/roles.ts";
import type { AuthRule, FieldDefinition, Finding, RuleSchema, TypeDefinition } from "../types.ts";

/** A type that is not a model: nested, or one of the roots. */
export function validateType(
  model: string,
  { rules, fields }: TypeDefinition,
  schema: RuleSchema,
  check: Check,
  options: PolicyOptions,
): readonly Finding[] {
  const found: Finding[] = [];
  if (Object.hasOwn(schema.models, model)) {
    const message = `${model} is both a model and a type`;
    found.push(finding({ model }, { code: "type-is-model", message, mend: "keep the model" }));
  }
  if (rules !== undefined) {
    const message = "Types annotated with @auth must also be annotated with @model.";
    const mend = "make it a model, or move the rules to its fields";
    found.push(finding({ model }, { code: "rules-on-type", message, mend }));
  }
  const place = rootTypes.includes(model) ? "root-field" : "plain-field";
  for (const [field, { rules: own }] of Object.entries(fields)) {
    if (own === undefined) continue;
    const complaints = check(own, place, { model, field });
    found.push(...complaints);
    const isDropped = options.compat?.dropDynamicFieldRules === true;
    if (complaints.length === 0 && !isDropped) found.push(...dynamicRules(own, { model, field }, fields));
  }
  return found;
}

/** Amplify drops such rules without a word; whoever wrote them believes that they hold. */
function dynamicRules(
  rules: readonly AuthRule[],
  at: Place,
  fields: Readonly<Record<string, FieldDefinition>>,
): readonly Finding[] {
  return rules
    .filter((rule) => rolesOf(rule, fields).some((role) => role.needs.some(isDynamic)))
    .map((rule) =>
      finding(at, {
        code: "dynamic-rule-outside-models",
        message: `${rule.allow === "owner" ? "owner" : "groupsField"} rules need a record, which fields outside models do not have`,
        mend: "write private, public, custom, or groups: ['…']; compat.dropDynamicFieldRules drops them, as Amplify does",
      }),
    );
}
