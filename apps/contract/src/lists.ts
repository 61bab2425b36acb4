import { outbound } from "@authmodes/core/outbound";
import { describe, expect, it } from "vitest";
import { as, ask, itemsOf, type Json, running, stored } from "./running.ts";

// Lists, and callers who try to see more of them.

export function listsContract(): void {
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

    it("end with the last record that the caller may read, though more are stored", async () => {
      const page = await as("bob", "GET /orders?limit=12");
      expect(itemsOf(page)).toHaveLength(12);
      expect(page.body["cursor"]).toBeNull();
    });

    it("show the clubs of the caller's groups", async () => {
      const clubs = async (caller: string) => itemsOf(await as(caller, "GET /clubs")).map(({ id }) => id);
      expect(await clubs("penny")).toEqual(["102", "103"]);
      expect(await clubs("libby")).toEqual(["101", "102", "103", "104"]);
    });
  });

  describe("attacks", () => {
    it("send another user's cursor, or an invented one: it only sets the start of the page", async () => {
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

    it("filter or sort by a hidden field: the query has no such parameter", async () => {
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

    it("ask for invalid ids", async () => {
      for (const id of ["%00", "'%20or%201=1", "__proto__", "101%2F..%2F102"]) {
        expect([id, (await as("alice", `GET /orders/${id}`)).status]).toEqual([id, 404]);
      }
    });

    it("have names that look like other owners", async () => {
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
        await user({ username: "alice", sub: "another-user" }),
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
      // 105 is otto's; a user of the pool with that name is another caller.
      expect((await as("otto", "GET /orders/105")).status).toBe(200);
      expect((await ask(await user({ username: "otto" }), "GET /orders/105")).status).toBe(403);
      const librarian = await partner({ sub: "mallory", claims: { "cognito:groups": ["Librarians"] } });
      expect((await ask(librarian, "GET /books/101")).body["costPrice"]).toBeNull();
      expect((await ask(librarian, "GET /clubs")).status).toBe(403);
    });

    it("send groups that are not a list of texts", async () => {
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
