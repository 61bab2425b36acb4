import { describe, expect, it } from "vitest";
import { diffMatrix } from "./matrix-diff.ts";
import { createPolicy } from "../policy.ts";
import { renderMatrix } from "./render-matrix.ts";
import type { AuthRule, FieldDefinition, MatrixRow } from "../types.ts";

const text: FieldDefinition = { type: "String" };

function rowsOf(
  rules: readonly AuthRule[],
  model = "Blog",
  content: FieldDefinition = text,
): readonly MatrixRow[] {
  return createPolicy({
    models: { [model]: { rules, subscriptions: "off", fields: { title: text, content } } },
  }).matrix();
}

const blog: readonly AuthRule[] = [
  { allow: "public", operations: ["read"], provider: "iam" },
  { allow: "owner" },
];

describe("renderMatrix", () => {
  it("prints the table that Amplify's CLI prints", () => {
    expect(renderMatrix(rowsOf(blog), "table")).toBe(
      [
        "iam:public",
        "  ┌─────────┬────────┬──────┬────────┬────────┐",
        "  │ (index) │ create │ read │ update │ delete │",
        "  ├─────────┼────────┼──────┼────────┼────────┤",
        "  │  title  │ false  │ true │ false  │ false  │",
        "  │ content │ false  │ true │ false  │ false  │",
        "  └─────────┴────────┴──────┴────────┴────────┘",
        "userPools:owner:owner",
        "  ┌─────────┬────────┬──────┬────────┬────────┐",
        "  │ (index) │ create │ read │ update │ delete │",
        "  ├─────────┼────────┼──────┼────────┼────────┤",
        "  │  title  │  true  │ true │  true  │  true  │",
        "  │ content │  true  │ true │  true  │  true  │",
        "  └─────────┴────────┴──────┴────────┴────────┘",
      ].join("\n"),
    );
  });

  it("names the kinds of reading if not all are granted, and claims that are not the default", () => {
    const table = renderMatrix(
      rowsOf([{ allow: "groups", groups: ["A"], groupClaim: "roles", operations: ["get", "list"] }]),
      "table",
    );
    expect(table).toContain("userPools:staticGroup:A:roles\n");
    expect(table).toContain("│  title  │ false  │ get,list │ false  │ false  │");
  });

  it("prints Markdown with a heading for each model", () => {
    const rows = [...rowsOf([{ allow: "private" }]), ...rowsOf([{ allow: "owner", operations: [] }], "Note")];
    expect(renderMatrix(rows, "markdown")).toBe(
      [
        "## Blog",
        "",
        "### userPools:private",
        "",
        "| field | create | read | update | delete |",
        "|---|---|---|---|---|",
        "| title | true | true | true | true |",
        "| content | true | true | true | true |",
        "",
        "## Note",
        "",
        "### userPools:owner:owner",
        "",
        "| field | create | read | update | delete |",
        "|---|---|---|---|---|",
        "| title | false | false | false | false |",
        "| content | false | false | false | false |",
      ].join("\n"),
    );
  });

  it("prints JSON that is the rows", () => {
    const rows = rowsOf(blog);
    expect(JSON.parse(renderMatrix(rows, "json"))).toEqual(rows);
  });
});

describe("diffMatrix", () => {
  it("tells what was widened and narrowed, right by right", () => {
    const before = rowsOf([{ allow: "private", operations: ["create", "get"] }, { allow: "owner" }]);
    const after = rowsOf([{ allow: "private", operations: ["get", "list"] }, { allow: "owner" }]);
    const right = { model: "Blog", role: "userPools:private" };
    expect(diffMatrix(before, after)).toEqual({
      widened: [
        { ...right, field: "title", operation: "list" },
        { ...right, field: "content", operation: "list" },
      ],
      narrowed: [
        { ...right, field: "title", operation: "create" },
        { ...right, field: "content", operation: "create" },
      ],
    });
    expect(diffMatrix(before, before)).toEqual({ widened: [], narrowed: [] });
  });

  it("sees a field rule that opens a field, and a condition that was removed", () => {
    const closed = rowsOf([{ allow: "owner" }], "Blog", {
      ...text,
      rules: [{ allow: "owner", operations: ["read"] }],
    });
    expect(
      diffMatrix(closed, rowsOf([{ allow: "owner" }])).widened.map(
        ({ field, operation }) => `${field} ${operation}`,
      ),
    ).toEqual(["content create", "content update", "content delete"]);
    const strict = rowsOf([{ allow: "owner", allOf: [{ allow: "groups", groups: ["A"] }] }]);
    expect(diffMatrix(strict, rowsOf([{ allow: "owner" }])).widened).not.toEqual([]);
  });
});
