import type { RuleRoles } from "../compile/compile.ts";
import { type Grants, grantsOf } from "../compile/grants.ts";
import type { PolicyOptions } from "../compile/options.ts";
import { type Role, rulesByPlace } from "../compile/roles.ts";
import { providerOf } from "../compile/words.ts";
import type { AuthRule, Finding, ModelDefinition, RuleSchema, TypeDefinition } from "../types.ts";
import { error, wasRead } from "./finding.ts";
import { isPlainObject } from "./kinds.ts";
import { ruleChecker, validateGrants, validateModel, validateType } from "./validate-definition.ts";

/** Returns all errors of the schema, and the roles of its readable rules. */
export function validate(
  schema: RuleSchema,
  options: PolicyOptions,
): RuleRoles & { readonly errors: readonly Finding[] } {
  const grants = new Map<string, readonly Grants[]>();
  const roles = new Map<string, readonly Role[]>();
  const shape = validateShape(schema);
  if (shape.length > 0) return { errors: shape, grants, roles };
  const check = ruleChecker(options, wasRead(schema));
  const errors: Finding[] = [];
  for (const [name, model] of Object.entries(schema.models)) {
    const found = validateModel(name, model, check);
    errors.push(...found);
    // The matrix needs readable rules.
    if (found.some(({ code }) => code !== "provider-not-configured")) continue;
    const matrix = grantsOf(model);
    grants.set(name, matrix);
    errors.push(...validateGrants(name, model, matrix));
  }
  for (const [name, type] of Object.entries(schema.types ?? {})) {
    const { found, rolesByField } = validateType(name, type, schema, check, options);
    errors.push(...found);
    for (const [field, given] of rolesByField) roles.set(`${name}.${field}`, given);
  }
  return { errors: [...errors, ...validateNamespaces(schema, options)], grants, roles };
}

/** Validates the shape, since the JSON may come from anywhere. */
function validateShape(schema: RuleSchema): readonly Finding[] {
  const mend = "write { models: { Post: { rules: […], fields: {…} } } }";
  if (!isPlainObject(schema) || !isPlainObject(schema.models)) {
    return [error({}, "schema-shape", "the schema is not an object with models", mend)];
  }
  const { models, types = {} } = schema;
  if (!isPlainObject(types)) return [error({}, "schema-shape", "types is not an object", mend)];
  return [...Object.entries(models), ...Object.entries(types)].flatMap(([model, definition]) =>
    shapeOfType(model, definition),
  );
}

function shapeOfType(model: string, definition: ModelDefinition | TypeDefinition): readonly Finding[] {
  const wrong = (message: string, mend: string, field?: string): Finding =>
    error({ model, ...(field !== undefined && { field }) }, "schema-shape", message, mend);
  if (!isName(model)) return [wrong(`'${model}' is not a name`, "use letters, digits and _")];
  if (!isPlainObject(definition) || !isPlainObject(definition.fields)) {
    return [wrong("it has no fields", "write fields: { title: { type: 'String' } }")];
  }
  const found: Finding[] = [];
  for (const [field, fieldDefinition] of Object.entries(definition.fields)) {
    const type = isPlainObject(fieldDefinition) ? fieldDefinition.type : undefined;
    if (!isName(field)) found.push(wrong(`'${field}' is not a name`, "use letters, digits and _", field));
    if (typeof type !== "string" || type === "") {
      found.push(wrong("it has no type", "write type: 'String', as GraphQL writes types", field));
    }
  }
  const level = "subscriptions" in definition ? definition.subscriptions : undefined;
  if (level !== undefined && !["on", "public", "off"].includes(level)) {
    found.push(wrong("subscriptions is 'on', 'public' or 'off'", "write subscriptions: 'off'"));
  }
  return found;
}

function isName(name: string): boolean {
  return /^[A-Za-z_]\w*$/.test(name) && name !== "__proto__";
}

/** With several issuers for one provider, users and groups of one could be taken for those of another. */
function validateNamespaces(schema: RuleSchema, options: PolicyOptions): readonly Finding[] {
  if (options.sharedNamespace === true) return [];
  return (["userPools", "oidc"] as const).flatMap((provider) => {
    const issuers = options.issuers?.[provider];
    if (!Array.isArray(issuers) || new Set(issuers).size < 2) return [];
    const message = `${provider} has several issuers, and owner or groups rules cannot tell their users and groups apart`;
    const mend = "name one issuer, or set sharedNamespace: true if their names and groups mean the same";
    return rulesByPlace(schema)
      .filter(({ rules }) => Array.isArray(rules) && rules.some((rule) => comparesNames(rule, provider)))
      .map(({ at }) => error(at, "several-issuers", message, mend));
  });
}

/** Whether a rule compares names or groups. The rule may be invalid, which is reported elsewhere. */
function comparesNames(rule: AuthRule | null | undefined, provider: string): boolean {
  if (rule === null || rule === undefined || providerOf(rule) !== provider) return false;
  return rule.allow === "owner" || rule.allow === "groups" || rule.allOf !== undefined;
}
