import type { Identity } from "@authmodes/core";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { matches } from "../compile/condition.ts";
import { AccessDenied } from "../check/errors.ts";
import { createPolicy, type Policy } from "../policy.ts";
import { rolesOf } from "../compile/roles.ts";
import { guest, identityPool, key, oidcUser, signedIn, user } from "../test/identities.ts";
import type { AuthRule, FieldDefinition, Operation, RuleSchema, Values } from "../types.ts";

// On random rules, records and callers.

const fields: Readonly<Record<string, FieldDefinition>> = {
  id: { type: "ID!" },
  title: { type: "String" },
  secret: { type: "String" },
  owner: { type: "String" },
  editors: { type: "[String]" },
  team: { type: "String" },
  teams: { type: "[String]" },
};

const operations = ["create", "update", "delete", "get", "list", "search", "sync", "listen"] as const;
const fieldOperations = ["create", "read", "update", "delete"] as const;
const names = ["alice", "bob", "s1", "s2", "s1::alice", "s2::bob", "A", "B", ""];

const name = fc.constantFrom(...names);
const provider = fc.constantFrom("userPools", "oidc");
const identityClaim = fc.constantFrom("sub::username", "username", "sub", "email");
const groupClaim = fc.constantFrom("cognito:groups", "roles");

function withOperations<T extends object>(
  rule: fc.Arbitrary<T>,
  allowed: readonly (Operation | "read")[],
): fc.Arbitrary<AuthRule> {
  return fc
    .tuple(rule, fc.option(fc.uniqueArray(fc.constantFrom(...allowed), { maxLength: 5 }), { nil: undefined }))
    .map(
      ([part, chosen]) =>
        ({ ...part, ...(chosen !== undefined && { operations: chosen }) }) as unknown as AuthRule,
    );
}

const owner = fc.record({
  allow: fc.constant("owner" as const),
  provider,
  ownerField: fc.constantFrom("owner", "editors", "hidden"),
  identityClaim,
});
const staticGroups = fc.record({
  allow: fc.constant("groups" as const),
  provider,
  groups: fc.uniqueArray(fc.constantFrom("A", "B"), { minLength: 1 }),
  groupClaim,
});
const dynamicGroups = fc.record({
  allow: fc.constant("groups" as const),
  provider,
  groupsField: fc.constantFrom("team", "teams"),
  groupClaim,
});
const open = fc.constantFrom(
  { allow: "private" as const },
  { allow: "private" as const, provider: "identityPool" as const },
  { allow: "public" as const },
  { allow: "public" as const, provider: "identityPool" as const, includeSignedIn: true },
);
const both = fc
  .tuple(owner, fc.oneof(staticGroups, dynamicGroups))
  .map(([base, { provider: _, ...condition }]) => ({
    ...base,
    allOf: [condition],
  }));

const anyRule = fc.oneof(owner, staticGroups, dynamicGroups, open, both);
const modelRule = withOperations(anyRule, operations);
const fieldRule = withOperations(anyRule, fieldOperations);

/** No role twice, as the validation wants it. */
function withoutTwins(rules: readonly AuthRule[]): readonly AuthRule[] {
  const seen = new Set<string>();
  return rules.filter((rule) => {
    const roles = rolesOf(rule, fields).map((role) => role.name);
    if (roles.some((role) => seen.has(role))) return false;
    for (const role of roles) seen.add(role);
    return true;
  });
}

const modelRules = fc.array(modelRule, { minLength: 1, maxLength: 5 }).map(withoutTwins);
const schema: fc.Arbitrary<RuleSchema> = fc
  .record({ rules: modelRules, secret: fc.option(fc.array(fieldRule, { minLength: 1, maxLength: 3 })) })
  .map(({ rules, secret }) => schemaWith(rules, secret ?? undefined));

function schemaWith(rules: readonly AuthRule[], secret?: readonly AuthRule[]): RuleSchema {
  const secretField = { type: "String", ...(secret !== undefined && { rules: secret }) };
  return { models: { Note: { rules, subscriptions: "off", fields: { ...fields, secret: secretField } } } };
}

const ownerValue = fc.oneof(
  name,
  fc.constant(null),
  fc.constant(undefined),
  fc.array(name, { maxLength: 3 }),
);
const record = fc.record(
  {
    id: fc.constant("1"),
    title: fc.constant("t"),
    secret: fc.constant("s"),
    owner: ownerValue,
    editors: ownerValue,
    hidden: ownerValue,
    team: ownerValue,
    teams: ownerValue,
  },
  { requiredKeys: [] },
) as fc.Arbitrary<Values>;

const claimValue = fc.oneof(
  name,
  fc.array(name, { maxLength: 3 }),
  fc.constantFrom(null, 0, true, '["A","B"]', "s1::alice"),
  fc.constant({ A: true }),
);
const claims = fc.dictionary(
  fc.constantFrom("sub", "username", "email", "cognito:groups", "roles"),
  claimValue,
);
const identity: fc.Arbitrary<Identity> = fc.oneof(
  claims.map((some) => user("x", { sub: "s1", username: "alice", ...some })),
  claims.map((some) => oidcUser("s1", { username: "alice", ...some })),
  fc.constantFrom<Identity>(key, guest, signedIn),
);

function build(rules: RuleSchema, partialClaimsRead = false): Policy {
  return createPolicy(rules, { identityPool, compat: { partialClaimsRead, filledOwnerAllows: true } });
}

/** What `filter` lists; empty if it throws. */
function listed(
  policy: Policy,
  caller: Identity,
  operation: "list" | "search" | "sync",
): (record: Values) => boolean {
  try {
    return matches(policy.filter(caller, { model: "Note", operation }));
  } catch (error) {
    if (error instanceof AccessDenied) return () => false;
    throw error;
  }
}

describe("lists", () => {
  it("hold exactly the records that are allowed one by one", () => {
    fc.assert(
      fc.property(schema, identity, fc.array(record), fc.boolean(), (rules, caller, records, partial) => {
        const policy = build(rules, partial);
        for (const operation of ["list", "search", "sync"] as const) {
          const isListed = listed(policy, caller, operation);
          for (const one of records) {
            const decision = policy.decide(caller, { model: "Note", operation, record: one });
            expect(decision.allowed).toBe(isListed(one));
          }
        }
      }),
      { numRuns: 200 },
    );
  });

  it("hold exactly the records that get allows, if rules grant read", () => {
    const readRules = fc
      .array(withOperations(anyRule, ["create", "read"]), { minLength: 1, maxLength: 4 })
      .map((rules) => schemaWith(withoutTwins(rules)));
    fc.assert(
      fc.property(readRules, identity, record, (rules, caller, one) => {
        const policy = build(rules);
        const decision = policy.decide(caller, { model: "Note", operation: "get", record: one });
        expect(decision.allowed).toBe(listed(policy, caller, "list")(one));
      }),
      { numRuns: 200 },
    );
  });
});

function allows(policy: Policy, caller: Identity, operation: Operation, one: Values): boolean {
  const { id: _, hidden: __, ...input } = one;
  return policy.decide(caller, { model: "Note", operation, record: one, input }).allowed;
}

/**
 * Each owner field fed in one way: a second provider or a joined claim narrows on purpose what a field's values are
 * compared with.
 */
function apart(rule: AuthRule): AuthRule {
  if (rule.allow !== "owner") return rule;
  return rule.provider === "oidc"
    ? { ...rule, ownerField: "editors", identityClaim: "email" }
    : { ...rule, ownerField: "owner", identityClaim: "sub::username" };
}

describe("rules", () => {
  it("never narrow by being added or by naming more operations", () => {
    fc.assert(
      fc.property(modelRules, modelRule, identity, record, (some, another, caller, one) => {
        const rules = withoutTwins(some.map(apart));
        const added = apart(another);
        const before = build(schemaWith(rules));
        const wider = build(schemaWith(withoutTwins([...rules, added])));
        const [first, ...others] = rules;
        const everything = first === undefined ? [] : [{ ...first, operations: [...operations] }, ...others];
        const all = build(schemaWith(everything));
        for (const operation of operations) {
          if (!allows(before, caller, operation, one)) continue;
          expect(allows(wider, caller, operation, one)).toBe(true);
          expect(allows(all, caller, operation, one)).toBe(true);
        }
      }),
      { numRuns: 200 },
    );
  });

  it("decide the same about a record with and without arguments, if none narrows", () => {
    const aboutRecords = operations.filter((operation) => operation !== "create" && operation !== "listen");
    fc.assert(
      fc.property(schema, identity, record, fc.boolean(), (rules, caller, one, hideAsMissing) => {
        const policy = createPolicy(rules, { identityPool, hideAsMissing });
        for (const operation of aboutRecords) {
          const question = { model: "Note", operation, record: one };
          const alone = JSON.stringify(policy.decide(caller, question));
          expect(alone).toBe(JSON.stringify(policy.decide(caller, { ...question, args: {} })));
        }
      }),
      { numRuns: 200 },
    );
  });

  it("allow no more with a condition in allOf than without", () => {
    fc.assert(
      fc.property(both, identity, record, ({ allOf, ...base }, caller, one) => {
        const without = build(schemaWith([base]));
        const with_ = build(schemaWith([{ ...base, allOf }]));
        for (const operation of operations) {
          if (allows(with_, caller, operation, one))
            expect(allows(without, caller, operation, one)).toBe(true);
        }
      }),
      { numRuns: 200 },
    );
  });
});

describe("claims", () => {
  it("never widen access by being absent", () => {
    const claimNames = ["sub", "username", "email", "cognito:groups", "roles"];
    fc.assert(
      fc.property(
        schema,
        claims,
        fc.constantFrom(...claimNames),
        record,
        fc.boolean(),
        (rules, some, absent, one, partial) => {
          const policy = build(rules, partial);
          const full = user("x", { sub: "s1", username: "alice", ...some });
          const { [absent]: _, ...rest } = full.claims;
          const less = Object.freeze({ ...full, claims: rest });
          for (const operation of operations) {
            if (allows(policy, less, operation, one)) expect(allows(policy, full, operation, one)).toBe(true);
          }
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe("masks", () => {
  it("show what may be read, and nothing of a record that may not", () => {
    fc.assert(
      fc.property(schema, identity, record, (rules, caller, one) => {
        const policy = build(rules);
        const decision = policy.decide(caller, { model: "Note", operation: "get", record: one });
        const shown = policy.mask(caller, "Note", one);
        const readable = policy.readableFields(caller, "Note", one);
        for (const [field, value] of Object.entries(one)) {
          if (Object.hasOwn(fields, field))
            expect(shown[field]).toEqual(readable.includes(field) ? value : null);
        }
        if (decision.allowed) {
          const hidden = Object.keys(fields).filter((field) => !readable.includes(field));
          expect(hidden.toSorted()).toEqual([...decision.nullFields].toSorted());
        }
      }),
      { numRuns: 200 },
    );
  });
});
