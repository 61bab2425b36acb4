import type { Identity } from "@authmodes/core";
import * as fc from "fast-check";
import { AccessDenied } from "../../check/errors.ts";
import { createPolicy, type Policy } from "../../policy.ts";
import type { ParityOptions, Store } from "../../targets/test/parity.ts";
import type { Condition, ListQuestion, Operation, RuleSchema, Values } from "../../types.ts";
import { caller, namesOf } from "./caller.ts";
import { keyArguments, keyDraft, recordDraft, recordOf, type Subject } from "./record.ts";
import { model, options as policyOptions, schema } from "./schema.ts";

// For any rules, records and caller: a store queried with the caller's filter returns exactly the records that `decide`
// allows.

export interface RuleParityOptions extends Omit<ParityOptions, "mostValues"> {
  /** Whether the target may throw for a condition, and its message. */
  readonly refuses?: { readonly when: (condition: Condition) => boolean; readonly message: RegExp };
}

/** The number of compared lists, by result. */
export interface Outcomes {
  /** No rule covers the caller, so that there is no list. */
  none: number;
  empty: number;
  some: number;
  all: number;
  /** The target cannot express the condition. */
  refused: number;
}

/** Fixed, so that failures are reproducible. fast-check prints it with the smallest case. */
const seed = 20_260_101;
/** The time limit for finding the smallest case, in milliseconds. */
const longestSearch = 60_000;

/** @throws if the store returns other records than `decide` allows, with the smallest such case */
export async function checkRules(store: Store, options: RuleParityOptions = {}): Promise<Outcomes> {
  const { runs = 100 } = options;
  const outcomes: Outcomes = { none: 0, empty: 0, some: 0, all: 0, refused: 0 };
  const property = fc.asyncProperty(fc.noBias(situation(options)), async ({ callers, records, ...given }) => {
    const policy = createPolicy(given.schema, given.policyOptions);
    const find = findOnce(store, options);
    await store.fill(records);
    for (const operation of ["list", "search", "sync"] as const) {
      for (const one of callers) {
        const question = { model, operation, ...given.question };
        const condition = filterOf(policy, one, question);
        const found = condition === undefined ? [] : await find(condition);
        if (found !== undefined) {
          for (const single of [operation, ...getIfAlike(operation, given.schema, one)]) {
            expectSame(
              idsAllowed(policy, one, { ...question, operation: single }, records),
              found,
              condition,
            );
          }
        }
        outcomes[outcomeOf(condition, found, records)]++;
      }
    }
  });
  await fc.assert(property, { numRuns: runs, seed, interruptAfterTimeLimit: longestSearch });
  return outcomes;
}

/** A policy, callers, records about some of them, and the requested key, if any. */
interface Situation {
  readonly schema: RuleSchema;
  readonly policyOptions: Parameters<typeof createPolicy>[1];
  readonly callers: readonly Identity[];
  readonly records: readonly Values[];
  readonly question: { readonly args?: Values };
}

function situation(options: RuleParityOptions): fc.Arbitrary<Situation> {
  const { oddTexts = [], oddLists = [], cannotHold = () => false } = options;
  return fc
    .record({
      schema,
      policyOptions,
      callers: fc.array(caller, { minLength: 1, maxLength: 4 }),
      drafts: fc.array(recordDraft({ texts: oddTexts, lists: oddLists }), { minLength: 4, maxLength: 12 }),
      key: keyDraft,
    })
    .map(({ drafts, key, ...rest }) => {
      const policy = createPolicy(rest.schema, rest.policyOptions);
      const subjects = rest.callers.map((one) => subjectOf(policy, one));
      const records = drafts.map((draft, id): Values => {
        const subject = subjects[id % subjects.length] ?? { names: [], compared: new Map() };
        return { id, ...recordOf(draft, subject, cannotHold) };
      });
      const names = subjects.flatMap((subject) => subject.names);
      return { ...rest, records, question: key === undefined ? {} : { args: keyArguments(key, names) } };
    });
}

/** Includes the fields of rules, since random names would seldom match them. */
function subjectOf(policy: Policy, one: Identity): Subject {
  const compared = new Map<string, readonly string[]>();
  const collect = (condition: Condition): void => {
    if (condition.kind === "and") condition.all.forEach(collect);
    if (condition.kind === "or") condition.any.forEach(collect);
    if ("anyOf" in condition) compared.set(condition.field, condition.anyOf);
  };
  collect(filterOf(policy, one, { model }) ?? { kind: "never" });
  return { names: namesOf(one), compared };
}

/** undefined if no rule covers the caller. */
function filterOf(policy: Policy, one: Identity, question: ListQuestion): Condition | undefined {
  try {
    return policy.filter(one, question);
  } catch (error) {
    if (error instanceof AccessDenied) return undefined;
    throw error;
  }
}

function idsAllowed(
  policy: Policy,
  one: Identity,
  question: { readonly model: string; readonly operation: Operation; readonly args?: Values },
  records: readonly Values[],
): readonly unknown[] {
  return records.filter((record) => policy.decide(one, { ...question, record }).allowed).map(({ id }) => id);
}

/** The ids that the store finds, sorted; each condition is queried once. undefined if the target cannot express it. */
function findOnce(
  store: Store,
  { refuses }: RuleParityOptions,
): (condition: Condition) => Promise<readonly number[] | undefined> {
  const answers = new Map<string, readonly number[] | undefined>();
  const find = async (condition: Condition): Promise<readonly number[] | undefined> => {
    try {
      return (await store.find(condition)).toSorted((a, b) => a - b);
    } catch (error) {
      const isSaid = error instanceof TypeError && refuses?.message.test(error.message);
      if (isSaid && refuses?.when(condition)) return undefined;
      throw error;
    }
  };
  return async (condition) => {
    const asked = JSON.stringify(condition);
    if (!answers.has(asked)) answers.set(asked, await find(condition));
    return answers.get(asked);
  };
}

/** `get`, if the rules grant it together with this kind of list. */
function getIfAlike(operation: Operation, { models }: RuleSchema, one: Identity): readonly Operation[] {
  const isAlike = (models[model]?.rules ?? []).every(
    ({ operations }) => operations?.includes(operation) === operations?.includes("get"),
  );
  const isDeniedApart = one.mode === "lambda" && one.deniedFields.some((name) => name.startsWith("Query."));
  return isAlike && !isDeniedApart ? ["get"] : [];
}

function expectSame(
  allowed: readonly unknown[],
  found: readonly unknown[],
  condition: Condition | undefined,
): void {
  if (found.join() === allowed.join()) return;
  const asked = condition === undefined ? "no rule covers the caller" : JSON.stringify(condition);
  throw new Error(`decide allows [${allowed.join()}], filter finds [${found.join()}]: ${asked}`);
}

function outcomeOf(
  condition: Condition | undefined,
  found: readonly number[] | undefined,
  records: readonly Values[],
): keyof Outcomes {
  if (condition === undefined) return "none";
  if (found === undefined) return "refused";
  if (found.length === 0) return "empty";
  return found.length === records.length ? "all" : "some";
}
