import type { AskedQuestion } from "../check/question.ts";
import type { Predicate } from "../compile/condition.ts";

import { isFieldOpen } from "./decide-field.ts";
import type { ModelAccess } from "./model-access.ts";

/** Fields, including those of nested types, that are hidden from a caller on all or on some records. */
export interface Hidden {
  readonly always: readonly string[];
  readonly sometimes: readonly { readonly field: string; readonly test: Predicate }[];
}

export const nothingHidden: Hidden = { always: [], sometimes: [] };

export function hiddenOf(access: ModelAccess): Hidden {
  const always: string[] = [];
  const sometimes: { field: string; test: Predicate }[] = [];
  for (const { name, baseType } of access.model.fields.values()) {
    const visibility = access.visibility(name);
    if (visibility === "hidden") always.push(name);
    else if (visibility !== "shown") sometimes.push({ field: name, test: visibility });
    if (visibility !== "hidden") always.push(...hiddenWithin(access, baseType, name, []));
  }
  return always.length === 0 && sometimes.length === 0 ? nothingHidden : { always, sometimes };
}

function hiddenWithin(
  access: ModelAccess,
  typeName: string,
  path: string,
  above: readonly string[],
): readonly string[] {
  const type = access.compiled.types.get(typeName);
  if (type === undefined || above.includes(typeName)) return [];
  return [...type.fields].flatMap(([name, { baseType }]) =>
    isFieldOpen(access.caller, type, name)
      ? hiddenWithin(access, baseType, `${path}.${name}`, [...above, typeName])
      : [`${path}.${name}`],
  );
}

/** The requested fields that must be null. */
export function nullFieldsOf(
  access: ModelAccess,
  { record, fields }: Pick<AskedQuestion, "record" | "fields">,
): readonly string[] {
  const { always, sometimes } = access.hidden();
  const untrue = sometimes.filter(({ test }) => record === undefined || record === null || !test(record));
  const hidden = [...always, ...untrue.map(({ field }) => field)];
  return fields === undefined
    ? hidden
    : hidden.filter((path) => fields.includes(path.split(".", 1)[0] ?? path));
}
