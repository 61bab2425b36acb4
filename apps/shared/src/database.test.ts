import { describe, expect, it } from "vitest";
import { openDatabase } from "./database.ts";
import type { ModelDefinition } from "@authmodes/rules";
import { createRecords } from "./records.ts";
import { ownSchemaFile, readSchema } from "./policy.ts";
import { seedRows, setUpScript } from "./schema.ts";

const url = process.env["DATABASE_URL"];
const sub = (username: string) => `sub-of-${username}`;
const setUp = Promise.resolve(setUpScript(readSchema(ownSchemaFile), sub));
const seedBooks = seedRows("books", sub);
const book: ModelDefinition = {
  fields: {
    id: { type: "ID!" },
    title: { type: "String!" },
    author: { type: "String!" },
    price: { type: "Float!" },
    stock: { type: "Int!" },
    costPrice: { type: "Float" },
  },
};
const always = { kind: "always" } as const;

describe("the database", () => {
  it("has all books, is read in pages, and is filled once", async () => {
    const database = openDatabase(url, setUp);
    const books = createRecords(database, "books", book);
    const first = await books.list(always, "/books?limit=25");
    expect(first.items).toHaveLength(25);
    const second = await books.list(always, `/books?limit=100&cursor=${first.cursor}`);
    expect(second.cursor).toBeNull();
    // Other tests may add books on the same server. Their ids are longer.
    const items = [...first.items, ...second.items].filter(({ id }) => id.length === 3);
    expect(items).toEqual(seedBooks);
    expect(await books.get("101")).toEqual(seedBooks[0]);
    for (const id of ["' or 1=1 --", "\0", ""]) expect(await books.get(id)).toBeUndefined();
    await database.close();
  }, 60_000); // the very first start makes one

  it("filters lists, so that a page is full while there is more", async () => {
    const database = openDatabase(url, setUp);
    const books = createRecords(database, "books", book);
    const austen = { kind: "equals", field: "author", anyOf: ["Jane Austen", "Homer"] } as const;
    const page = await books.list(austen, "/books?limit=2");
    expect(page.items).toHaveLength(2);
    expect(page.cursor).not.toBeNull();
    expect((await books.list({ kind: "never" }, "/books")).items).toEqual([]);
    await database.close();
  });

  it("writes what the columns hold, and nothing else", async () => {
    const database = openDatabase(url, setUp);
    const books = createRecords(database, "books", book);
    const title = `A title" = 'x'; --`;
    const made = await books.create({ title, author: "Nobody", price: 1.5, stock: 2 });
    expect(await books.get(made.id)).toEqual({ ...made, title, costPrice: null });
    expect(await books.update(made.id, { price: 2 })).toMatchObject({ title, price: 2 });
    expect(await books.update(made.id, {})).toMatchObject({ title });
    await books.remove(made.id);
    expect(await books.get(made.id)).toBeUndefined();
    await expect(books.update(made.id, { price: 3 })).rejects.toMatchObject({ status: 404 });
    await database.close();
  });

  it("rejects queries if it cannot be opened", async () => {
    const database = openDatabase("postgres://127.0.0.1:1/none", setUp);
    await expect(database.query("select 1")).rejects.toThrow("ECONNREFUSED");
    await database.close();
  });
});
