import type { Identity } from "@authmodes/core";
import { describe, expect, it } from "vitest";
import { matches } from "../compile/condition.ts";
import { AccessDenied, PolicyError } from "../check/errors.ts";
import { createPolicy, type Policy } from "../policy.ts";
import {
  casesAreHere,
  type DecisionCase,
  identityOf,
  optionsOf,
  readCases,
  schemaOf,
} from "../test/amplify-cases.ts";
import type { PolicyOptions } from "../compile/options.ts";
import type { Condition, Decision, Operation } from "../types.ts";

// Amplify's behaviour, case for case.

const cases = readCases();

/** Cases that are answered otherwise on purpose: what is answered, and why. */
const deviations: Readonly<
  Record<string, { readonly expected: Partial<DecisionCase["expected"]>; readonly why: string }>
> = {
  "admin role: match is a SUBSTRING of the caller arn": {
    expected: { allowed: false, reason: "no-role-for-operation" },
    why: "admin roles are exact names or ARNs: a short name must not match foreign roles",
  },
  "nested non-model field rule does NOT protect writes": {
    expected: { allowed: false, reason: "field-denied", deniedFields: ["note.adminContent"], nullFields: [] },
    why: "a rule on a field of a nested type guards writing it too",
  },
};

/** Cases whose schema stands only with Amplify's way of dropping rules in silence. */
const compatBySchema: Readonly<Record<string, PolicyOptions["compat"]>> = {
  rootFields: { dropDynamicFieldRules: true },
};

function policyOf(name: string): Policy {
  const schema = cases.schemas[name];
  if (schema === undefined) throw new Error(`no schema ${name}`);
  const compat = compatBySchema[name];
  return createPolicy(schemaOf(schema), {
    ...optionsOf(schema, cases.format.constants),
    ...(compat !== undefined && { compat }),
  });
}

function expectedOf({ name, expected }: DecisionCase): DecisionCase["expected"] {
  return { ...expected, ...deviations[name]?.expected };
}

/** An operation that stands above the rules says so in `rule`, the cases in `reason`. */
function checkDecision(decision: Decision, expected: DecisionCase["expected"]): void {
  expect(decision.allowed, decision.explanation).toBe(expected.allowed);
  if (decision.allowed) {
    expect(decision.writes).toEqual(expected.writes ?? {});
    if (expected.reason !== undefined) expect(decision.rule).toBe(expected.reason);
    return;
  }
  expect(decision.reason).toBe(expected.reason);
  expect([...decision.deniedFields].toSorted()).toEqual([...(expected.deniedFields ?? [])].toSorted());
}

/** A condition as AppSync's runtime filters say it; owners as displayed, which is the last of the values. */
function runtimeFilter(condition: Condition, owners: readonly string[]): unknown {
  const parts = condition.kind === "or" ? condition.any : [condition];
  return {
    or: parts.map((part) => {
      if (part.kind !== "equals" && part.kind !== "contains") throw new Error(`unexpected ${part.kind}`);
      const isOwner = owners.includes(part.field);
      if (part.kind === "equals")
        return { [part.field]: isOwner ? { eq: part.anyOf.at(-1) } : { in: part.anyOf } };
      return { [part.field]: isOwner ? { contains: part.anyOf.at(-1) } : { containsAny: part.anyOf } };
    }),
  };
}

function check(testCase: DecisionCase): void {
  const policy = policyOf(testCase.schema);
  const identity = identityOf(testCase.identity);
  const expected = expectedOf(testCase);
  const { model, record, input, args, fields } = testCase;
  if (testCase.operation.startsWith("field:")) {
    checkDecision(policy.decideField(identity, model, testCase.operation.slice("field:".length)), expected);
    return;
  }
  const operation = testCase.operation as Operation;
  if (operation === "list" || operation === "search" || operation === "sync") {
    checkList(policy, testCase, operation);
    return;
  }
  const decision = policy.decide(identity, {
    model,
    operation,
    ...(record !== undefined && { record }),
    ...(input !== undefined && { input }),
    ...(args !== undefined && { args }),
    ...(fields !== undefined && { fields }),
  });
  checkDecision(decision, expected);
  if (decision.allowed && expected.runtimeFilter !== undefined) {
    const owners = (policy.schema.models[model]?.rules ?? []).map((rule) => rule.ownerField ?? "owner");
    expect(runtimeFilter(decision.filter, owners)).toEqual(expected.runtimeFilter);
  }
  if (decision.allowed && operation === "get") {
    expect([...decision.nullFields].toSorted()).toEqual([...(expected.nullFields ?? [])].toSorted());
  }
}

/** What the answer shows: of a write with the record after it, of a read with related records in it. */
function checkAnswer(testCase: DecisionCase): void {
  const policy = policyOf(testCase.schema);
  const identity = identityOf(testCase.identity);
  const { model, operation, record, input, related } = testCase;
  const expected = expectedOf(testCase);
  if (["create", "update", "delete"].includes(operation)) {
    const after = { ...record, ...input };
    expect(policy.nullFieldsAfterWrite(identity, model, after, true)).toEqual(expected.nullFields ?? []);
  }
  if (related === undefined) return;
  const shown = policy.mask(identity, model, { ...record, ...related });
  for (const [field, records] of Object.entries(related)) {
    const returns = expected.relatedReturns?.[field]?.map((index) => records[index]);
    if (returns === undefined) expect(shown[field]).toBeNull();
    else expect(shown[field]).toEqual(returns);
  }
}

function checkList(policy: Policy, testCase: DecisionCase, operation: "list" | "search" | "sync"): void {
  const identity = identityOf(testCase.identity);
  const expected = expectedOf(testCase);
  const { model, args, records = [] } = testCase;
  const question = { model, operation, ...(args !== undefined && { args }) };
  if (!expected.allowed) {
    const refusal = thrownAs(AccessDenied, () => policy.filter(identity, question));
    expect(refusal.decision.reason).toBe(expected.reason);
    return;
  }
  const isListed = matches(policy.filter(identity, question));
  const returned = records.flatMap((record, index) => (isListed(record) ? [index] : []));
  expect(returned).toEqual(expected.returns ?? records.map((_, index) => index));
  for (const [index, record] of records.entries()) {
    expect(policy.decide(identity, { ...question, record }).allowed).toBe(returned.includes(index));
  }
}

function thrownAs<E>(kind: new (...args: never[]) => E, act: () => unknown): E {
  try {
    act();
  } catch (error) {
    if (error instanceof kind) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

describe.skipIf(!casesAreHere)("decisions of Amplify", () => {
  for (const testCase of cases.decisionCases) {
    const deviation = deviations[testCase.name];
    it(deviation === undefined ? testCase.name : `${testCase.name} (otherwise: ${deviation.why})`, () =>
      check(testCase),
    );
  }

  it("deviates on purpose only if there is a case for it", () => {
    const names = [...cases.decisionCases, ...cases.manualCases].map((testCase) => testCase.name);
    expect(names).toEqual(expect.arrayContaining(Object.keys(deviations)));
  });
});

describe.skipIf(!casesAreHere)(
  "decisions of Amplify on keys, relations, nested types and root fields",
  () => {
    for (const testCase of cases.manualCases) {
      const deviation = deviations[testCase.name];
      it(deviation === undefined ? testCase.name : `${testCase.name} (otherwise: ${deviation.why})`, () => {
        check(testCase);
        if (expectedOf(testCase).allowed) checkAnswer(testCase);
      });
    }
  },
);

describe.skipIf(!casesAreHere)("matrices of Amplify", () => {
  for (const { name, modes, schema, expected } of cases.acmCases) {
    it(name, () => {
      const policy = createPolicy(schemaOf(schema), optionsOf({ ...schema, modes }, cases.format.constants));
      const rows = policy.matrix();
      expect(new Set(rows.map((row) => `${row.model}:${row.role}`))).toEqual(
        new Set(expected.acm.map((role) => role.roleName)),
      );
      for (const { model, roleName, allowed } of expected.acm) {
        const granted = Object.keys(allowed).map((operation) => [
          operation,
          rows
            .filter((row) => `${row.model}:${row.role}` === roleName && row.model === model)
            .filter((row) => row.operations.some((granted) => granted === operation))
            .map((row) => row.field),
        ]);
        expect(Object.fromEntries(granted)).toEqual(allowed);
      }
    });
  }
});

describe.skipIf(!casesAreHere)("validations of Amplify", () => {
  for (const { name, schema, expected } of cases.validationCases) {
    it(name, () => {
      const build = (): Policy => createPolicy(schemaOf(schema), optionsOf(schema, cases.format.constants));
      if (!expected.valid) {
        const error = thrownAs(PolicyError, build);
        expect(error.errors.map((finding) => finding.message).join("\n")).toContain(expected.errorContains);
        expect(error.errors.every((finding) => finding.mend !== "")).toBe(true);
        return;
      }
      const policy = build();
      const roles = policy.matrix().map((row) => `${row.model}:${row.role}`);
      if (expected.roleName !== undefined) expect(roles).toContain(expected.roleName);
      for (const group of expected.normalizedGroups ?? []) {
        expect(roles.some((role) => role.includes(`:staticGroup:${group}:`))).toBe(true);
      }
      if (expected.warning !== undefined) {
        expect(policy.warnings.map((finding) => finding.message)).toContain(expected.warning);
      }
    });
  }
});

describe.skipIf(!casesAreHere)("requests that the rules decide", () => {
  it("valid credential, field not open to that mode", () => {
    const request = cases.requestCases.find(
      ({ name }) => name === "valid credential, field not open to that mode",
    );
    expect(request?.expected["errorType"]).toBe("Unauthorized");
    const user = identityOf({
      mode: "AMAZON_COGNITO_USER_POOLS",
      claims: { sub: "sub-1", username: "user1" },
    });
    const question = { model: "PostPublic", operation: "get", record: { id: "1" } } as const;
    expect(policyOf("publicKey").decide(user, question)).toMatchObject({ reason: "no-role-for-operation" });
  });

  it("Lambda denies a mutation field by arn", () => {
    const request = cases.requestCases.find(({ name }) => name === "Lambda denies a mutation field by arn");
    expect(request?.request.field).toBe("Mutation.createEvent");
    const policy = createPolicy({
      models: { Event: { rules: [{ allow: "custom" }], fields: { id: { type: "ID!" } } } },
      types: { Mutation: { fields: { createEvent: { type: "Event" } } } },
    });
    const identity = {
      ...identityOf({ mode: "AWS_LAMBDA" }),
      deniedFields: ["Mutation.createEvent"],
    } as Identity;
    expect(policy.decide(identity, { model: "Event", operation: "create", input: {} })).toMatchObject({
      reason: "field-denied",
      deniedFields: ["Mutation.createEvent"],
    });
    expect(policy.decideField(identity, "Mutation", "createEvent").allowed).toBe(false);
  });
});
