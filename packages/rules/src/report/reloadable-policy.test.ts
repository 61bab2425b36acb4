import { describe, expect, it } from "vitest";
import { createPolicy, type Policy, reloadablePolicy } from "../index.ts";
import { compareDecisions } from "./compare-decisions.ts";
import type { AuthRule, FieldDefinition } from "../types.ts";
import { key } from "../test/identities.ts";

function policyOf(
  rules: readonly AuthRule[],
  fields: Readonly<Record<string, FieldDefinition>> = {},
): Policy {
  return createPolicy({ models: { Post: { fields: { id: { type: "ID!" }, ...fields }, rules } } });
}

const readers: readonly AuthRule[] = [{ allow: "public", operations: ["read"] }];
const nobody: readonly AuthRule[] = [{ allow: "owner" }];
const question = { model: "Post", operation: "list" } as const;

describe("reloadablePolicy", () => {
  it("decides by the newest rules, even if it was destructured or wrapped before", () => {
    const rules = reloadablePolicy(policyOf(nobody));
    const { decide } = rules.policy;
    const watched = compareDecisions(rules.policy, policyOf(nobody)).policy;
    expect(decide(key, question).allowed).toBe(false);
    rules.replace(policyOf(readers));
    expect(decide(key, question).allowed).toBe(true);
    expect(watched.decide(key, question).allowed).toBe(true);
    expect(watched.schema.models["Post"]?.rules).toEqual(readers);
    rules.replace(policyOf(nobody));
    expect(decide(key, question).allowed).toBe(false);
  });

  it("tells what changed", () => {
    const { widened, narrowed } = reloadablePolicy(policyOf(nobody)).replace(policyOf(readers));
    expect(new Set(widened.map(({ role }) => role))).toEqual(new Set(["apiKey:public"]));
    expect(new Set(narrowed.map(({ role }) => role))).toEqual(
      new Set(["userPools:owner:owner:sub::username"]),
    );
  });

  it.each([
    ["another field", policyOf(readers, { title: { type: "String" } })],
    [
      "another key",
      createPolicy({ models: { Post: { fields: { id: { type: "ID!" } }, rules: readers, key: ["id"] } } }),
    ],
    [
      "another model",
      createPolicy({ models: { Blog: { fields: { id: { type: "ID!" } }, rules: readers } } }),
    ],
    ["no model", createPolicy({ models: {} })],
  ])("rejects %s, and stays as it is", (_what, next) => {
    const rules = reloadablePolicy(policyOf(nobody));
    expect(() => rules.replace(next)).toThrow("restart the server");
    expect(rules.policy.decide(key, question).allowed).toBe(false);
  });
});
