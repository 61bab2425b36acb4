import type { Check } from "./check-rules.ts";
import { finding } from "./finding.ts";
import { grantsOf } from "../compile/grants.ts";
import { isGuarded, keyOf } from "../compile/model.ts";
import { bits } from "../compile/operations.ts";
import { claimSeparator, defaultIdentityClaim, defaultOwnerField, rolesOf } from "../compile/roles.ts";
import { unknownSentence } from "./spelling.ts";
import type { Finding, ModelDefinition } from "../types.ts";

export function validateModel(model: string, definition: ModelDefinition, check: Check): readonly Finding[] {
  const { rules, fields } = definition;
  const found = rules === undefined ? [] : [...check(rules, "model", { model })];
  for (const [field, { rules: fieldRules }] of Object.entries(fields)) {
    if (fieldRules !== undefined) found.push(...check(fieldRules, "field", { model, field }));
  }
  found.push(...validateKeys(model, definition));
  // What follows reads the rules, which has to be possible.
  if (found.some(({ code }) => code !== "provider-not-configured")) return found;
  return [
    ...found,
    ...validateRoles(model, definition),
    ...validateSortKey(model, definition),
    ...validateRequired(model, definition),
  ];
}

function validateKeys(
  model: string,
  { fields, key = [], indexes = [] }: ModelDefinition,
): readonly Finding[] {
  const names = [...key, ...indexes.flatMap((index) => index.fields)];
  return names
    .filter((name) => !Object.hasOwn(fields, name))
    .map((name) =>
      finding(
        { model },
        {
          code: "unknown-key-field",
          message: unknownSentence(`field of ${model}`, name, Object.keys(fields)),
          mend: "name fields of the model in key and indexes",
        },
      ),
    );
}

/** Operations of one role cannot be spread over several rules of a model. */
function validateRoles(model: string, { rules = [], fields }: ModelDefinition): readonly Finding[] {
  const seen = new Set<string>();
  const found: Finding[] = [];
  for (const { name } of rules.flatMap((rule) => rolesOf(rule, fields))) {
    if (seen.has(name)) {
      found.push(
        finding(
          { model },
          {
            code: "role-twice",
            message: `@auth ${name} already exists for ${model}`,
            mend: "put all operations of this role into one rule",
          },
        ),
      );
    }
    seen.add(name);
  }
  return found;
}

function validateSortKey(model: string, definition: ModelDefinition): readonly Finding[] {
  const [, ...sortKeys] = keyOf(definition);
  const rules = [definition, ...Object.values(definition.fields)].flatMap(({ rules: own = [] }) => own);
  const joined = rules.filter(
    ({ allow, identityClaim = defaultIdentityClaim }) =>
      allow === "owner" && identityClaim.includes(claimSeparator),
  );
  const fields = new Set(joined.map(({ ownerField = defaultOwnerField }) => ownerField));
  return sortKeys
    .filter((key) => fields.has(key))
    .map((field) =>
      finding(
        { model, field },
        {
          code: "owner-is-sort-key",
          message: `The primary key's sort key type '${field}' cannot be used as an owner @auth field too. Please use another field for the sort key.`,
          mend: "use another sort key, or an identityClaim of one claim",
        },
      ),
    );
}

/** Subscribers are sent the answers to writes, in which a guarded field is null: it must be allowed to be. */
function validateRequired(model: string, definition: ModelDefinition): readonly Finding[] {
  if ((definition.subscriptions ?? "on") !== "on") return [];
  const grants = grantsOf(definition);
  // Amplify's condition, which overlooks readers without get: what it accepts is not refused here.
  const required = Object.entries(definition.fields)
    .filter(([name, { type }]) => type.endsWith("!") && isGuarded(name, grants, bits.get))
    .map(([name]) => name);
  if (required.length === 0) return [];
  return [
    finding(
      { model },
      {
        code: "required-field-guarded",
        message: `When using field-level authorization rules you need to add rules to all of the model's required fields with at least read permissions. Found model "${model}" with required fields ${JSON.stringify(required)} missing field-level authorization rules.`,
        mend: "give every reader of the model read on these fields, make them nullable, or set subscriptions to public or off",
      },
    ),
  ];
}
