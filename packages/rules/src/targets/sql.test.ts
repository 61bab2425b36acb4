import { describe, expect, it } from "vitest";
import type { Condition } from "../types.ts";
import { toSql, type SqlDialect, type SqlOptions } from "./sql.ts";

const owner = { kind: "equals", field: "owner", anyOf: ["a", "b"] } as const;
const groups = { kind: "contains", field: "groups", anyOf: ["a"] } as const;
const dialects = ["postgresql", "sqlite", "mysql"] as const;

describe("toSql", () => {
  it.each(dialects)("writes %s that is true or false if there is nothing to compare", (dialect) => {
    expect(toSql({ kind: "always" }, { dialect })).toEqual({ text: "TRUE", values: [] });
    expect(toSql({ kind: "never" }, { dialect })).toEqual({ text: "FALSE", values: [] });
    expect(toSql({ ...owner, anyOf: [] }, { dialect })).toEqual({ text: "FALSE", values: [] });
    expect(toSql({ kind: "and", all: [] }, { dialect })).toEqual({ text: "TRUE", values: [] });
    expect(toSql({ kind: "or", any: [] }, { dialect })).toEqual({ text: "FALSE", values: [] });
  });

  it("compares in PostgreSQL with one list, however many values there are", () => {
    expect(toSql(owner, { dialect: "postgresql" })).toEqual({
      text: `("owner" IS NOT NULL AND "owner"::text = ANY($1::text[]) AND "owner"::text COLLATE "C" = ANY($1::text[]))`,
      values: [["a", "b"]],
    });
    expect(toSql(groups, { dialect: "postgresql" })).toEqual({
      text: `("groups" IS NOT NULL AND "groups"::text[] && $1::text[] AND "groups"::text[] COLLATE "C" && $1::text[] AND array_ndims("groups") = 1)`,
      values: [["a"]],
    });
    expect(toSql(groups, { dialect: "postgresql", lists: "json" })).toEqual({
      text: `("groups" IS NOT NULL AND jsonb_typeof("groups") = 'array' AND "groups" ?| $1::text[])`,
      values: [["a"]],
    });
  });

  it("compares in SQLite with one JSON list", () => {
    expect(toSql(owner, { dialect: "sqlite" })).toEqual({
      text: "(typeof(`owner`) = 'text' AND `owner` COLLATE BINARY IN (SELECT value FROM json_each(?)))",
      values: ['["a","b"]'],
    });
  });

  it("compares in MySQL in the column's collation, for its index, and byte by byte", () => {
    expect(toSql(owner, { dialect: "mysql" })).toEqual({
      text:
        "(`owner` IS NOT NULL AND CHARSET(`owner`) <> 'binary' AND `owner` IN (?, ?) AND CAST(CONVERT(`owner` USING utf8mb4) AS BINARY)" +
        " IN (CAST(CONVERT(? USING utf8mb4) AS BINARY), CAST(CONVERT(? USING utf8mb4) AS BINARY)))",
      values: ["a", "b", "a", "b"],
    });
  });

  it("numbers on from the parameters of the query around it", () => {
    const { text, values } = toSql(
      { kind: "or", any: [owner, groups] },
      { dialect: "postgresql", startAt: 3 },
    );
    expect(text).toMatch(/^\(\("owner".*\$3.*\$3.* OR \("groups".*\$4.*\$4.*\)\)$/);
    expect(values).toEqual([["a", "b"], ["a"]]);
  });

  it("keeps AND and OR apart with parentheses", () => {
    const condition: Condition = {
      kind: "or",
      any: [groups, { kind: "and", all: [owner, { ...groups, field: "x" }] }],
    };
    for (const dialect of dialects) {
      const { text } = toSql(condition, { dialect });
      expect(text).toMatch(/^\(.* OR \(.* AND .*\)\)$/);
    }
  });

  it.each([
    ["postgresql", `"o""; --"."owner""'\`"`],
    ["sqlite", '`o"; --`.`owner"\'```'],
    ["mysql", '`o"; --`.`owner"\'```'],
  ] as const)("quotes names for %s", (dialect, quoted) => {
    const { text } = toSql(owner, { dialect, table: 'o"; --', column: (field) => `${field}"'\`` });
    expect(text).toContain(quoted);
    expect(text.replaceAll(quoted, "")).not.toContain("--");
  });

  it.each(dialects)("never writes a value into the text of %s", (dialect) => {
    const marked = {
      kind: "or",
      any: [owner, groups].map((part) => ({ ...part, anyOf: ["marked'"] })),
    } as const;
    const { text, values } = toSql(marked, { dialect });
    expect(text).not.toContain("marked");
    expect(JSON.stringify(values)).toContain("marked");
  });

  it("compares with no text that PostgreSQL cannot hold, since it would reject the query", () => {
    expect(toSql({ ...owner, anyOf: ["a\0", "b"] }, { dialect: "postgresql" }).values).toEqual([["b"]]);
    expect(toSql({ ...owner, anyOf: ["a\0"] }, { dialect: "postgresql" }).text).toBe("FALSE");
    expect(toSql({ ...owner, anyOf: ["a\0"] }, { dialect: "sqlite" }).values).toEqual(['["a\\u0000"]']);
  });

  it.each(dialects)("asks %s for no half of a surrogate pair, for it would become U+FFFD", (dialect) => {
    expect(toSql({ ...owner, anyOf: ["\ud83d", "x\udc00"] }, { dialect }).text).toBe("FALSE");
    expect(toSql({ ...owner, anyOf: ["😀"] }, { dialect }).text).not.toBe("FALSE");
  });

  it.each<[string, Partial<SqlOptions>, string]>([
    [
      "a dialect that it does not know",
      { dialect: "mssql" as SqlDialect },
      "dialect is 'postgresql', 'sqlite' or 'mysql'",
    ],
    [
      "a way to store lists that it does not know",
      { lists: "jsonb" as "json" },
      "lists is 'array' or 'json'",
    ],
    ["arrays in SQLite", { dialect: "sqlite", lists: "array" }, "sqlite has no arrays. Store lists as JSON"],
    ["arrays in MySQL", { dialect: "mysql", lists: "array" }, "mysql has no arrays. Store lists as JSON"],
    ["a first number below 1", { startAt: 0 }, "startAt is the number"],
    ["a first number that is no integer", { startAt: 1.5 }, "startAt is the number"],
    ["a first number where there are none", { dialect: "mysql", startAt: 2 }, "startAt is the number"],
    ["a column without a name", { column: () => "" }, "cannot be the name of a table or column"],
    ["a name that would end early", { column: () => "owner\0" }, "cannot be the name of a table or column"],
  ])("rejects %s", (_, options, message) => {
    expect(() => toSql(owner, { dialect: "postgresql", ...options })).toThrow(message);
  });

  it.each([
    ["a kind that it does not know", { kind: "not", field: "owner", anyOf: ["a"] }],
    ["values that are not text", { kind: "equals", field: "owner", anyOf: [{ $ne: null }] }],
    ["a value instead of values", { kind: "equals", field: "owner", anyOf: "a" }],
    ["no values", { kind: "contains", field: "owner" }],
    ["no field", { kind: "equals", anyOf: ["a"] }],
    ["an empty field", { kind: "equals", field: "", anyOf: ["a"] }],
    ["something wrong further down", { kind: "and", all: [{ kind: "or", any: [{ kind: "" }] }] }],
  ])("rejects %s", (_, condition) => {
    expect(() => toSql(condition as unknown as Condition, { dialect: "sqlite" })).toThrow(TypeError);
  });
});
