import type { Identity } from "@authmodes/core";
import { AccessDenied } from "../check/errors.ts";
import type { Policy } from "../policy.ts";
import type { Decision, Operation } from "../types.ts";
import { delegateTo } from "./reloadable-policy.ts";

/** What new rules would have answered otherwise. */
export interface Difference {
  readonly kind: "would-deny" | "would-allow" | "otherwise";
  readonly model: string;
  readonly operation: Operation;
  readonly identity: Identity;
  readonly live: Decision;
  readonly candidate: Decision;
}

/** How often, since the start. */
export interface Report {
  readonly questions: number;
  readonly same: number;
  readonly wouldDeny: number;
  readonly wouldAllow: number;
  /** Allowed by both, but other fields are null, other values written or other records listed. */
  readonly otherwise: number;
  /** The candidate could not answer, since it lacks the model or the field; or the answers cannot be compared. */
  readonly failed: number;
  /** `Order update would-deny`, with how often. */
  readonly byQuestion: Readonly<Record<string, number>>;
}

export interface ComparedDecisions {
  /** Answers as the live policy does, and asks the candidate each time. */
  readonly policy: Policy;
  report(): Report;
}

/**
 * Runs new rules beside the live ones: what they would change is counted, and changes nothing.
 * @param onDifference called with each difference; what it throws is ignored
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

/** What an answer does, without the words for it. */
function effectOf(decision: Decision): string {
  return decision.allowed
    ? JSON.stringify([decision.nullFields, decision.writes, decision.filter])
    : "denied";
}

/**
 * The candidate, and whoever listens, cannot harm the live answer. What is written may hold what a caller sent, such as a
 * number that JSON does not have.
 */
function attempt<T>(act: () => T): T | undefined {
  try {
    return act();
  } catch {
    return undefined;
  }
}
