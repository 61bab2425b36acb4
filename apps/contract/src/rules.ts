import { outbound } from "@authmodes/core/outbound";
import type { LoggedRequest } from "@authmodes/app-shared";
import { describe, expect, it } from "vitest";
import { type CallerName, callers, models, signedIn } from "./models.ts";
import { as, ask, running, withRecord } from "./running.ts";

// The rules of schema.graphql over HTTP, with credentials of every mode.

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

    it.each(callers)("answers %s that there is no such record, if a rule covers them", async (caller) => {
      // Lists need no record, so they show which callers a rule for reading covers.
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

  /** Callers that owner rules cover. */
  function isOwner(caller: CallerName, path: string): boolean {
    return signedIn.some((name) => name === caller) || (caller === "otto" && path !== "/employees");
  }

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
    ])("rejects %s with 400", async (_what, body) => {
      expect(await as("libby", "POST /books", body)).toMatchObject({
        status: 400,
        body: { code: "invalid_input" },
      });
    });

    it("does not describe the fields to callers who may not write", async () => {
      expect((await as("alice", "POST /books", { isbn: "1" })).status).toBe(403);
      expect((await as("guest", "PATCH /orders/101", { owner: 1, "x y": null })).status).toBe(403);
    });

    it("says what is wrong", async () => {
      const { body } = await as("libby", "POST /books", { isbn: "1" });
      expect(body["detail"]).toBe('Book has no field "isbn"');
      expect((await as("libby", "POST /books", { title: 1 })).body["detail"]).toBe("title has to be String!");
    });
  });

  describe("a rejection", () => {
    it("has an id that leads to the rule in the log, and tells the caller nothing else", async () => {
      const seen: LoggedRequest[] = [];
      const stop = running.shop.log.listen((request) => seen.push(request));
      const { status, body } = await as("bob", "GET /orders/101");
      await as("alice", "GET /orders/101");
      stop();
      expect([status, body["code"]]).toEqual([403, "forbidden"]);
      expect(JSON.stringify(body)).not.toMatch(/alice|owner/);
      const id = String(body["instance"]).replace("urn:uuid:", "");
      const rejected = seen.find(({ events }) => events.some((event) => event.id === id));
      expect(rejected).toMatchObject({
        status: 403,
        caller: "bob",
        events: [{ type: "accepted" }, { type: "refused", id, reason: "Order owner: alice, not bob" }],
      });
      expect(seen.at(-1)).toMatchObject({
        status: 200,
        caller: "alice",
        events: [{ type: "accepted" }, { type: "allowed", reason: "Order owner: alice" }],
      });
    });

    it("tells two users of one name apart in the log", async () => {
      const { userPool } = running.shop.identityProvider.kit;
      const token = await userPool.token({ username: "alice", sub: "another-user" });
      const reasons: (string | undefined)[] = [];
      const stop = running.shop.log.listen(({ events }) => reasons.push(events.at(-1)?.reason));
      await ask(outbound.userPool({ token: () => token }), "GET /orders/101");
      stop();
      expect(reasons).toEqual(["Order owner: alice, not alice (another user of that name)"]);
    });

    it.each([
      ["penny", "GET /clubs/101", "Club members: Librarians, not penny in Poets"],
      ["API key", "GET /orders", "Order: no rule lets apiKey callers list"],
      ["libby", "GET /reports", "userPool"],
      ["bob", "GET /orders/999", "no such record"],
      ["alice", "GET /orders", "Order: filtered by owner"],
      ["machine", "GET /reports", "the rules do not apply to admin roles"],
    ])("explains in the log the answer to %s, %s", async (caller, request, words) => {
      const reasons: (string | undefined)[] = [];
      const stop = running.shop.log.listen(({ events }) => reasons.push(events.at(-1)?.reason));
      await as(caller, request);
      stop();
      expect(reasons).toEqual([expect.stringContaining(words)]);
    });
  });
}
