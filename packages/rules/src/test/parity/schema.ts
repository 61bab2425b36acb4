import * as fc from "fast-check";
import type { PolicyOptions } from "../../compile/options.ts";
import { rolesOf } from "../../compile/roles.ts";
import { listFields, textFields } from "../../targets/test/parity.ts";
import type { AuthRule, FieldDefinition, RuleCondition, RuleSchema } from "../../types.ts";
import { identityPool, oidcIssuer, poolIssuer } from "../identities.ts";

// Random valid models, with every strategy, provider and argument that affects who reads which record.

export const model = "Note";
export const groupNames = ["A", "B", "a", "A ", "team::red", "Zoë & co"] as const;
export const identityClaims = [
  ["sub", "username"],
  ["username"],
  ["sub"],
  ["email"],
  ["tenant", "sub"],
  ["sub", "username", "email"],
  ["__proto__"],
  ["constructor"],
] as const;
/** A second issuer, for some policies. */
export const partnerIssuer = "https://partner.example.com";

/** fast-check's `option` leaves out one in six only. */
export function seldom<Value>(value: fc.Arbitrary<Value>): fc.Arbitrary<Value | undefined> {
  return fc.oneof({ weight: 4, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: value });
}

const tokenProvider = fc.constantFrom("userPools" as const, "oidc" as const);
const groupClaim = fc.oneof(
  { weight: 3, arbitrary: fc.constant("cognito:groups") },
  { weight: 1, arbitrary: fc.constantFrom("roles", "tenant", "__proto__") },
);
const identityClaim = fc.oneof(
  { weight: 2, arbitrary: fc.constant("sub::username") },
  { weight: 3, arbitrary: fc.constantFrom(...identityClaims).map((names) => names.join("::")) },
);

const owner = fc.record(
  {
    allow: fc.constant("owner" as const),
    ownerField: fc.constantFrom(...textFields, ...listFields),
    identityClaim,
  },
  { requiredKeys: ["allow"] },
);
const staticGroups = fc.record(
  {
    allow: fc.constant("groups" as const),
    groups: fc.oneof(fc.constantFrom(...groupNames), fc.subarray([...groupNames], { minLength: 1 })),
    groupClaim,
  },
  { requiredKeys: ["allow", "groups"] },
);
const recordGroups = fc.record(
  {
    allow: fc.constant("groups" as const),
    groupsField: fc.constantFrom(...textFields, ...listFields),
    groupClaim,
  },
  { requiredKeys: ["allow", "groupsField"] },
);
const condition: fc.Arbitrary<RuleCondition> = fc.oneof(owner, staticGroups, recordGroups);

const allOf = seldom(fc.array(condition, { minLength: 1, maxLength: 2 }));
const byRecord = fc.tuple(condition, fc.option(tokenProvider, { freq: 3 }), allOf).map(ruleOf);
const bySignIn = fc.tuple(fc.constant({ allow: "private" } as const), tokenProvider, allOf).map(ruleOf);
const byMode = fc.constantFrom<AuthRule>(
  { allow: "public" },
  { allow: "custom" },
  { allow: "private", provider: "identityPool" },
  { allow: "private", provider: "iam" },
  { allow: "public", provider: "identityPool" },
  { allow: "public", provider: "iam", includeSignedIn: true },
);
const rule = fc.oneof(
  { weight: 16, arbitrary: byRecord },
  { weight: 1, arbitrary: bySignIn },
  { weight: 2, arbitrary: byMode },
);

function ruleOf([rule, provider, allOf]: readonly [
  RuleCondition,
  "userPools" | "oidc" | null,
  readonly RuleCondition[] | undefined,
]): AuthRule {
  return { ...rule, ...(provider !== null && { provider }), ...(allOf !== undefined && { allOf }) };
}

const writing = ["create", "update", "delete"] as const;
type Operations = fc.Arbitrary<AuthRule["operations"]>;
const modelOperations: Operations = fc.oneof(
  { weight: 4, arbitrary: fc.constant(undefined) },
  { weight: 3, arbitrary: fc.subarray([...writing]).map((some) => [...some, "read" as const]) },
  { weight: 2, arbitrary: fc.subarray([...writing, "get", "list", "search", "sync", "listen"] as const) },
);
const fieldOperations: Operations = fc.oneof(
  fc.constant(undefined),
  fc.subarray([...writing, "read"] as const),
);

function rules(operations: Operations, maxLength: number): fc.Arbitrary<readonly AuthRule[]> {
  const written = fc
    .tuple(rule, operations)
    .map(([one, granted]): AuthRule => (granted === undefined ? one : { ...one, operations: granted }));
  return fc.array(written, { minLength: 2, maxLength });
}

/** Keeps the first rule of a role, since repeated ones are invalid. */
function withoutTwins(
  all: readonly AuthRule[],
  fields: Readonly<Record<string, FieldDefinition>>,
): readonly AuthRule[] {
  const seen = new Set<string>();
  return all.filter((one) => {
    const names = rolesOf(one, fields).map(({ name }) => name);
    const isNew = names.every((name) => !seen.has(name));
    for (const name of names) seen.add(name);
    return isNew;
  });
}

export const schema: fc.Arbitrary<RuleSchema> = fc
  .record({
    rules: fc.oneof({ weight: 12, arbitrary: rules(modelOperations, 8) }, fc.constant(undefined)),
    secret: seldom(rules(fieldOperations, 3)),
    // Owner and group fields need not be in the schema.
    written: fc.subarray([...textFields]),
    isKey: fc.boolean(),
    sandbox: fc.boolean(),
  })
  .map((parts) => ({ models: { [model]: modelOf(parts) }, sandbox: parts.sandbox }));

function modelOf(parts: {
  readonly rules: readonly AuthRule[] | undefined;
  readonly secret: readonly AuthRule[] | undefined;
  readonly written: readonly string[];
  readonly isKey: boolean;
}): RuleSchema["models"][string] {
  const { written, isKey, secret } = parts;
  const fields: Record<string, FieldDefinition> = {
    id: { type: "ID!" },
    secret: { type: "String", ...(secret !== undefined && { rules: secret }) },
    ...Object.fromEntries(written.map((field) => [field, { type: "String" }])),
    ...Object.fromEntries(listFields.map((field) => [field, { type: "[String]" }])),
  };
  const [first, second = first] = written;
  return {
    ...(parts.rules !== undefined && { rules: withoutTwins(parts.rules, fields) }),
    fields,
    subscriptions: "off",
    ...(first !== undefined && isKey && { key: [first] }),
    ...(second !== undefined && { indexes: [{ name: "bySecond", fields: [second] }] }),
  };
}

export const options: fc.Arbitrary<PolicyOptions> = fc.record(
  {
    providers: fc.constant(["userPools", "apiKey", "iam", "oidc", "function"] as const),
    issuers: fc.constantFrom(
      { userPools: poolIssuer, oidc: oidcIssuer },
      { userPools: [poolIssuer, partnerIssuer] },
      { oidc: [oidcIssuer, partnerIssuer] },
    ),
    sharedNamespace: fc.constant(true),
    identityPool: fc.constantFrom(
      identityPool,
      { id: "us-east-1:11111111-0000-4000-8000-000000000001" },
      { authRoleArn: "arn:aws:iam::123456789012:role/auth-role" },
    ),
    adminRoles: fc.constantFrom(["machine"], ["auth-role"]),
    iamAccess: fc.boolean(),
    hideAsMissing: fc.boolean(),
    matchOwnerParts: fc.boolean(),
    compat: fc.record({ partialClaimsRead: fc.boolean() }),
  },
  { requiredKeys: ["sharedNamespace"] },
);
