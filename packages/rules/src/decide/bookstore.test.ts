import type { Identity } from "@authmodes/core";
import { describe, expect, it } from "vitest";
import { matches } from "../compile/condition.ts";
import { AccessDenied } from "../check/errors.ts";
import { bookstore } from "../test/bookstore.ts";
import {
  authorized,
  guest,
  key,
  machine,
  member,
  nobody,
  oidcUser,
  signedIn,
  user,
} from "../test/identities.ts";
import type { Values } from "../types.ts";

// The rules of the sample shop, for each of its callers.

const policy = bookstore();

const alice = user("alice");
const bob = user("bob");
const libby = member("libby", "Librarians");
const penny = member("penny", "Poets");
const otto = oidcUser("otto");

const callers: Readonly<Record<string, Identity>> = {
  key,
  guest,
  signedIn,
  alice,
  bob,
  libby,
  penny,
  otto,
  lambda: authorized("Report.profit"),
  machine,
  nobody,
};

const records = {
  book: ["Book", { id: "1", title: "Emma", costPrice: 3 }],
  "alice's order": ["Order", { id: "1", quantity: 1, note: "n", owner: "sub-alice::alice" }],
  "otto's order": ["Order", { id: "2", quantity: 1, note: "n", owner: "otto" }],
  "order by bare name": ["Order", { id: "3", quantity: 1, note: "n", owner: "alice" }],
  "alice's review": ["Review", { id: "1", stars: 5, author: "sub-alice::alice" }],
  "librarians' club": ["Club", { id: "1", name: "Shelves", members: ["Librarians"] }],
  "poets' club": ["Club", { id: "2", name: "Odes", members: ["Poets"] }],
  "club without members": ["Club", { id: "3", name: "Nobody's", members: null }],
  "alice, employee": ["Employee", { id: "1", name: "Alice", ssn: "1", owner: "sub-alice::alice" }],
  report: ["Report", { id: "1", title: "2026", profit: 7 }],
} as const satisfies Readonly<Record<string, readonly [string, Values]>>;

/** Which of create, read, update and delete: `cru-`. */
function rights(identity: Identity, model: string, record: Values): string {
  const allowed = (operation: "create" | "get" | "update" | "delete", input?: Values): boolean =>
    policy.decide(identity, { model, operation, record, ...(input !== undefined && { input }) }).allowed;
  return [
    allowed("create", {}) ? "c" : "-",
    allowed("get") ? "r" : "-",
    allowed("update", { id: record["id"] }) ? "u" : "-",
    allowed("delete") ? "d" : "-",
  ].join("");
}

const expected: Readonly<Record<keyof typeof records, Readonly<Record<string, string>>>> = {
  book: {
    key: "-r--",
    guest: "-r--",
    signedIn: "-r--",
    alice: "-r--",
    bob: "-r--",
    libby: "crud",
    penny: "-r--",
    otto: "-r--",
  },
  "alice's order": { alice: "crud", bob: "c---", libby: "cru-", penny: "c---", otto: "c---" },
  "otto's order": { alice: "c---", bob: "c---", libby: "cru-", penny: "c---", otto: "crud" },
  "order by bare name": { alice: "c---", bob: "c---", libby: "cru-", penny: "c---", otto: "c---" },
  "alice's review": {
    key: "-r--",
    guest: "-r--",
    signedIn: "-r--",
    alice: "crud",
    bob: "cr--",
    libby: "cr--",
    penny: "cr--",
    otto: "cr--",
  },
  "librarians' club": { libby: "crud" },
  "poets' club": { libby: "crud", penny: "-ru-" },
  "club without members": { libby: "crud" },
  "alice, employee": { alice: "crud", bob: "cr--", libby: "cr--", penny: "cr--" },
  report: { lambda: "-r--" },
};

describe("each caller on each kind of record", () => {
  for (const [name, [model, record]] of Object.entries(records)) {
    for (const [caller, identity] of Object.entries(callers)) {
      const may = expected[name as keyof typeof records][caller] ?? (caller === "machine" ? "crud" : "----");
      it(`${caller} on ${name}: ${may}`, () => expect(rights(identity, model, record)).toBe(may));
    }
  }
});

it("decides by the record as the first questions of a caller were decided", () => {
  for (const identity of Object.values(callers)) {
    for (const [model, record] of Object.values(records)) {
      for (const operation of ["get", "list", "update", "delete"] as const) {
        const asked = { model, operation, record };
        const first = JSON.stringify(bookstore().decide(identity, asked));
        for (let i = 0; i < 101; i++) policy.decide(identity, asked);
        expect(JSON.stringify(policy.decide(identity, asked))).toBe(first);
      }
    }
  }
});

describe("orders", () => {
  const [, order] = records["alice's order"];

  it("are stored with the full name of their owner", () => {
    const question = { model: "Order", operation: "create", input: { quantity: 1 } } as const;
    expect(policy.decide(alice, question)).toMatchObject({ writes: { owner: "sub-alice::alice" } });
    expect(policy.decide(otto, question)).toMatchObject({ writes: { owner: "otto" } });
  });

  it("take no owner from the caller, not even their own", () => {
    for (const owner of ["sub-alice::alice", "sub-bob::bob", null]) {
      const create = policy.decide(alice, { model: "Order", operation: "create", input: { owner } });
      const update = policy.decide(alice, {
        model: "Order",
        operation: "update",
        record: order,
        input: { owner },
      });
      expect([create.allowed, update.allowed]).toEqual([false, false]);
      expect(update).toMatchObject({ reason: "field-denied", deniedFields: ["owner"] });
    }
    const input = { owner: "sub-bob::bob" };
    const byLibrarian = policy.decide(libby, { model: "Order", operation: "update", record: order, input });
    expect(byLibrarian).toMatchObject({ reason: "field-denied", deniedFields: ["owner"] });
  });

  it("show the last part of the owner, to the owner and to librarians", () => {
    for (const identity of [alice, libby]) {
      const answer = policy.displayed("Order", policy.mask(identity, "Order", order));
      expect(answer["owner"]).toBe("alice");
    }
  });

  it("can be emptied field by field by callers that may delete, and by no librarian", () => {
    const question = { model: "Order", operation: "update", record: order, input: { note: null } } as const;
    expect(policy.decide(alice, question).allowed).toBe(true);
    expect(policy.decide(libby, question)).toMatchObject({ reason: "field-denied", deniedFields: ["note"] });
  });

  it("of another user are denied with an explanation", () => {
    const refusal = policy.decide(bob, { model: "Order", operation: "get", record: order });
    expect(refusal).toMatchObject({ reason: "record-filtered", missing: false });
    expect(refusal.explanation).toBe("Order owner: alice, not bob");
    const permission = policy.decide(alice, { model: "Order", operation: "get", record: order });
    expect(permission).toMatchObject({ rule: "Order:userPools:owner:owner:sub::username" });
    expect(permission.explanation).toBe("Order owner: alice");
  });

  it("that do not exist are missing for callers that some rule covers, and denied to others", () => {
    for (const operation of ["get", "update", "delete"] as const) {
      const question = { model: "Order", operation, record: null, input: {} };
      expect(policy.decide(alice, question)).toMatchObject({ allowed: false, missing: true });
      expect(policy.decide(key, question)).toMatchObject({ allowed: false, missing: false });
    }
    expect(
      policy.decide(libby, { model: "Order", operation: "update", record: null, input: {} }),
    ).toMatchObject({
      reason: "record-missing",
      missing: true,
    });
  });

  it("are listed to their owners, all to librarians, and not at all to others", () => {
    const owned = matches(policy.filter(alice, { model: "Order" }));
    expect([owned(order), owned({ owner: "sub-bob::bob" }), owned({ owner: "alice" })]).toEqual([
      true,
      false,
      false,
    ]);
    expect(policy.filter(libby, { model: "Order" })).toEqual({ kind: "always" });
    for (const identity of [key, guest, signedIn, authorized(), nobody]) {
      expect(() => policy.filter(identity, { model: "Order" })).toThrow(AccessDenied);
    }
  });
});

describe("fields", () => {
  const [, book] = records.book;
  const [, employee] = records["alice, employee"];

  it("costPrice is for librarians", () => {
    expect(policy.mask(key, "Book", book)).toEqual({ ...book, costPrice: null });
    expect(policy.mask(libby, "Book", book)).toEqual(book);
    expect(policy.decide(alice, { model: "Book", operation: "get", record: book })).toMatchObject({
      allowed: true,
      nullFields: ["costPrice"],
    });
    expect(() => policy.checkFilterFields(alice, "Book", ["title", "costPrice"])).toThrow(AccessDenied);
    expect(() => policy.checkFilterFields(libby, "Book", ["costPrice"])).not.toThrow();
  });

  it("ssn is for the owner: no caller may filter by it, since lists hold records of others", () => {
    expect(policy.mask(alice, "Employee", employee)["ssn"]).toBe("1");
    expect(policy.mask(bob, "Employee", employee)["ssn"]).toBeNull();
    expect(() => policy.checkFilterFields(alice, "Employee", ["ssn"])).toThrow(AccessDenied);
  });

  it("a field that the authorizer denied is null", () => {
    const [, report] = records.report;
    expect(policy.mask(authorized("Report.profit"), "Report", report)["profit"]).toBeNull();
    expect(policy.mask(authorized(), "Report", report)["profit"]).toBe(7);
  });

  it("are null in answers to writes too if the caller may not read them", () => {
    expect(policy.maskWritten(bob, "Employee", employee)["ssn"]).toBeNull();
    expect(policy.maskWritten(alice, "Employee", employee)["ssn"]).toBe("1");
  });
});
