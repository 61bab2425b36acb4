import { createPolicy, type Policy } from "../policy.ts";
import type { AuthRule, RuleSchema } from "../types.ts";
import { identityPool, oidcIssuer, poolIssuer } from "./identities.ts";

// The bookstore's rules as JSON.

const text = { type: "String" };

const everybodyReads: readonly AuthRule[] = [
  { allow: "public", operations: ["read"] },
  { allow: "public", provider: "identityPool", operations: ["read"] },
  { allow: "private", operations: ["read"] },
  { allow: "private", provider: "oidc", operations: ["read"] },
  { allow: "private", provider: "identityPool", operations: ["read"] },
];

const librarians: AuthRule = { allow: "groups", groups: ["Librarians"] };

function owners(rule: Partial<AuthRule> = {}): readonly AuthRule[] {
  return [
    { allow: "owner", ...rule },
    { allow: "owner", provider: "oidc", identityClaim: "sub", ...rule },
  ];
}

export const bookstoreSchema: RuleSchema = {
  models: {
    Book: {
      rules: [...everybodyReads, librarians],
      subscriptions: "off",
      fields: {
        id: { type: "ID!" },
        title: text,
        author: text,
        price: { type: "Float" },
        stock: { type: "Int" },
        costPrice: { type: "Float", rules: [librarians] },
      },
    },
    Order: {
      rules: [...owners(), { ...librarians, operations: ["read", "update"] }],
      subscriptions: "off",
      fields: {
        id: { type: "ID!" },
        bookId: { type: "ID" },
        quantity: { type: "Int" },
        note: text,
        status: text,
        owner: {
          ...text,
          rules: [...owners({ operations: ["read", "delete"] }), { ...librarians, operations: ["read"] }],
        },
      },
      indexes: [{ name: "byOwner", fields: ["owner"] }],
    },
    Review: {
      rules: [...owners({ ownerField: "author" }), ...everybodyReads],
      subscriptions: "off",
      fields: {
        id: { type: "ID!" },
        bookId: { type: "ID" },
        stars: { type: "Int" },
        text,
        author: {
          ...text,
          rules: [
            ...owners({ ownerField: "author", operations: ["create", "read", "delete"] }),
            ...everybodyReads,
          ],
        },
      },
      indexes: [{ name: "byAuthor", fields: ["author"] }],
    },
    Club: {
      rules: [{ allow: "groups", groupsField: "members", operations: ["read", "update"] }, librarians],
      subscriptions: "off",
      fields: { id: { type: "ID!" }, name: text, members: { type: "[String]" } },
    },
    Employee: {
      rules: [{ allow: "private", operations: ["read"] }, { allow: "owner" }],
      subscriptions: "off",
      fields: {
        id: { type: "ID!" },
        name: text,
        email: text,
        ssn: { ...text, rules: [{ allow: "owner" }] },
        owner: {
          ...text,
          rules: [
            { allow: "private", operations: ["read"] },
            { allow: "owner", operations: ["create", "read", "delete"] },
          ],
        },
      },
      indexes: [{ name: "byOwner", fields: ["owner"] }],
    },
    Report: {
      rules: [{ allow: "custom", operations: ["read"] }],
      subscriptions: "off",
      fields: { id: { type: "ID!" }, title: text, revenue: { type: "Float" }, profit: { type: "Float" } },
    },
  },
};

export function bookstore(): Policy {
  return createPolicy(bookstoreSchema, {
    identityPool,
    issuers: { userPools: poolIssuer, oidc: oidcIssuer },
    adminRoles: ["arn:aws:iam::123456789012:user/machine"],
  });
}
