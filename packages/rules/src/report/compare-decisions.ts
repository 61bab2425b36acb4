import type { Identity } from "@authmodes/core";
import { AccessDenied } from "../check/errors.ts";
import type { Policy } from "../policy.ts";
import type { Condition, Decision, ListQuestion, Operation, Question } from "../types.ts";
import { delegateTo } from "./delegate.ts";

/** What new rules would have answered otherwise. */
export interface Difference {
  readonly kind: "would-deny" | "would-allow" | "otherwise";
  readonly model: string;
  readonly operation: Operation;
  readonly identity: Identity;
  /** The decisions; for lists, the conditions or the denials. */
  readonly live: Decision | Condition;
  readonly candidate: Decision | Condition;
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

export interface ReportOnly {
  /** Answers as the live policy does, and asks the candidate each time. */
  readonly policy: Policy;
  report(): Report;
}

type Answer = Decision | Condition;

/**
 * Runs new rules beside the live ones: what they would change is counted, and changes nothing.
 * @param onDifference told of each difference; what it throws is ignored
 */
export function reportOnly(
  live: Policy,
  candidate: Policy,
  onDifference?: (difference: Difference) => void,
): ReportOnly {
  const counts = { questions: 0, same: 0, wouldDeny: 0, wouldAllow: 0, otherwise: 0, failed: 0 };
  const byQuestion = new Map<string, number>();

  const compare = (
    identity: Identity,
    { model, operation }: Pick<Question, "model" | "operation">,
    answer: Answer,
    ask: () => Answer,
  ): void => {
    counts.questions++;
    const other = attempt(ask);
    if (other === undefined) return void counts.failed++;
    // What is written may hold what a caller sent, such as a number that JSON does not have.
    const compared = attempt(() => ({ kind: kindOf(answer, other) }));
    if (compared === undefined) return void counts.failed++;
    const { kind } = compared;
    if (kind === undefined) return void counts.same++;
    counts[countOf[kind]]++;
    const key = `${model} ${operation} ${kind}`;
    byQuestion.set(key, (byQuestion.get(key) ?? 0) + 1);
    attempt(() => onDifference?.({ kind, model, operation, identity, live: answer, candidate: other }));
  };

  return {
    policy: Object.assign(
      delegateTo(() => live),
      compared(live, candidate, compare),
    ),
    report: () => ({ ...counts, byQuestion: Object.fromEntries(byQuestion) }),
  };
}

const countOf = { "would-deny": "wouldDeny", "would-allow": "wouldAllow", otherwise: "otherwise" } as const;

type Compare = (
  identity: Identity,
  question: Pick<Question, "model" | "operation">,
  answer: Answer,
  ask: () => Answer,
) => void;

function compared(live: Policy, candidate: Policy, compare: Compare): Pick<Policy, "decide" | "filter"> {
  return {
    decide(identity, question) {
      const decision = live.decide(identity, question);
      compare(identity, question, decision, () => candidate.decide(identity, question));
      return decision;
    },
    filter(identity, question) {
      const answer = listed(live, identity, question);
      const asked = { model: question.model, operation: question.operation ?? "list" };
      compare(identity, asked, answer, () => listed(candidate, identity, question));
      if ("allowed" in answer) throw new AccessDenied(answer);
      return answer;
    },
  };
}

/** The condition of a list, or the denial that was thrown instead. */
function listed(
  policy: Policy,
  identity: Identity,
  question: ListQuestion,
): Condition | AccessDenied["decision"] {
  try {
    return policy.filter(identity, question);
  } catch (error) {
    if (error instanceof AccessDenied) return error.decision;
    throw error;
  }
}

function kindOf(live: Answer, candidate: Answer): Difference["kind"] | undefined {
  const wasAllowed = isAllowed(live);
  if (wasAllowed !== isAllowed(candidate)) return wasAllowed ? "would-deny" : "would-allow";
  return !wasAllowed || effectOf(live) === effectOf(candidate) ? undefined : "otherwise";
}

function isAllowed(answer: Answer): boolean {
  return "allowed" in answer ? answer.allowed : true;
}

/** What an answer does, without the words for it. */
function effectOf(answer: Answer): string {
  if (!("allowed" in answer)) return JSON.stringify(answer);
  return answer.allowed ? JSON.stringify([answer.nullFields, answer.writes, answer.filter]) : "denied";
}

/** The candidate, and whoever listens, cannot harm the live answer. */
function attempt<T>(act: () => T): T | undefined {
  try {
    return act();
  } catch {
    return undefined;
  }
}
