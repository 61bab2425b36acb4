import type { Condition, ListOperation, Values } from "@authmodes/rules";
import type { GraphQLResolveInfo } from "graphql";

// State of guards by position in the response. graphql-js makes a path object for each position of one execution, so that
// requests share nothing and the context need not hold it.

type Path = GraphQLResolveInfo["path"];
/** The part of a resolver's `info` that `filterOf` and `recordOf` need. */
export type AtPath = Pick<GraphQLResolveInfo, "path" | "fieldName" | "parentType">;

/** What the caller is shown of a record. */
export interface SeenRecord {
  /** Fields that are null, by their names in decisions. */
  readonly hidden: readonly string[];
  /** The answer to a write, or an event. Fields that the caller may read can be null, since subscribers receive it. */
  readonly written: boolean;
}

/** The filter of a list, for the resolver of the list or of a part of it. */
export class ListFilter {
  readonly condition: Condition;
  /** The field whose resolver should take it; undefined if the records come with their parent. */
  readonly by: string | undefined;
  /** The filter of the list that this is a part of. */
  readonly #around: ListFilter | undefined;
  isTaken = false;

  constructor(condition: Condition, by: string | undefined, around?: ListFilter) {
    this.condition = condition;
    this.by = by;
    this.#around = around;
  }

  /** The same filter for a part of the list, which may have a resolver. */
  within(by: string | undefined): ListFilter {
    return new ListFilter(this.condition, by ?? this.by, this);
  }

  take(): Condition {
    this.isTaken = true;
    return this.condition;
  }

  /** Whether the answer can only hold records that match: all match, or a resolver took the filter. */
  get isApplied(): boolean {
    return this.condition.kind === "always" || this.isTaken || this.#around?.isTaken === true;
  }
}

/** A page of a list, for the guards of its records, edges and counts. */
export interface Page {
  /** The operation that its records are read by. */
  readonly operation: ListOperation;
  /** undefined in the answer to a write. */
  readonly filter: ListFilter | undefined;
}

export class ResponsePosition {
  /** The filter of the list that is here, or that this is a part of. */
  filter: ListFilter | undefined;
  /** The stored record of a write. */
  stored: Values | undefined;
  /** The condition that it met when it was decided about. */
  decidedBy: Condition | undefined;
  page: Page | undefined;
  readonly records: Map<object, SeenRecord> = new Map();
}

const positions = new WeakMap<Path, ResponsePosition>();

export function positionAt(path: Path): ResponsePosition {
  let position = positions.get(path);
  if (position === undefined) positions.set(path, (position = new ResponsePosition()));
  return position;
}

/** The position of the object that has the field at this path. */
export function positionAbove({ prev }: Path): ResponsePosition | undefined {
  let path = prev;
  // Skips elements of lists.
  while (path !== undefined && typeof path.key === "number") path = path.prev;
  return path && positions.get(path);
}

/**
 * Returns the filter for the query of a list resolver, a condition for `toSql`, `toPrisma`, `matches` and so on. Call it
 * before the resolver's promise is fulfilled. In the resolver of an update or a delete, returns the condition that the
 * stored record met: put it into the statement, so that a record whose owner has changed since then is not written.
 * @throws TypeError if the field is neither a list of a model's records, nor an update or a delete
 * @example
 * import { filterOf } from "@authmodes/graphql";
 * import { toSql } from "@authmodes/rules";
 * import type { GraphQLFieldResolver } from "graphql";
 * import pg from "pg";
 * const pool = new pg.Pool();
 * export const listOrders: GraphQLFieldResolver<unknown, unknown> = async (_source, _args, _context, info) => {
 *   const { text, values } = toSql(filterOf(info), { dialect: "postgresql" });
 *   return (await pool.query(`SELECT * FROM orders WHERE ${text}`, values)).rows;
 * };
 */
export function filterOf({ path, parentType, fieldName }: AtPath): Condition {
  const { filter, decidedBy } = positions.get(path) ?? {};
  const condition = filter?.take() ?? decidedBy;
  if (condition !== undefined) return condition;
  const name = `${parentType.name}.${fieldName}`;
  throw new TypeError(
    `filterOf: ${name} is not a list of a model's records, nor an update or a delete that protect() guards.`,
  );
}

/**
 * Returns the stored record of an update or a delete, as `load` returned it; undefined if there is no `load` for the model.
 * @example
 * import { recordOf } from "@authmodes/graphql";
 * import type { GraphQLFieldResolver } from "graphql";
 * type Args = { input: Record<string, unknown> };
 * export const updateOrder: GraphQLFieldResolver<unknown, unknown, Args> = (_source, { input }, _context, info) => {
 *   return { ...recordOf(info), ...input };
 * };
 */
export function recordOf({ path }: AtPath): Values | undefined {
  return positions.get(path)?.stored;
}
