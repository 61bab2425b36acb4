import { checker } from "./check-rules.ts";
import { finding, type Place } from "./finding.ts";
import type { PolicyOptions } from "../compile/options.ts";
import { providerOf } from "../compile/roles.ts";
import type { AuthRule, Finding, RuleSchema } from "../types.ts";
import { validateModel } from "./validate-definition.ts";
import { validateShape } from "./validate-shape.ts";
import { validateType } from "./validate-type.ts";

/** Everything that is wrong with a schema, at once. */
export function validate(schema: RuleSchema, options: PolicyOptions): readonly Finding[] {
  const shape = validateShape(schema);
  if (shape.length > 0) return shape;
  const check = checker(options);
  const found: Finding[] = [];
  for (const [name, model] of Object.entries(schema.models)) found.push(...validateModel(name, model, check));
  for (const [name, type] of Object.entries(schema.types ?? {})) {
    found.push(...validateType(name, type, schema, check, options));
  }
  return [...found, ...validateNamespaces(schema, options)];
}

/** Names and groups of several issuers behind one provider would be taken for one another. */
function validateNamespaces(schema: RuleSchema, options: PolicyOptions): readonly Finding[] {
  if (options.sharedNamespace === true) return [];
  const found: Finding[] = [];
  for (const provider of ["userPools", "oidc"] as const) {
    const issuers = options.issuers?.[provider];
    if (!Array.isArray(issuers) || new Set(issuers).size < 2) continue;
    const places = placesOf(schema).filter(
      ({ rules }) => Array.isArray(rules) && rules.some((rule) => isNaming(rule, provider)),
    );
    for (const { at } of places) {
      found.push(
        finding(at, {
          code: "several-issuers",
          message: `several issuers stand behind ${provider}, and owner or groups rules would take the names of one for those of another`,
          mend: "name one issuer, or say sharedNamespace: true where their names and groups mean the same",
        }),
      );
    }
  }
  return found;
}

/** Whether a rule (of any shape, its own complaints come from elsewhere) compares names or groups. */
function isNaming(rule: AuthRule | null | undefined, provider: string): boolean {
  if (rule === null || rule === undefined || providerOf(rule) !== provider) return false;
  return rule.allow === "owner" || rule.allow === "groups" || rule.allOf !== undefined;
}

/** Every list of rules with its place. */
function placesOf(schema: RuleSchema): readonly { at: Place; rules: readonly AuthRule[] }[] {
  return Object.entries({ ...schema.models, ...schema.types }).flatMap(([model, { rules = [], fields }]) => [
    { at: { model }, rules },
    ...Object.entries(fields).map(([field, { rules: own = [] }]) => ({ at: { model, field }, rules: own })),
  ]);
}
