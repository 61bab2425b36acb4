import type { LoggedRequest } from "@authmodes/app-shared";
import { describe, expect, it } from "vitest";
import { create, get, isRefused, list, query, remove, update, withModel } from "./graphql-query.ts";
import { callers, models } from "./models.ts";
import { as, call, running, stored } from "./running.ts";

// The same models by GraphQL.

export function graphqlContract(): void {
  describe.each(Object.entries(models))("%s by GraphQL", (model, expected) => {
    const { values, change, ...allowed } = expected;
    it.each(callers)("lists, creates, reads, changes and deletes for %s as the rules say", async (caller) => {
      const may = (operation: "list" | "get" | "create" | "update" | "remove") =>
        allowed[operation].includes(caller);
      expect(isRefused(await query(caller, list(model)))).toBe(!may("list"));

      const created = await query(caller, create(model), { input: values });
      expect(isRefused(created)).toBe(!may("create"));
      if (created.field !== null)
        await query("machine", remove(model), { input: { id: created.field["id"] } });

      await withModel(model, { ...values, ...expected.stored() }, async (id) => {
        expect(isRefused(await query(caller, get(model), { id }))).toBe(!may("get"));
        const changed = await query(caller, update(model), { input: { id, ...change } });
        expect(isRefused(changed)).toBe(!may("update"));
        const removed = await query(caller, remove(model), { input: { id } });
        expect(isRefused(removed)).toBe(!may("remove"));
        const left = await query("machine", get(model), { id });
        expect(left.field === null).toBe(may("remove"));
      });
    });
  });

  describe("POST /graphql", () => {
    it.each(["{ __typename }", "{ __schema { types { name } } }", list("Book"), "nonsense"])(
      "executes nothing for callers without credentials: %s",
      async (document) => {
        const { status, body } = await as("anonymous", "POST /graphql", { query: document });
        expect([status, body["code"]]).toEqual([401, "credentials_missing"]);
      },
    );

    it("describes the schema to verified callers", async () => {
      const { data } = await query("API key", '{ __typename __type(name: "Book") { name } }');
      expect(data).toEqual({ __typename: "Query", __type: { name: "Book" } });
    });

    it.each([
      ["no JSON", "{"],
      ["no document", {}],
      ["a number for a document", { query: 1 }],
      ["several documents at once", [{ query: "{ __typename }" }, { query: "{ __typename }" }]],
      ["variables that are a list", { query: "{ __typename }", variables: [] }],
    ])("rejects %s with 400", async (_what, body) => {
      expect(await as("alice", "POST /graphql", body)).toMatchObject({
        status: 400,
        body: { code: "invalid_input" },
      });
    });

    it("takes JSON by POST only", async () => {
      expect((await as("alice", "GET /graphql?query={__typename}")).status).toBe(404);
      const form = { method: "POST", body: "query={__typename}" };
      for (const type of ["application/x-www-form-urlencoded", "text/plain"]) {
        const answer = await call("alice", "/graphql", { ...form, headers: { "content-type": type } });
        expect(answer.status).toBe(400);
      }
    });

    it("rejects variables that nest too deep with 400", async () => {
      const nested = (levels: number) => `${'{"and":['.repeat(levels)}${"]}".repeat(levels)}`;
      const ask = (name: string, levels: number) => {
        const document = JSON.stringify(list("Book"));
        return as(
          "alice",
          "POST /graphql",
          `{"query":${document},"variables":{"${name}":${nested(levels)}}}`,
        );
      };
      for (const levels of [51, 1000, 50_000]) {
        for (const name of ["filter", "unused"]) {
          const { status, body } = await ask(name, levels);
          expect([status, body["code"]]).toEqual([400, "invalid_input"]);
        }
      }
      expect((await ask("filter", 40)).body["errors"]).toBeUndefined();
    });

    it.each([
      ["nests too deep", `{ listBooks(filter: ${"{and:[".repeat(2000)}${"]}".repeat(2000)}) { nextToken } }`],
      ["selects too deep", `{ a${"{a".repeat(2300)}${"}".repeat(2300)} }`],
      ["selects deep", `{ __type(name: "Book") { ${"ofType { ".repeat(15)} name ${"} ".repeat(15)} } }`],
      [
        "has too many aliases",
        `{ ${Array.from({ length: 31 }, (_, i) => `a${i}: getBook(id: 1) { id }`).join(" ")} }`,
      ],
      [
        "asks for too much",
        `fragment All on ModelBookConnection { items { ${"id title ".repeat(20)} } }
         { ${Array.from({ length: 29 }, (_, i) => `a${i}: listBooks { ...All }`).join(" ")} }`,
      ],
    ])("executes nothing of a document that %s", async (_what, document) => {
      const { status, data, errors } = await query("alice", document);
      expect([status, data, errors.length]).toEqual([200, null, 1]);
    });

    it("says what is wrong with a document", async () => {
      const unknown = await query("alice", "{ getBook(id: 1) { isbn } }");
      expect(unknown).toMatchObject({
        status: 200,
        data: null,
        errors: [{ message: 'Cannot query field "isbn" on type "Book".' }],
      });
      const endless = await query("alice", `{ ${"__typename ".repeat(6000)} }`);
      expect([endless.data, endless.errors.length]).toEqual([null, 1]);
    });
  });

  describe("fields by GraphQL", () => {
    it("are null with an error in AppSync's words where the caller may not read them", async () => {
      const { status, field, errors } = await query("alice", get("Book", "title costPrice"), { id: "101" });
      expect([status, field]).toEqual([200, { title: "Pride and Prejudice", costPrice: null }]);
      expect(errors).toEqual([
        expect.objectContaining({
          path: ["getBook", "costPrice"],
          data: null,
          errorType: "Unauthorized",
          errorInfo: null,
          message: "Not Authorized to access costPrice on type Book",
        }),
      ]);
      const seen = await query("libby", get("Book", "costPrice"), { id: "101" });
      expect(seen).toMatchObject({ field: { costPrice: expect.any(Number) }, errors: [] });
    });

    it("show owners by their names", async () => {
      const created = await query("alice", create("Order", "id owner note"), {
        input: { bookId: "101", quantity: 1 },
      });
      expect(created.field).toEqual({ id: expect.any(String), owner: "alice", note: null });
      const input = { id: created.field?.["id"] };
      expect((await query("alice", remove("Order", "owner"), { input })).field).toEqual({ owner: "alice" });
    });

    it("are written as the rules say", async () => {
      const self = stored("alice");
      for (const owner of [self, "alice", stored("bob"), null]) {
        const made = await query("alice", create("Order"), { input: { bookId: "1", quantity: 1, owner } });
        expect(isRefused(made)).toBe(true);
      }
      await withModel("Order", { bookId: "1", quantity: 1, note: "n", owner: self }, async (id) => {
        const cleared = await query("libby", update("Order", "note"), { input: { id, note: null } });
        expect(isRefused(cleared)).toBe(true);
      });
    });
  });

  describe("a rejection by GraphQL", () => {
    it("has an id that leads to the rule in the log, and tells the caller nothing else", async () => {
      const seen: LoggedRequest[] = [];
      const stop = running.shop.log.listen((request) => seen.push(request));
      const { headers, errors } = await query("bob", get("Order"), { id: "101" });
      stop();
      expect(JSON.stringify(errors)).not.toMatch(/alice|owner/);
      const id = headers.get("x-amzn-requestid");
      expect(seen).toMatchObject([
        { status: 200, events: [{ type: "accepted" }, { id, reason: "Order owner: alice, not bob" }] },
      ]);
    });

    it("is logged in its order, beside what was allowed", async () => {
      const seen: LoggedRequest[] = [];
      const stop = running.shop.log.listen((request) => seen.push(request));
      const fields =
        'book: getBook(id: "101") { title } other: getOrder(id: "101") { id } own: getOrder(id: "104") { id }';
      const { headers } = await as("bob", "POST /graphql", { query: `{ ${fields} }` });
      stop();
      const events = seen[0]?.events ?? [];
      expect(events.map(({ type, reason }) => [type, reason])).toEqual([
        ["accepted", undefined],
        ["allowed", expect.stringContaining("Book: ")],
        ["refused", "Order owner: alice, not bob"],
        ["allowed", "Order owner: bob"],
      ]);
      expect(events.find(({ type }) => type === "refused")?.id).toBe(headers.get("x-amzn-requestid"));
    });
  });
}
