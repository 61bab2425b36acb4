import { describe, expect, it } from "vitest";
import { createBooks } from "./books.ts";
import { openDatabase } from "./database.ts";
import { seedBooks } from "./seed/books.ts";

const url = process.env["DATABASE_URL"];
const nobody = { mode: "none", id: null, groups: [], scopes: [], expiresAt: null } as const;

describe("the database", () => {
  it("has all books, is read in pages, and is filled once", async () => {
    const database = openDatabase(url);
    const books = createBooks(database);
    const first = await books.list(nobody, "/books?limit=30");
    expect(first.items).toHaveLength(30);
    const second = await books.list(nobody, `/books?limit=30&cursor=${first.cursor}`);
    expect(second.cursor).toBeNull();
    expect([...first.items, ...second.items].map(({ id, title }) => [id, title])).toEqual(
      seedBooks.map(({ id, title }) => [id, title]),
    );
    expect(await books.get(nobody, "101")).toEqual({ ...seedBooks[0], costPrice: null });
    await expect(books.get(nobody, "' or 1=1 --")).rejects.toMatchObject({ status: 404 });
    await database.close();
  }, 60_000); // the very first start makes one

  it("tells whoever asks that it cannot be opened", async () => {
    const database = openDatabase("postgres://127.0.0.1:1/none");
    await expect(database.query("select 1")).rejects.toThrow("ECONNREFUSED");
    await database.close();
  });
});
