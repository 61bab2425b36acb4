import type { Condition, ListOperation, Values } from "@authmodes/rules";
import type { GraphQLResolveInfo } from "graphql";

// What guards know of the positions of a response while its document is executed. graphql-js makes a path object for each
// position, which lives as long as one execution: nothing is shared between requests, and nothing has to be put into the
// context.

type Path = GraphQLResolveInfo["path"];
/** What resolvers have at hand of `info`. */
export type AtPath = Pick<GraphQLResolveInfo, "path" | "fieldName" | "parentType">;

/** What a caller was shown of a record. */
export interface SeenRecord {
  /** Fields that are null, as decisions name them. */
  readonly hidden: readonly string[];
  /** The answer to a write, or an event: what the caller may read can be null too, for subscribers are sent it. */
  readonly written: boolean;
}

/** The condition of a list, given to the resolver of the list or of a part of it. */
export class ListFilter {
  readonly condition: Condition;
  /** The field whose resolver should take it; undefined: none, since the records come with their parent. */
  readonly by: string | undefined;
  /** Of the list that this is a part of. */
  readonly #around: ListFilter | undefined;
  isTaken = false;

  constructor(condition: Condition, by: string | undefined, around?: ListFilter) {
    this.condition = condition;
    this.by = by;
    this.#around = around;
  }

  /** Once more for a part of the list that may have a resolver of its own. */
  within(by: string | undefined): ListFilter {
    return new ListFilter(this.condition, by ?? this.by, this);
  }

  take(): Condition {
    this.isTaken = true;
    return this.condition;
  }

  /** Whether what was answered can only be what the condition leaves: it leaves all, or a resolver took it. */
  get isApplied(): boolean {
    return this.condition.kind === "always" || this.isTaken || this.#around?.isTaken === true;
  }
}

/** A page of a list, for the fields within: its records, edges, counts. */
export interface Page {
  /** By which its records are read. */
  readonly operation: ListOperation;
  /** undefined in the answer to a write. */
  readonly filter: ListFilter | undefined;
}

export class ResponsePosition {
  /** Of the list that is answered here, or that this is a part of. */
  filter: ListFilter | undefined;
  /** The stored record that a write is decided on. */
  stored: Values | undefined;
  page: Page | undefined;
  readonly records: Map<object, SeenRecord> = new Map();
}

const positions = new WeakMap<Path, ResponsePosition>();

export function positionAt(path: Path): ResponsePosition {
  let position = positions.get(path);
  if (position === undefined) positions.set(path, (position = new ResponsePosition()));
  return position;
}

/** Of the object whose field is at this path. */
export function positionAbove({ prev }: Path): ResponsePosition | undefined {
  let path = prev;
  // The elements of lists.
  while (path !== undefined && typeof path.key === "number") path = path.prev;
  return path && positions.get(path);
}

/**
 * The condition that a list resolver puts into its query (`toSql`, `toPrisma`, `matches` … of @authmodes/rules).
 * Take it before the resolver's promise is fulfilled.
 * @throws TypeError on a field that is no list of a model's records
 */
export function filterOf({ path, parentType, fieldName }: AtPath): Condition {
  const filter = positions.get(path)?.filter;
  if (filter !== undefined) return filter.take();
  throw new TypeError(`filterOf: ${parentType.name}.${fieldName} is no list of a model's records.`);
}

/** The stored record that an update or a delete was decided on; undefined if the rules needed none and `load` names none. */
export function recordOf({ path }: AtPath): Values | undefined {
  return positions.get(path)?.stored;
}
