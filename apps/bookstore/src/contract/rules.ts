import { outbound } from "@authmodes/core/outbound";
import { describe, expect, it } from "vitest";
import { as, ask, itemsOf, type Json, running, stored } from "./running.ts";

// The rules of schema.graphql as callers meet them: over HTTP, with credentials of every mode.

export const callers = [
  "API key",
  "guest",
  "alice.aws",
  "machine",
  "alice",
  "bob",
  "libby",
  "penny",
  "otto",
  "lambda",
] as const;
export type CallerName = (typeof callers)[number];

/** A record that the admin role makes and takes away. */
async function withRecord(path: string, values: Json, use: (id: string) => Promise<void>): Promise<void> {
  const made = await as("machine", `POST ${path}`, values);
  expect(made.status).toBe(201);
  const id = String(made.body["id"]);
  await use(id);
  await as("machine", `DELETE ${path}/${id}`);
}

const signedIn = ["alice", "bob", "libby", "penny"] as const;
const readers = ["API key", "guest", "alice.aws", "machine", ...signedIn, "otto"] as const;

export interface Expected {
  readonly path: string;
  /** A record that a create is made of. */
  readonly values: Json;
  /** What the stored record has besides: it is alice's, or the Poets'. */
  readonly stored: () => Json;
  readonly change: Json;
  readonly list: readonly CallerName[];
  readonly get: readonly CallerName[];
  readonly create: readonly CallerName[];
  readonly update: readonly CallerName[];
  readonly remove: readonly CallerName[];
}

export const models: Readonly<Record<string, Expected>> = {
  Book: {
    path: "/books",
    values: { title: "A new book", author: "Nobody", price: 1, stock: 0 },
    stored: () => ({}),
    change: { price: 2 },
    list: readers,
    get: readers,
    create: ["libby", "machine"],
    update: ["libby", "machine"],
    remove: ["libby", "machine"],
  },
  Order: {
    path: "/orders",
    values: { bookId: "101", quantity: 1 },
    stored: () => ({ owner: stored("alice") }),
    change: { note: "for a friend" },
    list: ["machine", ...signedIn, "otto"],
    get: ["machine", "alice", "libby"],
    create: ["machine", ...signedIn, "otto"],
    update: ["machine", "alice", "libby"],
    remove: ["machine", "alice"],
  },
  Review: {
    path: "/reviews",
    values: { bookId: "101", stars: 4 },
    stored: () => ({ author: stored("alice") }),
    change: { text: "On second thoughts" },
    list: readers,
    get: readers,
    create: ["machine", ...signedIn, "otto"],
    update: ["machine", "alice"],
    remove: ["machine", "alice"],
  },
  Club: {
    path: "/clubs",
    values: { name: "A new club" },
    stored: () => ({ members: ["Poets"] }),
    change: { name: "Another name" },
    list: ["machine", "libby", "penny"],
    get: ["machine", "libby", "penny"],
    create: ["machine", "libby"],
    update: ["machine", "libby", "penny"],
    remove: ["machine", "libby"],
  },
  Employee: {
    path: "/employees",
    values: { name: "New", email: "new@bookstore.example", ssn: "1" },
    stored: () => ({ owner: stored("alice") }),
    change: { name: "Renamed" },
    list: ["machine", ...signedIn],
    get: ["machine", ...signedIn],
    create: ["machine", ...signedIn],
    update: ["machine", "alice"],
    remove: ["machine", "alice"],
  },
  Report: {
    path: "/reports",
    values: { title: "A new report", revenue: 1, profit: 1 },
    stored: () => ({}),
    change: { revenue: 2 },
    list: ["machine", "lambda"],
    get: ["machine", "lambda"],
    create: ["machine"],
    update: ["machine"],
    remove: ["machine"],
  },
};

export function rulesContract(): void {
  describe.each(Object.entries(models))("%s", (_name, { path, values, stored, change, ...allowed }) => {
    const status = (operation: keyof typeof allowed, caller: CallerName, good = 200) =>
      allowed[operation].includes(caller) ? good : 403;

    it.each(callers)("lists, creates, reads, changes and deletes for %s as the rules say", async (caller) => {
      expect((await as(caller, `GET ${path}`)).status).toBe(status("list", caller));

      const created = await as(caller, `POST ${path}`, values);
      expect(created.status).toBe(status("create", caller, 201));
      if (created.status === 201) await as("machine", `DELETE ${path}/${String(created.body["id"])}`);

      await withRecord(path, { ...values, ...stored() }, async (id) => {
        expect((await as(caller, `GET ${path}/${id}`)).status).toBe(status("get", caller));

        const changed = await as(caller, `PATCH ${path}/${id}`, change);
        expect(changed.status).toBe(status("update", caller));
        const now = (await as("machine", `GET ${path}/${id}`)).body;
        expect(now).toMatchObject({ ...values, ...(changed.status === 200 && change) });

        expect((await as(caller, `DELETE ${path}/${id}`)).status).toBe(status("remove", caller, 204));
        const left = await as("machine", `GET ${path}/${id}`);
        expect(left.status).toBe(allowed.remove.includes(caller) ? 404 : 200);
      });
    });

    it.each(callers)("tells %s that there is no such record, if a rule reaches them", async (caller) => {
      // Lists show whom a rule for reading reaches, for they need no record.
      expect((await as(caller, `GET ${path}/nothing`)).status).toBe(status("list", caller, 404));
      const missing = await as(caller, `DELETE ${path}/nothing`);
      const isReached =
        allowed.remove.includes(caller) || (allowed.remove.includes("alice") && isOwner(caller, path));
      expect(missing.status).toBe(isReached ? 404 : 403);
    });

    it("is not for callers without credentials", async () => {
      for (const request of [`GET ${path}`, `POST ${path}`, `GET ${path}/101`, `DELETE ${path}/101`]) {
        expect((await as("anonymous", request)).status).toBe(401);
      }
    });
  });

  /** Whom an owner rule could name. */
  function isOwner(caller: CallerName, path: string): boolean {
    return signedIn.some((name) => name === caller) || (caller === "otto" && path !== "/employees");
  }

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

    it("shows a social security number to the employee alone", async () => {
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

    it("lets nobody review in the name of somebody else", async () => {
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

    it("sets to null only for who may delete the field", async () => {
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

  describe("bodies", () => {
    it.each([
      ["no JSON", "{"],
      ["a list", []],
      ["a text", '"text"'],
      ["nothing", ""],
      ["an unknown field", { title: "t", author: "a", price: 1, stock: 1, isbn: "1" }],
      ["a field of all objects", '{"title":"t","author":"a","price":1,"stock":1,"__proto__":{}}'],
      ["a missing field", { title: "t", author: "a", price: 1 }],
      ["a wrong type", { title: "t", author: "a", price: "1", stock: 1 }],
      ["null where it must not be", { title: null, author: "a", price: 1, stock: 1 }],
      ["an id", { id: "101", title: "t", author: "a", price: 1, stock: 1 }],
    ])("refuses %s with 400", async (_what, body) => {
      expect(await as("libby", "POST /books", body)).toMatchObject({
        status: 400,
        // By the parser of JSON, or by the rules.
        body: { code: expect.stringMatching(/^(?:bad_request|invalid_input)$/) },
      });
    });

    it("does not tell whoever may not write how to", async () => {
      expect((await as("alice", "POST /books", { isbn: "1" })).status).toBe(403);
      expect((await as("guest", "PATCH /orders/101", { owner: 1, "x y": null })).status).toBe(403);
    });

    it("says what is wrong", async () => {
      const { body } = await as("libby", "POST /books", { isbn: "1" });
      expect(body["detail"]).toBe('Book has no field "isbn"');
      expect((await as("libby", "POST /books", { title: 1 })).body["detail"]).toBe("title has to be String!");
    });
  });

  describe("a refusal", () => {
    it("has an id by which the log tells the rule, and tells the caller nothing else", async () => {
      const seen: { id: string | undefined; reason: string | undefined; caller: string | undefined }[] = [];
      const stop = running.shop.log.listen((request) => seen.push(request));
      const { status, body } = await as("bob", "GET /orders/101");
      await as("alice", "GET /orders/101");
      stop();
      expect([status, body["code"]]).toEqual([403, "forbidden"]);
      expect(JSON.stringify(body)).not.toMatch(/alice|owner/);
      const id = String(body["instance"]).replace("urn:uuid:", "");
      const line = seen.find((request) => request.id === id);
      expect(line).toMatchObject({ status: 403, caller: "bob", reason: "Order owner: alice, not bob" });
      expect(seen.at(-1)).toMatchObject({ status: 200, caller: "alice", reason: "Order owner: alice" });
    });

    it.each([
      ["penny", "GET /clubs/101", "Club members: Librarians, not penny in Poets"],
      ["API key", "GET /orders", "Order: no rule lets apiKey callers list"],
      ["libby", "GET /reports", "userPool"],
      ["bob", "GET /orders/999", "no such record"],
      ["alice", "GET /orders", "Order: filtered by owner"],
      ["machine", "GET /reports", "an admin role stands above the rules"],
    ])("explains to the log what came of %s asking %s", async (caller, request, words) => {
      const reasons: (string | undefined)[] = [];
      const stop = running.shop.log.listen(({ reason }) => reasons.push(reason));
      await as(caller, request);
      stop();
      expect(reasons).toEqual([expect.stringContaining(words)]);
    });
  });

  async function allPages(
    caller: string,
    path: string,
    limit: number,
  ): Promise<readonly (readonly Json[])[]> {
    const pages: (readonly Json[])[] = [];
    let cursor = "";
    do {
      const page = await as(caller, `GET ${path}?limit=${limit}${cursor}`);
      pages.push(itemsOf(page));
      const next = page.body["cursor"];
      cursor = typeof next === "string" ? `&cursor=${next}` : "";
    } while (cursor !== "");
    return pages;
  }

  describe("lists", () => {
    it.each([
      ["alice", 36],
      ["bob", 12],
      ["otto", 12],
      ["penny", 0],
      ["libby", 60],
      ["machine", 60],
    ])("give %s full pages of the %i orders that they may read", async (caller, count) => {
      const pages = await allPages(caller, "/orders", 5);
      const orders = pages.flat();
      expect(orders).toHaveLength(count);
      for (const page of pages.slice(0, -1)) expect(page).toHaveLength(5);
      const ids = orders.map(({ id }) => String(id));
      expect(ids).toEqual([...new Set(ids)].toSorted());
      if (count > 0 && count < 60)
        expect(new Set(orders.map(({ owner }) => owner))).toEqual(new Set([caller]));
    });

    it("end where the last record ends that the caller may read, though more are stored", async () => {
      const page = await as("bob", "GET /orders?limit=12");
      expect(itemsOf(page)).toHaveLength(12);
      expect(page.body["cursor"]).toBeNull();
    });

    it("show the clubs of one's groups", async () => {
      const clubs = async (caller: string) => itemsOf(await as(caller, "GET /clubs")).map(({ id }) => id);
      expect(await clubs("penny")).toEqual(["102", "103"]);
      expect(await clubs("libby")).toEqual(["101", "102", "103", "104"]);
    });
  });

  describe("attacks", () => {
    it("give the cursor of somebody else, or a made-up one: it only says where to go on", async () => {
      const { body } = await as("alice", "GET /orders?limit=3");
      const made = Buffer.from("orders:000").toString("base64url");
      for (const cursor of [body["cursor"], made]) {
        const page = await as("bob", `GET /orders?limit=100&cursor=${String(cursor)}`);
        expect(page.status).toBe(200);
        expect(new Set(itemsOf(page).map(({ owner }) => owner))).toEqual(new Set(["bob"]));
      }
      const nul = Buffer.from("orders:\0").toString("base64url");
      expect((await as("bob", `GET /orders?cursor=${nul}`)).status).toBe(400);
    });

    it("filter or sort by a hidden field: the query knows no such thing", async () => {
      const { status, body } = await as("alice", "GET /books");
      for (const query of [
        "costPrice=3.9",
        "sort=costPrice",
        'filter={"costPrice":{"gt":4}}',
        "order=costPrice",
      ]) {
        expect(await as("alice", `GET /books?${encodeURI(query)}`)).toMatchObject({ status, body });
      }
    });

    it("ask for ids that are no ids", async () => {
      for (const id of ["%00", "'%20or%201=1", "__proto__", "101%2F..%2F102"]) {
        expect([id, (await as("alice", `GET /orders/${id}`)).status]).toEqual([id, 404]);
      }
    });

    it("come as users whose names look like the owners of others", async () => {
      const { userPool, oidc } = running.shop.identityProvider.kit;
      const user = async (options: Parameters<typeof userPool.token>[0]) => {
        const token = await userPool.token(options);
        return outbound.userPool({ token: () => token });
      };
      const partner = async (options: Parameters<typeof oidc.token>[0]) => {
        const token = await oidc.token(options);
        return outbound.oidc({ token: () => token });
      };
      const intruders = [
        await user({ username: stored("alice") }),
        await user({ username: "alice", sub: "somebody-else" }),
        await user({ username: "mallory", claims: { sub: ["a"] } }),
        await partner({ sub: stored("alice") }),
        await partner({ sub: "alice" }),
        await partner({
          sub: "mallory",
          claims: { "cognito:groups": ["Librarians"], groups: ["Librarians"] },
        }),
      ];
      for (const source of intruders) {
        const one = await ask(source, "GET /orders/101");
        expect([401, 403]).toContain(one.status);
        const list = await ask(source, "GET /orders");
        if (list.status === 200) expect(itemsOf(list)).toEqual([]);
      }
      // 105 is otto's; a user of the pool who is called so is somebody else.
      expect((await as("otto", "GET /orders/105")).status).toBe(200);
      expect((await ask(await user({ username: "otto" }), "GET /orders/105")).status).toBe(403);
      const librarian = await partner({ sub: "mallory", claims: { "cognito:groups": ["Librarians"] } });
      expect((await ask(librarian, "GET /books/101")).body["costPrice"]).toBeNull();
      expect((await ask(librarian, "GET /clubs")).status).toBe(403);
    });

    it("send groups that are no list of texts", async () => {
      const { userPool } = running.shop.identityProvider.kit;
      for (const groups of [{ Librarians: true }, [["Librarians"]], "Librarians,Poets", [null], []]) {
        const token = await userPool.token({ username: "mallory", claims: { "cognito:groups": groups } });
        const source = outbound.userPool({ token: () => token });
        expect([401, 403]).toContain((await ask(source, "GET /clubs/101")).status);
        expect([401, 403]).toContain((await ask(source, "DELETE /books/101")).status);
      }
    });
  });
}
