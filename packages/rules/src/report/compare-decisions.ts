import type { Identity } from "@authmodes/core";
import { AccessDenied } from "../check/errors.ts";
import type { Policy } from "../policy.ts";
import type { Decision, Operation } from "../types.ts";
import { delegateTo } from "./reloadable-policy.ts";

/** A decision that new rules would change. */
export interface Difference {
  /** `otherwise`: both allow, with other fields, values or records. */
  readonly kind: "would-deny" | "would-allow" | "otherwise";
  readonly model: string;
  readonly operation: Operation;
  readonly identity: Identity;
  readonly live: Decision;
  readonly candidate: Decision;
}

/** The counts since the start. */
export interface Report {
  readonly questions: number;
  readonly same: number;
  readonly wouldDeny: number;
  readonly wouldAllow: number;
  /** Both allow, but with other null fields, written values or listed records. */
  readonly otherwise: number;
  /** The candidate threw, for example because it lacks the model, or the decisions cannot be compared. */
  readonly failed: number;
  /** Counts by model, operation and kind: `Order update would-deny`. */
  readonly byQuestion: Readonly<Record<string, number>>;
}

/** A live policy that is compared with a candidate. */
export interface ComparedDecisions {
  /** Decides as the live policy does, and compares each decision with the candidate's. */
  readonly policy: Policy;
  /** Returns the counts so far. */
  report(): Report;
}

/**
 * Compares a live policy with a candidate on real requests. The live policy decides; differences are counted and reported.
 * @param onDifference called with each difference; errors that it throws are ignored
 * @example
 * import { compareDecisions, type Policy } from "@authmodes/rules";
 * export function trial(live: Policy, candidate: Policy): Policy {
 *   const compared = compareDecisions(live, candidate, ({ kind, model, operation }) => console.log(kind, model, operation));
 *   setInterval(() => console.log(compared.report()), 60_000).unref();
 *   return compared.policy;
 * }
 */
export function compareDecisions(
  live: Policy,
  candidate: Policy,
  onDifference?: (difference: Difference) => void,
): ComparedDecisions {
  const counts = { questions: 0, same: 0, wouldDeny: 0, wouldAllow: 0, otherwise: 0, failed: 0 };
  const byQuestion = new Map<string, number>();

  const compare = (
    identity: Identity,
    { model, operation = "list" }: { readonly model: string; readonly operation?: Operation },
    ask: (policy: Policy) => Decision,
  ): Decision => {
    const decision = ask(live);
    counts.questions++;
    const other = attempt(() => {
      const answer = ask(candidate);
      return { candidate: answer, kind: kindOf(decision, answer) };
    });
    if (other?.kind === undefined) {
      counts[other === undefined ? "failed" : "same"]++;
      return decision;
    }
    counts[countOf[other.kind]]++;
    const key = `${model} ${operation} ${other.kind}`;
    byQuestion.set(key, (byQuestion.get(key) ?? 0) + 1);
    const { kind } = other;
    attempt(() =>
      onDifference?.({ kind, model, operation, identity, live: decision, candidate: other.candidate }),
    );
    return decision;
  };

  const compared: Pick<Policy, "decide" | "list" | "filter"> = {
    decide: (identity, question) =>
      compare(identity, question, (policy) => policy.decide(identity, question)),
    list: (identity, question) => compare(identity, question, (policy) => policy.list(identity, question)),
    filter(identity, question) {
      const decision = compared.list(identity, question);
      if (!decision.allowed) throw new AccessDenied(decision);
      return decision.filter;
    },
  };
  return {
    policy: Object.assign(
      delegateTo(() => live),
      compared,
    ),
    report: () => ({ ...counts, byQuestion: Object.fromEntries(byQuestion) }),
  };
}

const countOf = { "would-deny": "wouldDeny", "would-allow": "wouldAllow", otherwise: "otherwise" } as const;

function kindOf(live: Decision, candidate: Decision): Difference["kind"] | undefined {
  if (live.allowed !== candidate.allowed) return live.allowed ? "would-deny" : "would-allow";
  return effectOf(live) === effectOf(candidate) ? undefined : "otherwise";
}

/** What a decision allows, without rule and explanation. */
function effectOf(decision: Decision): string {
  return decision.allowed
    ? JSON.stringify([decision.nullFields, decision.writes, decision.filter])
    : "denied";
}

/** Errors of the candidate, the listener or JSON.stringify (which fails on a bigint) must not change the live decision. */
function attempt<T>(act: () => T): T | undefined {
  try {
    return act();
  } catch {
    return undefined;
  }
}
