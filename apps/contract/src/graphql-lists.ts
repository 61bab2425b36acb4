import { describe, expect, it } from "vitest";
import { create, get, isRefused, itemsOf, list, query, remove, update, withModel } from "./graphql-query.ts";
import { type Json, stored } from "./running.ts";

// Filters and conditions, and callers who try to read hidden fields through them.

export function graphqlListsContract(): void {
  describe("lists by GraphQL", () => {
    it("come in full pages of what the caller may read", async () => {
      const ids: string[] = [];
      let nextToken: unknown = null;
      do {
        const page = await query("bob", list("Order", "id owner"), { limit: 5, nextToken });
        expect(new Set(itemsOf(page).map(({ owner }) => owner))).toEqual(new Set(["bob"]));
        ids.push(...itemsOf(page).map(({ id }) => String(id)));
        nextToken = page.field?.["nextToken"] ?? null;
        expect(itemsOf(page).length === 5 || nextToken === null).toBe(true);
      } while (nextToken !== null);
      expect(ids).toHaveLength(12);
      expect(ids).toEqual([...new Set(ids)].toSorted());
    });

    it.each([
      [{ title: { eq: "Emma" } }, (book: Json) => book["title"] === "Emma"],
      [{ title: { ne: "Emma" } }, (book: Json) => book["title"] !== "Emma"],
      [{ title: { beginsWith: "The " } }, (book: Json) => String(book["title"]).startsWith("The ")],
      [{ title: { contains: "a" } }, (book: Json) => String(book["title"]).includes("a")],
      [{ title: { notContains: "a" } }, (book: Json) => !String(book["title"]).includes("a")],
      [{ title: { contains: "%" } }, () => false],
      [{ title: { between: ["A", "M"] } }, ({ title }: Json) => String(title) >= "A" && String(title) <= "M"],
      [{ title: { size: { gt: 10 } } }, (book: Json) => String(book["title"]).length > 10],
      [{ title: { gt: "M", lt: "a" } }, ({ title }: Json) => String(title) > "M" && String(title) < "a"],
      [{ price: { le: 10 } }, (book: Json) => Number(book["price"]) <= 10],
      [
        { price: { lt: 10 }, stock: { ge: 5 } },
        (b: Json) => Number(b["price"]) < 10 && Number(b["stock"]) >= 5,
      ],
      [
        { or: [{ id: { eq: "101" } }, { id: { eq: "102" } }] },
        ({ id }: Json) => id === "101" || id === "102",
      ],
      [
        { and: [{ id: { gt: "101" } }, { not: { id: { gt: "105" } } }] },
        ({ id }: Json) => String(id) > "101" && String(id) <= "105",
      ],
      [{ or: [] }, () => false],
      [{ author: { attributeExists: false } }, () => false],
    ] as const)("are filtered by %j", async (filter, wanted: (book: Json) => boolean) => {
      const selection = "id title author price stock";
      const all = itemsOf(await query("alice", list("Book", selection), { limit: 1000 }));
      const some = await query("alice", list("Book", selection), { filter, limit: 1000 });
      expect(some.errors).toEqual([]);
      expect(itemsOf(some)).toEqual(all.filter(wanted));
    });

    it("support absent values and lists", async () => {
      const clubs = async (filter: Json) =>
        itemsOf(await query("libby", list("Club", "id"), { filter })).map(({ id }) => String(id));
      expect(await clubs({ members: { contains: "Poets" } })).toEqual(["102", "103"]);
      expect(await clubs({ members: { contains: "Poet" } })).toEqual([]);
      await withModel("Club", { name: "Nobody's" }, async (id) => {
        expect(await clubs({ members: { attributeExists: false } })).toEqual([id]);
        expect(await clubs({ members: { notContains: "Poets" }, name: { ne: "x" } })).toContain(id);
        expect((await clubs({ not: { members: { size: { gt: 0 } } } })).toSorted()).toEqual(
          ["104", id].toSorted(),
        );
      });
      const wrong = await query("libby", list("Club"), { filter: { members: { eq: "Poets" } } });
      expect(wrong.errors).toMatchObject([{ errorType: "BadRequestException" }]);
    });

    it.each([
      { limit: 0 },
      { limit: 1001 },
      { limit: -1 },
      { nextToken: "nonsense" },
      { filter: { id: { eq: "\0" } } },
    ])("reject %j", async (variables) => {
      const { field, errors } = await query("alice", list("Book"), variables);
      expect([field, errors.length]).toEqual([null, 1]);
      expect(errors).toMatchObject([{ errorType: "BadRequestException" }]);
    });
  });

  describe("conditions of writes", () => {
    const failed = [{ errorType: "DynamoDB:ConditionalCheckFailedException" }];

    it("decide whether they happen", async () => {
      const book = { title: "New", author: "Nobody", price: 1, stock: 3 };
      await withModel("Book", book, async (id) => {
        const buy = (stock: number, condition: Json) =>
          query("libby", update("Book", "stock"), { input: { id, stock }, condition });
        expect((await buy(2, { stock: { eq: 3 } })).field).toEqual({ stock: 2 });
        expect((await buy(2, { stock: { eq: 3 } })).errors).toMatchObject(failed);
        const input = { id };
        const condition = { stock: { gt: 5 } };
        expect((await query("libby", remove("Book"), { input, condition })).errors).toMatchObject(failed);
        expect((await query("libby", get("Book", "stock"), { id })).field).toEqual({ stock: 2 });
        const again = await query("libby", create("Book"), { input: { id, ...book } });
        expect(again.errors).toMatchObject(failed);
      });
    });

    it("treat a new record as one without values", async () => {
      const input = { id: "mine", title: "New", author: "Nobody", price: 1, stock: 3 };
      const asked = (condition: Json) => query("libby", create("Book"), { input, condition });
      expect((await asked({ title: { eq: "New" } })).errors).toMatchObject(failed);
      expect((await asked({ title: { attributeExists: false } })).field).toEqual({ id: "mine" });
      await query("libby", remove("Book"), { input: { id: "mine" } });
    });
  });

  describe("attacks by GraphQL", () => {
    it("choose records by a hidden field", async () => {
      for (const filter of [
        { costPrice: { gt: 4 } },
        { not: { costPrice: { gt: 4 } } },
        { or: [{ id: { eq: "101" } }, { and: [{ costPrice: { attributeExists: true } }] }] },
      ]) {
        const { field, errors } = await query("alice", list("Book"), { filter });
        expect(field).toBeNull();
        expect(errors).toMatchObject([{ errorType: "Unauthorized", message: "Unauthorized on [costPrice]" }]);
      }
    });

    it("use aliases: each is decided on", async () => {
      const { data, errors } = await query(
        "alice",
        `{ mine: getOrder(id: "101") { id } title: getOrder(id: "104") { id } id: getReport(id: "101") { id }
           book: getBook(id: "101") { title: costPrice id: title price: costPrice } }`,
      );
      expect(data).toEqual({
        mine: { id: "101" },
        title: null,
        id: null,
        book: { title: null, id: "Pride and Prejudice", price: null },
      });
      expect(errors.map(({ path }) => path)).toEqual(
        expect.arrayContaining([["title"], ["id"], ["book", "title"], ["book", "price"]]),
      );
    });

    it("use fragments and directives", async () => {
      const { field, errors } = await query(
        "alice",
        `query Hidden($yes: Boolean = true) {
           getEmployee(id: "101") { ...Secret ... on Employee { b: ssn @include(if: $yes) } ... @skip(if: false) { ssn } } }
         fragment Secret on Employee { a: ssn }`,
      );
      expect(field).toEqual({ a: null, b: null, ssn: null });
      expect(errors).toHaveLength(3);
    });

    it("write several records in one document: each is decided on", async () => {
      await withModel("Order", { bookId: "1", quantity: 1, owner: stored("alice") }, async (id) => {
        const { data } = await query(
          "alice",
          `mutation { a: updateOrder(input: { id: "${id}", note: "mine" }) { note }
                      b: updateOrder(input: { id: "104", note: "mine" }) { note }
                      c: deleteOrder(input: { id: "104" }) { id } d: deleteBook(input: { id: "101" }) { id } }`,
        );
        expect(data).toEqual({ a: { note: "mine" }, b: null, c: null, d: null });
      });
      expect((await query("bob", get("Order", "note"), { id: "104" })).field).not.toMatchObject({
        note: "mine",
      });
    });

    it("guess ids: a missing record looks like another user's if no rule covers the caller", async () => {
      for (const id of ["104", "nothing", "\0"]) {
        expect(isRefused(await query("guest", get("Order"), { id }))).toBe(true);
      }
    });
  });
}
