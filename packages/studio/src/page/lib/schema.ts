import type { AuthRule, RuleSchema, TypeDefinition } from "@authmodes/rules";
import type { RulesPlace } from "@authmodes/rules/sdl";

/** A model or another type by its name. */
export function typeNamed(schema: RuleSchema, name: string): TypeDefinition | undefined {
  return own(schema.models, name) ?? own(schema.types ?? {}, name);
}

function own<T>(record: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}

export function rulesAt(schema: RuleSchema, { type, field }: RulesPlace): readonly AuthRule[] | undefined {
  const definition = typeNamed(schema, type);
  return field === undefined ? definition?.rules : own(definition?.fields ?? {}, field)?.rules;
}

/** The rules of a type and of its fields. */
export function rulesWithin({ rules = [], fields }: TypeDefinition): readonly AuthRule[] {
  return [...rules, ...Object.values(fields).flatMap((field) => field.rules ?? [])];
}
