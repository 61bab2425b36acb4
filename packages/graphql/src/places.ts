import type { ListOperation } from "@authmodes/rules";
import type { GraphQLResolveInfo } from "graphql";

// What is known of the records at a place of the answer: how the caller came by them, and which of their fields are
// hidden. A place is graphql-js's path object, which lives as long as one execution.

type Path = GraphQLResolveInfo["path"];

export interface Seen {
  /** Fields that are null, as decisions name them. */
  readonly hidden: readonly string[];
  /** The answer to a write, or an event: what the caller may read can be null too, for subscribers are sent it. */
  readonly written: boolean;
}

export interface Place {
  /** By which operation the records within were let through, for the `items` of a connection. */
  readonly operation?: ListOperation;
  readonly records: Map<object, Seen>;
}

const places = new WeakMap<Path, Place>();

export function openPlace(path: Path, operation?: ListOperation): Place {
  const place: Place = { records: new Map(), ...(operation !== undefined && { operation }) };
  places.set(path, place);
  return place;
}

/** What is known of the object whose field is at this path. */
export function placeOfParent({ prev }: Path): Place | undefined {
  let path = prev;
  // The elements of lists.
  while (path !== undefined && typeof path.key === "number") path = path.prev;
  return path && places.get(path);
}
