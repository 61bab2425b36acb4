import type { Condition, Values } from "@authmodes/rules";
import type { GraphQLResolveInfo } from "graphql";

// What guards hand to resolvers. Kept by the place in the answer, which graphql-js makes anew for each execution: nothing
// is shared between requests, and nothing has to be put into the context.

type Path = GraphQLResolveInfo["path"];
/** What resolvers have at hand of `info`. */
export type AtPath = Pick<GraphQLResolveInfo, "path" | "fieldName" | "parentType">;

interface Handed {
  readonly condition: Condition;
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

export function handCondition(info: AtPath, condition: Condition): void {
  conditions.set(info.path, { condition, taken: false });
}

export function handRecord(info: AtPath, record: Values): void {
  records.set(info.path, record);
}

/** Whether a condition that leaves out records was left lying. */
export function isIgnored(info: AtPath): boolean {
  const handed = conditions.get(info.path);
  return handed !== undefined && !handed.taken && handed.condition.kind !== "always";
}
