import type { ListOperation } from "@authmodes/rules";
import type { GraphQLResolveInfo } from "graphql";
import type { Handed } from "./list-filter.ts";

// What is known of the records at a place of the answer: how the caller came by them, and which of their fields are
// hidden. A place is graphql-js's path object, which lives as long as one execution.

type Path = GraphQLResolveInfo["path"];

export interface Seen {
  /** Fields that are null, as decisions name them. */
  readonly hidden: readonly string[];
  /** The answer to a write, or an event: what the caller may read can be null too, for subscribers are sent it. */
  readonly written: boolean;
}

/** A part of a list, for the fields within: its records, edges, counts. */
export interface Page {
  /** By which its records are let through. */
  readonly operation: ListOperation;
  /** The condition of the list; undefined in the answer to a write. */
  readonly handed: Handed | undefined;
}

export interface Place {
  readonly page: Page | undefined;
  readonly records: Map<object, Seen>;
}

const places = new WeakMap<Path, Place>();

export function openPlace(path: Path, page?: Page): Place {
  const place: Place = { page, records: new Map() };
  places.set(path, place);
  return place;
}

/** What is known of the records that a field answered. */
export function placeAt(path: Path): Place | undefined {
  return places.get(path);
}

/** What is known of the object whose field is at this path. */
export function placeOfParent({ prev }: Path): Place | undefined {
  let path = prev;
  // The elements of lists.
  while (path !== undefined && typeof path.key === "number") path = path.prev;
  return path && places.get(path);
}
