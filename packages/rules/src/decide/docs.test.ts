import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { AccessDenied } from "../check/errors.ts";
import { compareDecisions } from "../report/compare-decisions.ts";
import { createPolicy, matches } from "../index.ts";
import { restAccess } from "./rest-access.ts";
import {
  authorized,
  guest,
  identityPool,
  key,
  member,
  oidcUser,
  signedIn,
  user,
} from "../test/identities.ts";
import type { Operation, Values } from "../types.ts";

// The examples of docs/rules.md, compiled and run: each block of that page is here, word for word.

const alice = user("alice");
const bob = user("bob");
const todoOfAlice = { id: "1", content: "c", owner: "sub-alice::alice" };
const todos: readonly Values[] = [todoOfAlice, { id: "2", owner: "sub-bob::bob" }];

describe("the examples of docs/rules.md", () => {
  it("the first one", () => {
    const policy = createPolicy({
      models: {
        Todo: {
          rules: [{ allow: "owner" }, { allow: "groups", groups: ["Admin"], operations: ["read"] }],
          fields: { id: { type: "ID!" }, content: { type: "String" }, owner: { type: "String" } },
        },
      },
    });

    policy.decide(alice, { model: "Todo", operation: "get", record: todoOfAlice }); // allowed, and by which rule
    policy.decide(bob, { model: "Todo", operation: "get", record: todoOfAlice }); // "Todo owner: alice, not bob"
    policy.decide(bob, { model: "Todo", operation: "create", input: { content: "x" } }); // writes: { owner: "…::bob" }

    const condition = policy.filter(alice, { model: "Todo" }); // for the database: toSql(condition, …), toPrisma(condition), …
    const todosOfAlice = todos.filter(matches(condition)); // or in memory

    expect(todosOfAlice).toEqual([todoOfAlice]);
    const refusal = policy.decide(bob, { model: "Todo", operation: "get", record: todoOfAlice });
    expect(refusal.explanation).toBe("Todo owner: alice, not bob");
    const creation = policy.decide(bob, { model: "Todo", operation: "create", input: { content: "x" } });
    expect(creation).toMatchObject({ writes: { owner: "sub-bob::bob" } });
  });

  it("public", () => {
    const policy = createPolicy(
      {
        models: {
          Book: {
            rules: [
              { allow: "public", operations: ["read"] },
              { allow: "public", provider: "identityPool", operations: ["read"], includeSignedIn: true },
            ],
            fields: { id: { type: "ID!" }, title: { type: "String" } },
          },
        },
      },
      { identityPool: { id: "us-east-1:11111111-0000-4000-8000-000000000001" } },
    );

    const readers = [key, guest, signedIn, alice].map(
      (caller) => policy.decide(caller, { model: "Book", operation: "get", record: {} }).allowed,
    );
    expect(readers).toEqual([true, true, true, false]);
  });

  it("private", () => {
    const policy = createPolicy({
      models: {
        Event: {
          rules: [{ allow: "private" }, { allow: "private", provider: "oidc", operations: ["read"] }],
          fields: { id: { type: "ID!" }, title: { type: "String" } },
        },
      },
    });

    const may = (caller: typeof alice | ReturnType<typeof oidcUser>, operation: Operation): boolean =>
      policy.decide(caller, { model: "Event", operation, record: {}, input: {} }).allowed;
    expect([may(alice, "delete"), may(oidcUser("o"), "get"), may(oidcUser("o"), "delete")]).toEqual([
      true,
      true,
      false,
    ]);
  });

  it("owner", () => {
    const owner = { allow: "owner", ownerField: "author" } as const;
    const policy = createPolicy({
      models: {
        Post: {
          rules: [owner],
          fields: {
            id: { type: "ID!" },
            text: { type: "String" },
            author: { type: "String", rules: [{ ...owner, operations: ["read", "delete"] }] },
          },
        },
      },
    });

    const record = { id: "1", author: "sub-alice::alice" };
    const input = { author: "sub-bob::bob" };
    expect(policy.decide(alice, { model: "Post", operation: "update", record, input })).toMatchObject({
      deniedFields: ["author"],
    });
    expect(policy.decide(alice, { model: "Post", operation: "delete", record }).allowed).toBe(true);
  });

  it("groups", () => {
    const policy = createPolicy({
      models: {
        Club: {
          rules: [
            { allow: "groups", groups: ["Librarians"] },
            { allow: "groups", groupsField: "members", operations: ["read", "update"] },
          ],
          fields: { id: { type: "ID!" }, name: { type: "String" }, members: { type: "[String]" } },
        },
      },
    });

    const may = (group: string, operation: Operation): boolean =>
      policy.decide(member("x", group), {
        model: "Club",
        operation,
        record: { members: ["Poets"] },
        input: {},
      }).allowed;
    expect([
      may("Librarians", "delete"),
      may("Poets", "update"),
      may("Poets", "delete"),
      may("Chess", "get"),
    ]).toEqual([true, true, false, false]);
  });

  it("custom", () => {
    const policy = createPolicy({
      models: {
        Report: {
          rules: [{ allow: "custom", operations: ["read"] }],
          fields: { id: { type: "ID!" }, title: { type: "String" }, profit: { type: "Float" } },
        },
      },
    });

    expect(policy.mask(authorized("Report.profit"), "Report", { title: "t", profit: 1 })).toEqual({
      title: "t",
      profit: null,
    });
  });

  it("allOf", () => {
    const policy = createPolicy({
      models: {
        Draft: {
          rules: [{ allow: "owner", allOf: [{ allow: "groups", groups: ["Editors"] }] }],
          fields: { id: { type: "ID!" }, text: { type: "String" }, owner: { type: "String" } },
        },
      },
    });

    const get = { model: "Draft", operation: "get", record: todoOfAlice } as const;
    expect(policy.decide(alice, get).allowed).toBe(false);
    expect(policy.decide(member("alice", "Editors"), get).allowed).toBe(true);
  });

  it("relations in inputs", () => {
    const policy = createPolicy(
      {
        models: {
          Order: {
            rules: [{ allow: "owner" }],
            fields: {
              id: { type: "ID!" },
              owner: { type: "String" },
              items: { type: "[Item]", relation: "hasMany" },
            },
          },
          Item: {
            rules: [{ allow: "owner" }],
            fields: { id: { type: "ID!" }, text: { type: "String" }, owner: { type: "String" } },
          },
        },
      },
      { nested: true },
    );

    const input = { items: { create: [{ text: "tea" }] } };
    policy.decide(alice, { model: "Order", operation: "create", input }); // writes: the items with their owner, too
    const owner = "sub-alice::alice";
    expect(policy.decide(alice, { model: "Order", operation: "create", input })).toMatchObject({
      writes: { owner, items: { create: [{ text: "tea", owner }] } },
    });
  });

  it("fields", () => {
    const policy = createPolicy({
      models: {
        Employee: {
          rules: [{ allow: "private", operations: ["read"] }, { allow: "owner" }],
          subscriptions: "off",
          fields: {
            name: { type: "String" },
            ssn: { type: "String", rules: [{ allow: "owner" }] },
            owner: { type: "String" },
          },
        },
      },
    });

    const employeeAlice = { name: "Alice", ssn: "1", owner: "sub-alice::alice" };
    expect(policy.mask(bob, "Employee", employeeAlice)).toEqual({ ...employeeAlice, ssn: null });
    expect(() => policy.checkFilterFields(bob, "Employee", ["ssn"])).toThrow(AccessDenied);
    const documented = (): void => {
      policy.mask(bob, "Employee", employeeAlice); // { name: "Alice", ssn: null, owner: "…" }
      policy.checkFilterFields(bob, "Employee", ["ssn"]); // throws: what a filter finds would reveal the field
    };
    expect(documented).toThrow();
  });

  it("compareDecisions", () => {
    const fields = { id: { type: "ID!" }, owner: { type: "String" } };
    const live = createPolicy({ models: { Todo: { rules: [{ allow: "private" }], fields } } });
    const candidate = createPolicy({ models: { Todo: { rules: [{ allow: "owner" }], fields } } });

    const { policy, report } = compareDecisions(live, candidate);
    policy.decide(bob, { model: "Todo", operation: "get", record: todoOfAlice }); // as live decides
    report(); // { questions: 1, wouldDeny: 1, byQuestion: { "Todo get would-deny": 1 }, … }

    expect(report()).toMatchObject({ questions: 1, wouldDeny: 1, byQuestion: { "Todo get would-deny": 1 } });
  });

  it("restAccess", () => {
    const access = restAccess(
      {
        "/books": {
          guest: ["read"],
          signedIn: ["create", "read"],
          groups: { Librarians: ["create", "read", "update", "delete"] },
          roles: { editor: ["update"] },
        },
      },
      { identityPool: { id: "us-east-1:11111111-0000-4000-8000-000000000001" } },
    );

    access.decide(alice, { method: "POST", route: "/books" }); // allowed: "/books: signedIn may create"
    access.decide(alice, { method: "DELETE", route: "/books/:id" }); // denied

    expect(access.decide(alice, { method: "POST", route: "/books" }).explanation).toBe(
      "/books: signedIn may create",
    );
    expect(access.decide(alice, { method: "DELETE", route: "/books/:id" }).allowed).toBe(false);
    expect(identityPool.id).toBe("us-east-1:11111111-0000-4000-8000-000000000001");
  });
});

const page = fileURLToPath(new URL("../../../../docs/rules.md", import.meta.url));

it.skipIf(!existsSync(page))("every example of docs/rules.md is in this file", () => {
  const here = plain(readFileSync(fileURLToPath(import.meta.url), "utf8"));
  const blocks = [...readFileSync(page, "utf8").matchAll(/^```ts\n(.*?)^```/gms)].map(
    ([, block = ""]) => block,
  );
  expect(blocks.length).toBeGreaterThan(8);
  for (const block of blocks) {
    for (const paragraph of block.split("\n\n")) expect(here).toContain(plain(paragraph));
  }
});

/** Without indentation, blank lines and imports. */
function plain(text: string): string {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("import "))
    .join("\n");
}
