import { describe, expect, expectTypeOf, it } from "vitest";
import type { Condition } from "../types.ts";
import { toPrisma, type PrismaProvider, type PrismaWhere } from "./prisma.ts";

const owner: Condition = { kind: "equals", field: "owner", anyOf: ["a", "b"] };
const groups: Condition = { kind: "contains", field: "groups", anyOf: ["c"] };

describe("toPrisma", () => {
  it("compares with in and hasSome", () => {
    expect(toPrisma({ kind: "or", any: [owner, groups] }, { provider: "postgresql" })).toEqual({
      OR: [{ owner: { in: ["a", "b"] } }, { groups: { hasSome: ["c"] } }],
    });
    expect(toPrisma({ kind: "and", all: [owner, groups] }, { provider: "postgresql" })).toEqual({
      AND: [{ owner: { in: ["a", "b"] } }, { groups: { hasSome: ["c"] } }],
    });
  });

  it("lets through everything, or nothing", () => {
    expect(toPrisma({ kind: "always" }, { provider: "mysql" })).toEqual({});
    expect(toPrisma({ kind: "never" }, { provider: "mysql" })).toEqual({ OR: [] });
    expect(toPrisma({ ...owner, anyOf: [] }, { provider: "mysql" })).toEqual({ OR: [] });
  });

  it.each(["mysql", "sqlserver"] as const)("leaves it to no collation of %s what is equal", (provider) => {
    expect(() => toPrisma(owner, { provider })).toThrow(
      /the collation of 'owner' decides.*binaryCollation: true/,
    );
    expect(toPrisma(owner, { provider, binaryCollation: true })).toEqual({ owner: { in: ["a", "b"] } });
  });

  it.each(["mysql", "sqlserver", "sqlite"] as const)("has no lists on %s", (provider) => {
    expect(() => toPrisma(groups, { provider, binaryCollation: true })).toThrow(
      /no lists of texts.*toSql\(\)/,
    );
  });

  it.each(["AND", "OR", "NOT"])("rejects %s as a field", (field) => {
    expect(() => toPrisma({ ...owner, field }, { provider: "sqlite" })).toThrow(`cannot be named '${field}'`);
  });

  it("rejects an unknown provider", () => {
    const provider = "oracle" as PrismaProvider;
    expect(() => toPrisma(owner, { provider })).toThrow("provider is one of postgresql, ");
  });

  it("fits into the where that Prisma generates", () => {
    interface OrderWhereInput {
      AND?: OrderWhereInput | OrderWhereInput[];
      OR?: OrderWhereInput[];
      NOT?: OrderWhereInput | OrderWhereInput[];
      owner?: string | { equals?: string; in?: string[]; mode?: "default" | "insensitive" } | null;
      groups?: { equals?: string[] | null; has?: string | null; hasSome?: string[] };
    }
    expectTypeOf<PrismaWhere>().toExtend<OrderWhereInput>();
  });
});
