import type { Condition, Values } from "@authmodes/rules";
import type { GraphQLResolveInfo } from "graphql";

// What guards hand to resolvers. Kept by the place in the answer, which graphql-js makes anew for each execution: nothing
// is shared between requests, and nothing has to be put into the context.

type Path = GraphQLResolveInfo["path"];
/** What resolvers have at hand of `info`. */
export type AtPath = Pick<GraphQLResolveInfo, "path" | "fieldName" | "parentType">;

/** A list's condition, given to the resolver of the list or of a part of it. */
export interface Handed {
  readonly condition: Condition;
  /** The field whose resolver should take it; undefined: none, since the records come with their parent. */
  readonly by: string | undefined;
  /** Of the list that this is a part of. */
  readonly around: Handed | undefined;
  taken: boolean;
}

const conditions = new WeakMap<Path, Handed>();
const records = new WeakMap<Path, Values>();

/**
 * The condition that a list resolver puts into its query (`toSql`, `toPrisma`, `matches` … of @authmodes/rules).
 * Take it before the resolver's promise is fulfilled.
 * @throws TypeError on a field that is no list of a model's records
 */
export function filterOf(info: AtPath): Condition {
  const handed = conditions.get(info.path);
  if (handed === undefined) {
    throw new TypeError(
      `filterOf: ${info.parentType.name}.${info.fieldName} is no list of a model's records.`,
    );
  }
  handed.taken = true;
  return handed.condition;
}

/** The stored record that an update or a delete was decided on; undefined where the rules needed none and `load` names none. */
export function recordOf(info: AtPath): Values | undefined {
  return records.get(info.path);
}

export function handCondition(info: AtPath, condition: Condition, by: string | undefined): void {
  conditions.set(info.path, { condition, by, around: undefined, taken: false });
}

/** The condition of a list, once more for a part of it that may have a resolver of its own. */
export function handWithin(info: AtPath, around: Handed, by: string | undefined): void {
  conditions.set(info.path, { condition: around.condition, by: by ?? around.by, around, taken: false });
}

export function handedAt(info: AtPath): Handed | undefined {
  return conditions.get(info.path);
}

export function handRecord(info: AtPath, record: Values): void {
  records.set(info.path, record);
}

/** Whether what was answered can only be what the condition leaves: it leaves all, or a resolver took it. */
export function isHeld({ condition, taken, around }: Handed): boolean {
  return condition.kind === "always" || taken || around?.taken === true;
}
