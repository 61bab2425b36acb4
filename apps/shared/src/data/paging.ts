import { HttpError } from "../http/http-error.ts";

/** The requested part of a list. */
export interface Page {
  readonly limit: number;
  /** The cursor of the page before; undefined for the first one. */
  readonly cursor?: string | undefined;
}

export interface Items<T> {
  readonly items: readonly T[];
  /** Leads to the next page; null on the last one. */
  readonly cursor: string | null;
}

const defaultLimit = 20;

/**
 * Reads `?limit=`, 1–100, and `?cursor=`.
 * @param target path and query of the request
 * @throws HttpError 400
 */
export function readPage(target: string): Page {
  const query = new URLSearchParams(target.split("?").slice(1).join("?"));
  const limit = onlyOne(query, "limit") ?? String(defaultLimit);
  if (!/^[1-9]\d?$|^100$/.test(limit)) throw new HttpError(400, "limit is a whole number from 1 to 100");
  return { limit: Number(limit), cursor: onlyOne(query, "cursor") };
}

/**
 * The id that a page begins after; "" for the first one.
 * @throws HttpError 400 for a cursor that no page of this list had
 */
export function startOf({ cursor }: Page, model: string): string {
  if (cursor === undefined) return "";
  const id = Buffer.from(cursor, "base64url")
    .toString()
    .slice(model.length + 1);
  // PostgreSQL stores no text with NUL.
  if (id === "" || id.includes("\0") || cursorAt(id, model) !== cursor)
    throw new HttpError(400, "cursor is not from this list");
  return id;
}

/**
 * Cuts a page out of rows that were read in the order of their ids.
 * @param rows one more than the page holds, if there are more
 */
export function cutPage<T extends { readonly id: string }>(
  rows: readonly T[],
  { limit }: Page,
  model: string,
): Items<T> {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return { items, cursor: rows.length > limit && last !== undefined ? cursorAt(last.id, model) : null };
}

function onlyOne(query: URLSearchParams, name: string): string | undefined {
  const values = query.getAll(name);
  if (values.length > 1) throw new HttpError(400, `${name} is given twice`);
  return values[0];
}

/** A cursor names its model, so that the cursor of another list is rejected. */
function cursorAt(id: string, model: string): string {
  return Buffer.from(`${model}:${id}`).toString("base64url");
}
