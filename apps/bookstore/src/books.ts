import type { Identity } from "@authmodes/core";
import type { Database } from "./database.ts";
import { HttpError } from "./http-error.ts";
import { cutPage, type Items, readPage } from "./paging.ts";
import type { StoredBook } from "./seed/books.ts";

/** A book as a caller sees it. */
export interface Book extends Omit<StoredBook, "costPrice"> {
  /** What the shop pays; null for callers who are not of the shop. */
  readonly costPrice: number | null;
}

export interface Books {
  /**
   * A page of the books, ordered by id.
   * @param target path and query of the request, with `limit` and `cursor`
   * @throws HttpError 400
   */
  list(caller: Identity, target: string): Promise<Items<Book>>;
  /** @throws HttpError 404 */
  get(caller: Identity, id: string): Promise<Book>;
}

export function createBooks(database: Database): Books {
  return {
    async list(caller, target) {
      const page = readPage(target, "books");
      const rows = await database.query<StoredBook>(
        "select * from bookstore.books where id > $1 order by id limit $2",
        [page.after, page.limit + 1],
      );
      return cutPage(
        rows.map((book) => asSeenBy(caller, book)),
        page,
        "books",
      );
    },
    async get(caller, id) {
      const [book] = await database.query<StoredBook>("select * from bookstore.books where id = $1", [id]);
      if (book === undefined) throw new HttpError(404, "There is no such book");
      return asSeenBy(caller, book);
    },
  };
}

function asSeenBy(caller: Identity, book: StoredBook): Book {
  return isOfTheShop(caller) ? book : { ...book, costPrice: null };
}

function isOfTheShop(caller: Identity): boolean {
  if (caller.mode === "iam") return caller.userArn.includes(":assumed-role/Admin/");
  return caller.mode === "userPool" && caller.groups.includes("Librarians");
}
