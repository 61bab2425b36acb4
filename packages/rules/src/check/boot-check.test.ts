import { describe, expect, it } from "vitest";
import { type BootQuestion, checkBoot } from "./boot-check.ts";
import type { PolicyOptions } from "../compile/options.ts";
import { createPolicy, type Policy } from "../policy.ts";
import { bookstore } from "../test/bookstore.ts";
import { identityPool, oidcIssuer } from "../test/identities.ts";
import type { AuthRule, RuleSchema } from "../types.ts";

const fields = { id: { type: "ID!" }, title: { type: "String" }, owner: { type: "String" } };

function build(
  rules: readonly AuthRule[] | undefined,
  options: PolicyOptions = {},
  more: Partial<RuleSchema> = {},
): Policy {
  return createPolicy(
    { models: { Post: { ...(rules !== undefined && { rules }), fields } }, ...more },
    options,
  );
}

function codes(question: BootQuestion): readonly string[] {
  return checkBoot(question).map(({ code }) => code);
}

const owner: readonly AuthRule[] = [{ allow: "owner" }];

describe("checkBoot", () => {
  it("warns if group rules read another claim than the mode takes groups from", () => {
    const rule = { allow: "groups", groups: ["Staff"], provider: "oidc" } as const;
    const found = (groupClaim?: string) =>
      checkBoot({
        policy: build([{ ...rule, ...(groupClaim !== undefined && { groupClaim }) }]),
        modes: [{ name: "oidc", groupsClaim: "roles" }],
        routes: [],
      }).filter(({ code }) => code === "group-claim-differs");
    expect(found("roles")).toEqual([]);
    expect(found()).toMatchObject([{ level: "warning", mend: 'write groupClaim: "roles" in the rules' }]);
    const both: AuthRule = {
      allow: "owner",
      provider: "oidc",
      allOf: [{ allow: "groups", groups: ["Staff"] }],
    };
    const modes = [{ name: "oidc", groupsClaim: "roles" }] as const;
    const further = checkBoot({ policy: build([both]), modes, routes: [] });
    expect(further.map(({ code }) => code)).toContain("group-claim-differs");
  });

  it("finds nothing in the bookstore", () => {
    const modes = ["apiKey", "iam", "userPool", "oidc", "lambda"];
    const routes = [{ method: "GET", path: "/books", decision: "list Book" }];
    expect(checkBoot({ policy: bookstore(), modes, routes, production: true })).toEqual([]);
  });

  it("finds routes without a decision, and says what to write", () => {
    const routes = [
      { method: "GET", path: "/posts", decision: "list Post" },
      { method: "DELETE", path: "/posts/:id" },
    ];
    const [finding, ...others] = checkBoot({ policy: build(owner), modes: ["userPool"], routes });
    expect(finding).toMatchObject({
      code: "route-without-decision",
      level: "error",
      message: "DELETE /posts/:id: nothing decides who may use it",
    });
    expect(finding?.mend).toContain("allow()");
    expect(others).toEqual([]);
  });

  it("finds none and sandbox only in production", () => {
    const policy = build(undefined, {}, { sandbox: true });
    const modes = ["apiKey", "none"];
    expect(codes({ policy, modes, production: true })).toEqual([
      "none-in-production",
      "sandbox-in-production",
      "model-without-rules",
    ]);
    expect(codes({ policy, modes })).toEqual(["model-without-rules"]);
    expect(codes({ modes, production: true })).toEqual(["none-in-production"]);
    expect(codes({ modes })).toEqual([]);
  });

  it("finds models without rules", () => {
    const schema = { models: { Post: { rules: owner, fields }, Draft: { fields } } };
    expect(checkBoot({ policy: createPolicy(schema), modes: ["userPool"] })).toMatchObject([
      { code: "model-without-rules", model: "Draft" },
    ]);
  });

  it("finds rules whose mode is not served, and modes that no rule is about", () => {
    expect(codes({ policy: build(owner), modes: ["apiKey"] })).toEqual([
      "provider-not-served",
      "mode-without-rule",
    ]);
    expect(
      codes({ policy: build(owner, { adminRoles: ["Ops"] }), modes: ["userPool", "iam", "none"] }),
    ).toEqual([]);
    expect(codes({ policy: build(owner), modes: ["userPool", "iam"] })).toEqual(["mode-without-rule"]);
  });

  it("finds issuers that share names without the option", () => {
    const modes = [{ name: "oidc", issuers: [oidcIssuer, "https://partner.example.com"] }];
    const rules: readonly AuthRule[] = [{ allow: "owner", provider: "oidc", identityClaim: "sub" }];
    expect(checkBoot({ policy: build(rules), modes })).toMatchObject([
      { code: "issuers-not-named", level: "error" },
    ]);
    expect(codes({ policy: build(rules, { issuers: { oidc: oidcIssuer } }), modes })).toEqual([]);
    expect(codes({ policy: build([{ allow: "private", provider: "oidc" }]), modes })).toEqual([]);
    expect(codes({ policy: build(rules), modes: [{ name: "oidc", issuers: [oidcIssuer] }] })).toEqual([]);
  });

  it("finds identity-pool rules that never apply", () => {
    const rules: readonly AuthRule[] = [{ allow: "private", provider: "identityPool" }];
    expect(codes({ policy: build(rules), modes: ["iam"] })).toEqual(["identity-pool-unknown"]);
    expect(codes({ policy: build(rules, { identityPool }), modes: ["iam"] })).toEqual([]);
  });

  it.each([
    ["private", false, "authRoleArn", "unauthRoleArn"],
    ["public", false, "unauthRoleArn", "authRoleArn"],
    ["public", true, "authRoleArn", undefined],
  ] as const)(
    "finds rules %s (includeSignedIn: %s) without the ARN of their role",
    (allow, includeSignedIn, own, other) => {
      const isFound = (...names: readonly string[]): boolean => {
        const arns = Object.fromEntries(names.map((name) => [name, "arn:aws:iam::123456789012:role/app"]));
        const rule: AuthRule = {
          allow,
          provider: "identityPool",
          ...(includeSignedIn && { includeSignedIn }),
        };
        const found = codes({ policy: build([rule], { identityPool: arns }), modes: ["iam"] });
        return found.includes("identity-pool-unknown");
      };
      expect([isFound(), isFound(own)]).toEqual([true, false]);
      if (other !== undefined) expect(isFound(other)).toBe(true);
    },
  );

  it("finds rules that grant nothing, and rules that grant what all signed-in users have", () => {
    const policy = (...rules: AuthRule[]): Policy => build(rules);
    const modes = ["userPool"];
    expect(
      checkBoot({
        policy: policy({ allow: "private" }, { allow: "groups", groups: ["A"], operations: [] }),
        modes,
      }),
    ).toMatchObject([{ code: "rule-without-effect", model: "Post" }]);
    expect(
      checkBoot({ policy: policy({ allow: "private" }, { allow: "groups", groups: ["A"] }), modes }),
    ).toMatchObject([
      {
        code: "rule-shadowed",
        model: "Post",
        message:
          "userPools:staticGroup:A:cognito:groups adds nothing: userPools:private may do all of it already",
      },
    ]);
    expect(
      codes({
        policy: policy({ allow: "private", operations: ["read"] }, { allow: "groups", groups: ["A"] }),
        modes,
      }),
    ).toEqual([]);
    expect(codes({ policy: policy({ allow: "private" }, { allow: "owner" }), modes })).toEqual([]);
    expect(
      codes({ policy: policy({ allow: "private" }, { allow: "owner", operations: ["read"] }), modes }),
    ).toEqual(["rule-shadowed"]);
  });

  it("puts errors first", () => {
    const levels = checkBoot({
      policy: build(owner),
      modes: ["apiKey"],
      routes: [{ method: "GET", path: "/" }],
    }).map(({ level }) => level);
    expect(levels).toEqual(["error", "warning", "warning"]);
  });
});
