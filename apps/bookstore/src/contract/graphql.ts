import { describe, expect, it } from "vitest";
import { as, call, type Json, running, stored } from "./running.ts";
import { callers, models } from "./rules.ts";

// The same models by GraphQL, in Amplify's shapes.

interface GraphqlError extends Json {
  readonly message: string;
  readonly errorType?: string;
  readonly path?: readonly unknown[];
}

interface Result {
  readonly status: number;
  readonly headers: Headers;
  /** The one root field of the document. */
  readonly field: Json | null;
  readonly data: Json | null;
  readonly errors: readonly GraphqlError[];
}

async function query(caller: string, document: string, variables?: Json): Promise<Result> {
  const { status, headers, body } = await as(caller, "POST /graphql", { query: document, variables });
  const data = (body["data"] ?? null) as Json | null;
  const [field = null] = Object.values(data ?? {}) as (Json | null)[];
  return { status, headers, field, data, errors: (body["errors"] ?? []) as GraphqlError[] };
}

/** Whether the root field was refused; anything else that is wrong fails the test. */
function isRefused({ status, field, errors }: Result): boolean {
  expect(status).toBe(200);
  const ofRoot = errors.filter(({ path }) => path?.length === 1);
  if (field !== null) {
    expect(ofRoot).toEqual([]);
    return false;
  }
  expect(ofRoot).toMatchObject([{ errorType: "Unauthorized" }]);
  return true;
}

const itemsOf = (result: Result): readonly Json[] => (result.field?.["items"] ?? []) as readonly Json[];

async function withRecord(model: string, input: Json, use: (id: string) => Promise<void>): Promise<void> {
  const made = await query("machine", create(model), { input });
  expect(made.errors).toEqual([]);
  const id = String(made.field?.["id"]);
  await use(id);
  await query("machine", remove(model), { input: { id } });
}

const list = (model: string, selection = "id") =>
  `query List($filter: Model${model}FilterInput, $limit: Int, $nextToken: String) {
    list${model}s(filter: $filter, limit: $limit, nextToken: $nextToken) { items { ${selection} } nextToken } }`;
const get = (model: string, selection = "id") =>
  `query Get($id: ID!) { get${model}(id: $id) { ${selection} } }`;
const write =
  (verb: string) =>
  (model: string, selection = "id") =>
    `mutation Write($input: ${verb}${model}Input!, $condition: Model${model}ConditionInput) {
    ${verb.toLowerCase()}${model}(input: $input, condition: $condition) { ${selection} } }`;
const create = write("Create");
const update = write("Update");
const remove = write("Delete");

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

      await withRecord(model, { ...values, ...expected.stored() }, async (id) => {
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

    it("tells whoever is known what there is", async () => {
      const { data } = await query("API key", '{ __typename __type(name: "Book") { name } }');
      expect(data).toEqual({ __typename: "Query", __type: { name: "Book" } });
    });

    it.each([
      ["no JSON", "{"],
      ["no document", {}],
      ["a number for a document", { query: 1 }],
      ["several documents at once", [{ query: "{ __typename }" }, { query: "{ __typename }" }]],
      ["variables that are a list", { query: "{ __typename }", variables: [] }],
    ])("refuses %s with 400", async (_what, body) => {
      expect(await as("alice", "POST /graphql", body)).toMatchObject({
        status: 400,
        body: { code: "bad_request" },
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

    it("refuses variables that nest too deep with 400", async () => {
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
          expect([status, body["code"]]).toEqual([400, "bad_request"]);
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
        `{ ${Array.from({ length: 29 }, (_, i) => `a${i}: listBooks { items { ${"id title ".repeat(20)} } }`).join(" ")} }`,
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
      await withRecord("Order", { bookId: "1", quantity: 1, note: "n", owner: self }, async (id) => {
        const cleared = await query("libby", update("Order", "note"), { input: { id, note: null } });
        expect(isRefused(cleared)).toBe(true);
      });
    });
  });

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

    it("know absent values and lists", async () => {
      const clubs = async (filter: Json) =>
        itemsOf(await query("libby", list("Club", "id"), { filter })).map(({ id }) => String(id));
      expect(await clubs({ members: { contains: "Poets" } })).toEqual(["102", "103"]);
      expect(await clubs({ members: { contains: "Poet" } })).toEqual([]);
      await withRecord("Club", { name: "Nobody's" }, async (id) => {
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
    ])("refuse %j", async (variables) => {
      const { field, errors } = await query("alice", list("Book"), variables);
      expect([field, errors.length]).toEqual([null, 1]);
      expect(errors).toMatchObject([{ errorType: "BadRequestException" }]);
    });
  });

  describe("conditions of writes", () => {
    const failed = [{ errorType: "DynamoDB:ConditionalCheckFailedException" }];

    it("decide whether they happen", async () => {
      const book = { title: "New", author: "Nobody", price: 1, stock: 3 };
      await withRecord("Book", book, async (id) => {
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

    it("hold of a record that is not there yet as of one without values", async () => {
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

    it("come in by aliases: each of them is decided on", async () => {
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

    it("come in by fragments and directives", async () => {
      const { field, errors } = await query(
        "alice",
        `query Hidden($yes: Boolean = true) {
           getEmployee(id: "101") { ...Secret ... on Employee { b: ssn @include(if: $yes) } ... @skip(if: false) { ssn } } }
         fragment Secret on Employee { a: ssn }`,
      );
      expect(field).toEqual({ a: null, b: null, ssn: null });
      expect(errors).toHaveLength(3);
    });

    it("write several records at once: each of them is decided on", async () => {
      await withRecord("Order", { bookId: "1", quantity: 1, owner: stored("alice") }, async (id) => {
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

    it("guess ids: nobody's is as somebody else's, to whom no rule reaches", async () => {
      for (const id of ["104", "nothing", "\0"]) {
        expect(isRefused(await query("guest", get("Order"), { id }))).toBe(true);
      }
    });
  });

  describe("a refusal by GraphQL", () => {
    it("has an id by which the log tells the rule, and tells the caller nothing else", async () => {
      const seen: { id: string | undefined; reason: string | undefined }[] = [];
      const stop = running.shop.log.listen((request) => seen.push(request));
      const { headers, errors } = await query("bob", get("Order"), { id: "101" });
      stop();
      expect(JSON.stringify(errors)).not.toMatch(/alice|owner/);
      expect(seen).toMatchObject([
        { id: headers.get("x-amzn-requestid"), reason: "Order owner: alice, not bob", status: 200 },
      ]);
    });
  });
}
