import { describe, expect, it } from "vitest";
import { readers } from "./models.ts";
import { as, itemsOf, stored, withRecord } from "./running.ts";

// The fields that callers may read and write.

export function fieldsContract(): void {
  describe("fields", () => {
    const bookFields = ["author", "costPrice", "id", "price", "stock", "title"];

    it("hides costPrice from all but Librarians: present and null", async () => {
      for (const caller of readers) {
        const shown = caller === "libby" || caller === "machine";
        const { body } = await as(caller, "GET /books/101");
        const [first] = itemsOf(await as(caller, "GET /books?limit=1"));
        for (const book of [body, first ?? {}]) {
          expect(Object.keys(book).toSorted()).toEqual(bookFields);
          expect(book["costPrice"]).toEqual(shown ? expect.any(Number) : null);
        }
      }
    });

    it("answers writes with all fields", async () => {
      const book = { title: "New", author: "Nobody", price: 1, stock: 0, costPrice: 0.5 };
      const created = await as("libby", "POST /books", book);
      expect(created).toMatchObject({ status: 201, body: book });
      const one = `/books/${String(created.body["id"])}`;
      expect((await as("libby", `PATCH ${one}`, { costPrice: null })).body).toEqual({
        ...book,
        id: created.body["id"],
        costPrice: null,
      });
      const { status, body } = await as("libby", `DELETE ${one}`);
      expect([status, body]).toEqual([204, {}]);
    });

    it("stores owners in full and shows their last part", async () => {
      const { body } = await as("alice", "POST /orders", { bookId: "101", quantity: 2 });
      expect(body).toEqual({
        id: expect.any(String),
        bookId: "101",
        quantity: 2,
        note: null,
        status: null,
        owner: "alice",
      });
      const one = `/orders/${String(body["id"])}`;
      expect((await as("libby", `GET ${one}`)).body["owner"]).toBe("alice");
      expect((await as("alice", `PATCH ${one}`, { note: "n" })).body["owner"]).toBe("alice");
      await as("alice", `DELETE ${one}`);
    });

    it("shows a social security number to its employee only", async () => {
      const seen = async (caller: string) => (await as(caller, "GET /employees/102")).body["ssn"];
      expect(await seen("alice")).toBe("000-00-0002");
      for (const caller of ["bob", "libby", "penny"]) expect(await seen(caller)).toBeNull();
      const listed = itemsOf(await as("alice", "GET /employees")).map(({ id, ssn }) => [id, ssn]);
      expect(listed).toEqual([
        ["101", null],
        ["102", "000-00-0002"],
        ["103", null],
      ]);
    });

    it("hides the profit that the authorizer denies", async () => {
      const denied = await as("lambda", "GET /reports/101");
      expect(denied.body).toMatchObject({ revenue: expect.any(Number), profit: null });
      for (const { profit } of itemsOf(await as("lambda", "GET /reports"))) expect(profit).toBeNull();
      expect((await as("machine", "GET /reports/101")).body["profit"]).toEqual(expect.any(Number));
    });

    it.each(["alice", "libby", "otto"])("lets %s name no owner, not even themselves", async (caller) => {
      const self = caller === "otto" ? "otto" : stored(caller);
      for (const owner of [self, caller, stored("bob"), "bob", "", null]) {
        const order = { bookId: "101", quantity: 1, owner };
        expect([owner, (await as(caller, "POST /orders", order)).status]).toEqual([owner, 403]);
        expect([owner, (await as(caller, "PATCH /orders/101", { owner })).status]).toEqual([owner, 403]);
      }
    });

    it("allows no review in the name of another user", async () => {
      const review = { bookId: "101", stars: 1 };
      for (const author of [stored("bob"), "bob", "otto"]) {
        expect((await as("alice", "POST /reviews", { ...review, author })).status).toBe(403);
      }
      const { status, body } = await as("alice", "POST /reviews", { ...review, author: stored("alice") });
      expect([status, body["author"]]).toEqual([201, "alice"]);
      await as("alice", `DELETE /reviews/${String(body["id"])}`);
    });

    it.each([
      ["/reviews", "author", { bookId: "101", stars: 1 }],
      ["/employees", "owner", { name: "New", email: "new@bookstore.example" }],
    ])("puts no record of %s under another user's name", async (path, field, values) => {
      const { body } = await as("alice", `POST ${path}`, values);
      const one = `${path}/${String(body["id"])}`;
      for (const name of [stored("bob"), "bob", "otto", stored("alice"), "", null, { set: stored("bob") }]) {
        expect([name, (await as("alice", `PATCH ${one}`, { [field]: name })).status]).toEqual([name, 403]);
      }
      expect((await as("alice", `GET ${one}`)).body[field]).toBe("alice");
      expect((await as("bob", `PATCH ${one}`, values)).status).toBe(403);
      expect((await as("alice", `DELETE ${one}`)).status).toBe(204);
    });

    it("sets a field to null only for callers who may delete it", async () => {
      await withRecord(
        "/orders",
        { bookId: "101", quantity: 1, note: "n", owner: stored("alice") },
        async (id) => {
          expect((await as("libby", `PATCH /orders/${id}`, { note: null })).status).toBe(403);
          expect((await as("libby", `PATCH /orders/${id}`, { note: "m" })).body["note"]).toBe("m");
          expect((await as("alice", `PATCH /orders/${id}`, { note: null })).body["note"]).toBeNull();
        },
      );
      await withRecord("/clubs", { name: "c", members: ["Poets"] }, async (id) => {
        expect((await as("penny", `PATCH /clubs/${id}`, { members: null })).status).toBe(403);
        expect((await as("libby", `PATCH /clubs/${id}`, { members: null })).body["members"]).toBeNull();
      });
    });
  });
}
