import { isObject } from "../check/kinds.ts";
import { printable, unknownName } from "../check/spelling.ts";
import type { CompiledSchema, PlainField, PlainType } from "../compile/compile.ts";
import { isDynamic, type Role } from "../compile/roles.ts";
import type { Decision, Values } from "../types.ts";
import type { Caller } from "./caller.ts";
import { allow, deny } from "./decision.ts";
import type { ModelAccess } from "./model-access.ts";
import { holds } from "./role-condition.ts";
import { noProviderSentence } from "./sentences.ts";

/** Decides about a field of a nested type, or of Query, Mutation or Subscription. */
export function decidePlainField(
  compiled: CompiledSchema,
  caller: Caller,
  typeName: string,
  fieldName: string,
): Decision {
  const { types, models } = compiled;
  const type = types.get(typeName) ?? unknownName("type", typeName, [...types.keys(), ...models.keys()]);
  const field =
    type.fields.get(fieldName) ?? unknownName(`field of ${typeName}`, fieldName, type.fields.keys());
  const path = `${typeName}.${fieldName}`;
  const early = withoutRoles(caller, caller.bypass, path);
  if (early !== undefined) return early;
  return field.roles === undefined
    ? withoutRules(compiled, caller, type, path)
    : byRoles(caller, field, path);
}

function byRoles(caller: Caller, { roles = [] }: PlainField, path: string): Decision {
  const role = roleFor(caller, roles);
  if (role !== undefined)
    return allow(`${path}:${role.name}`, `${path}: ${printable(caller.name)} by ${role.name}`);
  const isNamed = roles.length === 0 || roles.some(({ provider }) => provider === caller.provider);
  const sentence = `${path}: no rule admits ${printable(caller.name)} (${caller.mode})`;
  return deny(isNamed ? "no-matching-role" : "no-role-for-operation", sentence);
}

/** Without rules, root fields are open to the default provider, and nested fields to callers that may read the parent. */
function withoutRules({ options }: CompiledSchema, caller: Caller, type: PlainType, path: string): Decision {
  if (!type.isRoot) return allow("no-rules", `${path}: no rules of its own`);
  const [byDefault] = options.providers;
  if (caller.provider === byDefault) return allow("default-provider", `${path}: open to ${byDefault}`);
  return deny(
    "no-auth-rules",
    `${path}: no rules, so that only the default provider (${byDefault ?? "none"}) is allowed`,
  );
}

/** Decides about a field of a record that the caller may read. */
export function decideModelField(access: ModelAccess, field: string, record: Values | undefined): Decision {
  const { model, caller, bypass } = access;
  if (!model.known.has(field)) unknownName(`field of ${model.name}`, field, model.known);
  const path = `${model.name}.${field}`;
  const early = withoutRoles(caller, bypass, path);
  if (early !== undefined) return early;
  const visibility = access.visibility(field);
  if (visibility === "shown") return allow(path, `${path}: shown to ${printable(caller.name)}`);
  if (visibility !== "hidden") {
    if (!isObject(record)) return deny("needs-record", `${path}: the answer depends on the record`);
    if (visibility(record)) return allow(path, `${path}: shown to ${printable(caller.name)}`);
  }
  return deny("no-matching-role", `${path}: not shown to ${printable(caller.name)}`);
}

/** Decides if the rules do not apply: bypasses, unconfigured providers, fields that an authorizer denied. */
function withoutRoles(caller: Caller, bypass: ModelAccess["bypass"], path: string): Decision | undefined {
  if (bypass !== undefined)
    return allow(bypass, `${path}: the rules do not apply to ${printable(caller.name)}`);
  if (caller.deniedFields.has(path)) {
    return deny("field-denied", `${path}: the authorizer denied it`, { deniedFields: [path] });
  }
  return caller.provider === undefined ? deny("mode-not-configured", noProviderSentence(caller)) : undefined;
}

/** The role that admits the caller to a field with rules. */
function roleFor(caller: Caller, roles: readonly Role[]): Role | undefined {
  return roles.find(
    (role) =>
      role.provider === caller.provider &&
      role.needs.every((need) => !isDynamic(need) && holds(need, caller)),
  );
}

/** Whether the caller may read, and therefore write, a field of a nested type. */
export function isFieldOpen(caller: Caller, type: PlainType, name: string): boolean {
  if (caller.bypass !== undefined) return true;
  if (caller.deniedFields.has(`${type.name}.${name}`)) return false;
  const roles = type.fields.get(name)?.roles;
  return roles === undefined || roleFor(caller, roles) !== undefined;
}
