import { describe, expect, it } from "vitest";
import { createPolicy } from "../policy.ts";
import type { AuthRule, FieldDefinition, Finding, ModelDefinition } from "../types.ts";

const text: FieldDefinition = { type: "String" };
const fields: ModelDefinition["fields"] = { id: { type: "ID!" }, owner: text };

function warningsOf(
  model: ModelDefinition,
  others: Readonly<Record<string, ModelDefinition>> = {},
): readonly Finding[] {
  return createPolicy({ models: { Post: model, ...others } }).warnings;
}

function codesOf(...rules: AuthRule[]): readonly string[] {
  return warningsOf({ rules, fields, indexes: [{ name: "byOwner", fields: ["owner"] }] }).map(
    ({ code }) => code,
  );
}

describe("warnings", () => {
  it("owners may reassign, with Amplify's message", () => {
    const [warning] = warningsOf({ rules: [{ allow: "owner" }], fields });
    expect(warning).toMatchObject({
      code: "owner-may-reassign",
      level: "warning",
      model: "Post",
      field: "owner",
    });
    expect(warning?.message).toContain(
      "WARNING: owners may reassign ownership for the following model(s) and role(s): Post: [owner].",
    );
  });

  it("owners may reassign a field that is not written down, if they may write everything", () => {
    const implicit = { id: { type: "ID!" } };
    const codes = (operations?: AuthRule["operations"]): readonly string[] =>
      warningsOf({
        rules: [{ allow: "owner", ...(operations !== undefined && { operations }) }],
        fields: implicit,
      }).map(({ code }) => code);
    expect(codes()).toContain("owner-may-reassign");
    expect(codes(["create", "read", "update"])).not.toContain("owner-may-reassign");
  });

  it("owners that cannot reassign cause no warning", () => {
    expect(codesOf({ allow: "owner", operations: ["create", "read", "delete"] })).toEqual([]);
  });

  it("an owner field in the primary key", () => {
    const rules: readonly AuthRule[] = [{ allow: "owner", operations: ["create", "read", "delete"] }];
    expect(warningsOf({ rules, fields, key: ["owner"] })).toMatchObject([
      { code: "owner-is-key", field: "owner" },
    ]);
  });

  it("an owner field without an index, if owners list", () => {
    const without = (operations: AuthRule["operations"]): readonly string[] =>
      warningsOf({
        rules: [{ allow: "owner", ...(operations !== undefined && { operations }) }],
        fields,
      }).map(({ code }) => code);
    expect(without(["create", "read", "delete"])).toEqual(["owner-without-index"]);
    expect(without(["create", "get", "delete"])).toEqual([]);
  });

  it("two rules of a field for the same callers, of which the last one counts", () => {
    const twice: readonly AuthRule[] = [
      { allow: "owner", operations: ["read"] },
      { allow: "owner", operations: ["update"] },
    ];
    const found = warningsOf({ fields: { ...fields, title: { ...text, rules: twice } } });
    expect(found.filter(({ code }) => code === "role-twice-on-field")).toMatchObject([
      {
        field: "title",
        message:
          "several rules of title are for userPools:owner:owner:sub::username: the last one counts, the others have no effect",
      },
    ]);
    const once = warningsOf({ fields: { ...fields, title: { ...text, rules: twice.slice(1) } } });
    expect(once.map(({ code }) => code)).not.toContain("role-twice-on-field");
  });

  it("a model without rules", () => {
    expect(warningsOf({ fields })).toMatchObject([
      { code: "model-without-rules", model: "Post", message: "it has no rules: every request is denied" },
    ]);
  });

  it("an owner field that differs from a field only in letter case", () => {
    const found = warningsOf({
      rules: [{ allow: "owner", operations: ["get"] }],
      fields: { id: { type: "ID!" }, Owner: text },
    });
    expect(found).toMatchObject([
      { code: "owner-field-case", field: "Owner", mend: "write ownerField: 'Owner'" },
    ]);
  });

  it("a groupsField that is no field, with the nearest that is", () => {
    const found = warningsOf({
      rules: [{ allow: "groups", groupsField: "memebrs" }],
      fields: { ...fields, members: { type: "[String]" } },
    });
    expect(found).toMatchObject([{ code: "unknown-groups-field", mend: "write groupsField: 'members'" }]);
  });

  it("records that can be created but not deleted", () => {
    expect(codesOf({ allow: "private", operations: ["create", "read"] })).toEqual(["undeletable"]);
    expect(codesOf({ allow: "private", operations: ["read"] })).toEqual([]);
    const split = warningsOf({
      rules: [{ allow: "private" }],
      fields: { ...fields, owner: { ...text, rules: [{ allow: "private", operations: ["read"] }] } },
    });
    expect(split).toMatchObject([{ code: "undeletable" }]);
  });

  it("a child that more people may read than its parent", () => {
    const parent: ModelDefinition = {
      rules: [{ allow: "groups", groups: ["A"] }],
      fields: { id: { type: "ID!" }, comments: { type: "[Comment]", relation: "hasMany" } },
    };
    const child = (...rules: AuthRule[]): readonly Finding[] =>
      warningsOf(parent, { Comment: { rules, fields } });
    expect(child({ allow: "private" })).toMatchObject([
      { code: "child-readable", model: "Post", field: "comments" },
    ]);
    expect(child({ allow: "groups", groups: ["A"] })).toEqual([]);
  });

  it("the deprecated provider iam, once", () => {
    const rules: readonly AuthRule[] = [
      { allow: "private", provider: "iam" },
      { allow: "public", provider: "iam", operations: ["read"] },
    ];
    expect(warningsOf({ rules, fields })).toMatchObject([
      {
        code: "deprecated-iam",
        message:
          "WARNING: Schema is using an @auth directive with deprecated provider 'iam'. Replace 'iam' provider with 'identityPool' provider.",
      },
    ]);
  });

  it("API keys for public clients, once for all models", () => {
    const model: ModelDefinition = { rules: [{ allow: "public" }], fields };
    const found = warningsOf(model, { Other: model });
    expect(found).toMatchObject([{ code: "public-api-key" }]);
    expect(found[0]?.message).toContain("Post, Other");
  });

  it("guests that may do what signed-in users may not", () => {
    expect(codesOf({ allow: "public", provider: "identityPool", operations: ["read"] })).toEqual([
      "guests-alone",
    ]);
    expect(
      codesOf(
        { allow: "public", provider: "identityPool", operations: ["read"] },
        { allow: "private", provider: "identityPool", operations: ["read"] },
      ),
    ).toEqual([]);
  });

  it("an oidc owner by a claim that OIDC tokens seldom have", () => {
    expect(codesOf({ allow: "owner", provider: "oidc", operations: ["get"] })).toEqual(["oidc-owner-claim"]);
    expect(codesOf({ allow: "owner", provider: "oidc", identityClaim: "sub", operations: ["get"] })).toEqual(
      [],
    );
  });
});
