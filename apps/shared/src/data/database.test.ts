import { describe, expect, it } from "vitest";
import { openDatabase } from "./database.ts";
import type { UserPoolIdentity } from "@authmodes/core";
import { type Condition, createPolicy, type ModelDefinition } from "@authmodes/rules";
import { Records } from "./records.ts";
import { ownSchemaFile, readSchema } from "../rules/policy.ts";
import { seedRows, setUpScript } from "./tables.ts";

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
function userPoolIdentity(username: string): UserPoolIdentity {
  const claims = { sub: sub(username), username };
  const known = {
    id: claims.sub,
    ...claims,
    groups: [],
    scopes: [],
    expiresAt: null,
    issuer: "https://issuer",
  };
  return { mode: "userPool", tokenUse: "access", ...known, claims };
}

const always = { kind: "always" } as const;

describe("the database", () => {
  it("has all books, is read in pages, and is filled once", async () => {
    const database = openDatabase(url, setUp);
    const books = new Records(database, "books", book);
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
    const books = new Records(database, "books", book);
    const austen = { kind: "equals", field: "author", anyOf: ["Jane Austen", "Homer"] } as const;
    const page = await books.list(austen, "/books?limit=2");
    expect(page.items).toHaveLength(2);
    expect(page.cursor).not.toBeNull();
    expect((await books.list({ kind: "never" }, "/books")).items).toEqual([]);
    await database.close();
  });

  it("writes what the columns hold, and nothing else", async () => {
    const database = openDatabase(url, setUp);
    const books = new Records(database, "books", book);
    const title = `A title" = 'x'; --`;
    const made = await books.create({ title, author: "Nobody", price: 1.5, stock: 2 });
    expect(await books.get(made.id)).toEqual({ ...made, title, costPrice: null });
    expect(await books.update(made.id, { price: 2 }, always)).toMatchObject({ title, price: 2 });
    expect(await books.update(made.id, {}, always)).toMatchObject({ title });
    await books.remove(made.id, always);
    expect(await books.get(made.id)).toBeUndefined();
    await expect(books.update(made.id, { price: 3 }, always)).rejects.toMatchObject({ status: 404 });
    await database.close();
  });

  it("writes only the record that was decided about", async () => {
    const policy = createPolicy(readSchema(ownSchemaFile));
    const definition = policy.schema.models["Order"] ?? { fields: {} };
    const [ours, theirs] = [openDatabase(url, setUp), openDatabase(url, setUp)];
    const orders = new Records(ours, "orders", definition);
    const alice = userPoolIdentity("alice");
    const made = await orders.create({ bookId: "101", quantity: 1, owner: "sub-of-alice::alice" });
    const decidedFor = (operation: "update" | "delete"): Condition => {
      const question = { model: "Order", operation, record: made, input: { note: "mine" } };
      const decision = policy.decide(alice, operation === "update" ? question : { ...question, input: {} });
      return decision.allowed ? decision.filter : { kind: "never" };
    };
    expect(await orders.update(made.id, { note: "a" }, decidedFor("update"))).toMatchObject({ note: "a" });

    // Another connection gives the record away, after the decision and before the statement.
    const [update, remove] = [decidedFor("update"), decidedFor("delete")];
    await theirs.query("update bookstore.orders set owner = $2 where id = $1", [made.id, "sub-of-bob::bob"]);
    await expect(orders.update(made.id, { note: "b" }, update)).rejects.toMatchObject({ status: 409 });
    await expect(orders.remove(made.id, remove)).rejects.toMatchObject({ status: 409 });
    expect(await orders.get(made.id)).toMatchObject({ note: "a", owner: "sub-of-bob::bob" });
    await orders.remove(made.id, always);
    await Promise.all([ours.close(), theirs.close()]);
  });

  it("rejects queries if it cannot be opened", async () => {
    const database = openDatabase("postgres://127.0.0.1:1/none", setUp);
    await expect(database.query("select 1")).rejects.toThrow("ECONNREFUSED");
    await database.close();
  });
});
