import { rootTypes } from "../compile/compile.ts";
import type { Grants } from "../compile/grants.ts";
import { baseTypeOf, keyOf, readersWithout } from "../compile/model.ts";
import { bits } from "../compile/operations.ts";
import { namedProviders, type PolicyOptions } from "../compile/options.ts";
import { isDynamic, type Role, rolesOf, rulesOfType } from "../compile/roles.ts";
import { claimSeparator, defaultIdentityClaim, defaultOwnerField } from "../compile/words.ts";
import type { AuthRule, Finding, ModelDefinition, RuleSchema, TypeDefinition } from "../types.ts";
import { error, type Place } from "./finding.ts";
import { unknownSentence } from "./spelling.ts";
import { type RulePlace, validateProvider, validateRule } from "./validate-rule.ts";

// Validates one model, or one type that is not a model.

/** Validates the rules of a model or a field. */
type CheckRules = (rules: readonly AuthRule[], place: RulePlace, at: Place) => readonly Finding[];

/** @param readRules whether each rule was validated when it was read from text */
export function ruleChecker(options: PolicyOptions, readRules: boolean): CheckRules {
  const configured = namedProviders(options);
  return (rules, place, at) => {
    if (!Array.isArray(rules)) {
      return [error(at, "rules-list", "rules is not a list", "write rules: [ … ]")];
    }
    if (rules.length === 0) {
      const message = `@auth on ${at.field ?? at.model} does not have any auth rules.`;
      const mend = "add a rule, or remove the empty list: without rules every request is denied";
      return [error(at, "no-rules", message, mend)];
    }
    const found = rules.flatMap((rule) =>
      readRules ? validateProvider(rule, configured) : validateRule(rule, place, configured),
    );
    return found.map(({ code, message, mend }) => error(at, code, message, mend));
  };
}

export function validateModel(
  model: string,
  definition: ModelDefinition,
  check: CheckRules,
): readonly Finding[] {
  const { rules, fields } = definition;
  const found = rules === undefined ? [] : [...check(rules, "model", { model })];
  for (const [field, { rules: fieldRules }] of Object.entries(fields)) {
    if (fieldRules !== undefined) found.push(...check(fieldRules, "field", { model, field }));
  }
  return [...found, ...validateKeys(model, definition)];
}

export function validateGrants(
  model: string,
  definition: ModelDefinition,
  grants: readonly Grants[],
): readonly Finding[] {
  return [
    ...validateRoles(model, grants),
    ...validateCompared(model, definition, grants),
    ...validateSortKey(model, definition),
    ...validateRequired(model, definition, grants),
  ];
}

function validateKeys(
  model: string,
  { fields, key = [], indexes = [] }: ModelDefinition,
): readonly Finding[] {
  const names = [...key, ...indexes.flatMap((index) => index.fields)];
  return names
    .filter((name) => !Object.hasOwn(fields, name))
    .map((name) => {
      const message = unknownSentence(`field of ${model}`, name, Object.keys(fields));
      return error({ model }, "unknown-key-field", message, "name fields of the model in key and indexes");
    });
}

/** A role has one rule: its operations cannot be spread over several. */
function validateRoles(model: string, grants: readonly Grants[]): readonly Finding[] {
  return grants
    .filter(({ repeated }) => repeated)
    .map(({ role: { name } }) => {
      const message = `@auth ${name} already exists for ${model}`;
      return error({ model }, "role-twice", message, "put all operations of this role into one rule");
    });
}

function validateSortKey(model: string, definition: ModelDefinition): readonly Finding[] {
  const [, ...sortKeys] = keyOf(definition);
  const joined = rulesOfType(definition).filter(
    ({ allow, identityClaim = defaultIdentityClaim }) =>
      allow === "owner" && identityClaim.includes(claimSeparator),
  );
  const fields = new Set(joined.map(({ ownerField = defaultOwnerField }) => ownerField));
  return sortKeys
    .filter((key) => fields.has(key))
    .map((field) => {
      const message = `The primary key's sort key type '${field}' cannot be used as an owner @auth field too. Please use another field for the sort key.`;
      const mend = "use another sort key, or an identityClaim of one claim";
      return error({ model, field }, "owner-is-sort-key", message, mend);
    });
}

/** Whole numbers are compared by their decimal text. Other values have no text that every database agrees on. */
const incomparable: ReadonlySet<string> = new Set(["Float", "Double", "Boolean", "AWSJSON", "AWSTimestamp"]);

function validateCompared(
  model: string,
  { fields }: ModelDefinition,
  grants: readonly Grants[],
): readonly Finding[] {
  const found = new Map<string, Finding>();
  for (const need of grants.flatMap(({ role }) => role.needs)) {
    if (!isDynamic(need) || !Object.hasOwn(fields, need.field)) continue;
    const { field } = need;
    const type = baseTypeOf(fields[field] ?? { type: "" });
    if (incomparable.has(type)) {
      const message = `'${field}' is of type ${type}, which cannot be compared with a claim`;
      found.set(field, error({ model, field }, "compared-type", message, "use ID, String, Int or BigInt"));
    } else if (need.kind === "owner" && need.number !== undefined && need.claims.length > 1) {
      const message = `ownerField '${field}' is of type ${type}, but '${need.claims.join(claimSeparator)}' joins claims to a text`;
      const mend = "write identityClaim: '…' with the one claim that holds the number";
      found.set(field, error({ model, field }, "compared-type", message, mend));
    }
  }
  return [...found.values()];
}

/** Subscribers receive the answers to writes, in which guarded fields are null: such a field must be nullable. */
function validateRequired(
  model: string,
  definition: ModelDefinition,
  grants: readonly Grants[],
): readonly Finding[] {
  if ((definition.subscriptions ?? "on") !== "on") return [];
  // Amplify's condition, which ignores readers without get. A schema that Amplify accepts is accepted here.
  const lacking = Object.entries(definition.fields)
    .filter(([, { type }]) => type.endsWith("!"))
    .map(([name]) => ({ name, readers: readersWithout(name, grants, bits.get).map((role) => role.name) }))
    .filter(({ readers }) => readers.length > 0);
  const [first] = lacking;
  if (first === undefined) return [];
  const required = lacking.map(({ name }) => name);
  const who = lacking.map(({ name, readers }) => `${readers.join(" and ")} may not read ${name}`).join("; ");
  const message = `When using field-level authorization rules you need to add rules to all of the model's required fields with at least read permissions. Found model "${model}" with required fields ${JSON.stringify(required)} missing field-level authorization rules. ${who}.`;
  const mend =
    "give every reader of the model read on these fields, make them nullable, or set subscriptions to public or off";
  return [error({ model, field: first.name }, "required-field-guarded", message, mend)];
}

/** Validates a type that is not a model: nested, or a root type. */
export function validateType(
  model: string,
  { rules, fields }: TypeDefinition,
  schema: RuleSchema,
  check: CheckRules,
  options: PolicyOptions,
): { readonly found: readonly Finding[]; readonly rolesByField: ReadonlyMap<string, readonly Role[]> } {
  const found: Finding[] = [];
  const rolesByField = new Map<string, readonly Role[]>();
  if (Object.hasOwn(schema.models, model)) {
    found.push(error({ model }, "type-is-model", `${model} is both a model and a type`, "keep the model"));
  }
  if (rules !== undefined) {
    const message = "Types annotated with @auth must also be annotated with @model.";
    const mend = "make it a model, or move the rules to its fields";
    found.push(error({ model }, "rules-on-type", message, mend));
  }
  const place = rootTypes.includes(model) ? "root-field" : "plain-field";
  for (const [field, { rules: own }] of Object.entries(fields)) {
    if (own === undefined) continue;
    const wrong = check(own, place, { model, field });
    found.push(...wrong);
    if (wrong.length > 0) continue;
    const rolesOfRules = own.map((rule) => rolesOf(rule, fields));
    // Rules that depend on a record are rejected, unless `compat.dropDynamicFieldRules` drops them.
    rolesByField.set(
      field,
      rolesOfRules.flat().filter((role) => !role.dynamic),
    );
    const isDropped = options.compat?.dropDynamicFieldRules === true;
    if (!isDropped) found.push(...dynamicRules(rolesOfRules, { model, field }));
  }
  return { found, rolesByField };
}

/** Amplify drops these rules silently, although the developer expects them to apply. */
function dynamicRules(rolesOfRules: readonly (readonly Role[])[], at: Place): readonly Finding[] {
  const mend =
    "write private, public, custom, or groups: ['…']; compat.dropDynamicFieldRules drops them, as Amplify does";
  // The roles of a rule differ in their groups only.
  const needs = rolesOfRules.flatMap(([role]) => role?.needs.find(isDynamic) ?? []);
  return needs.map(({ kind }) => {
    const message = `${kind === "owner" ? kind : "groupsField"} rules need a record, which fields outside models do not have`;
    return error(at, "dynamic-rule-outside-models", message, mend);
  });
}
