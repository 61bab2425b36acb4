import { or, type Test } from "../compile/condition.ts";
import type { ModelRole } from "../compile/model.ts";
import type { Allowed, Condition, Decision, Operation, Values } from "../types.ts";
import { refuse } from "./decision.ts";
import type { ModelAccess } from "./model-access.ts";

/** A role that a caller has on all records, or on some. */
export interface HeldRole {
  readonly role: ModelRole;
  readonly condition: Condition;
  /** undefined: on all records. */
  readonly test: Test | undefined;
  /** The decision if this role alone decides. */
  readonly decision: Allowed;
}

/** A held role as the fast path reads it. A chain is read faster than an array. */
interface Link {
  readonly test: Test | undefined;
  readonly decision: Allowed;
  readonly next: Link | undefined;
}

/** What a caller may do with the records of a model by one operation. */
export class OperationAccess {
  readonly access: ModelAccess;
  readonly operation: Operation;
  /** The roles of the caller's provider that have the operation, whether or not the caller has them. */
  readonly roles: readonly ModelRole[];
  /** Those that the caller has, the ones on all records first. */
  readonly held: readonly HeldRole[];
  /** The held roles for `decideOn`, if it decides questions that have a record and nothing else. */
  chain: Link | undefined;
  readonly #isByRecord: boolean;
  #unsearched = 100;
  #condition: Condition | undefined;

  /**
   * @param isByRecord whether the record is enough to decide: each held role allows the whole operation, no field is
   *   hidden, and no input is denied
   */
  constructor(
    access: ModelAccess,
    operation: Operation,
    roles: readonly ModelRole[],
    held: readonly HeldRole[],
    isByRecord = false,
  ) {
    this.access = access;
    this.operation = operation;
    this.roles = roles;
    this.held = held;
    this.#isByRecord = isByRecord;
  }

  /** The condition that matches if one of the held roles does. Decisions about single records do not need it. */
  get condition(): Condition {
    return (this.#condition ??= or(this.held.map((one) => one.condition)));
  }

  /**
   * Counts a question that was searched for misspelt members. After 100 of them, those that need only the record skip the
   * search, which takes half as long as the decision. A misspelt member is found by then.
   */
  countSearched(): void {
    if (this.#unsearched === 0 || --this.#unsearched > 0 || !this.#isByRecord) return;
    this.chain = this.held.reduceRight<Link | undefined>(
      (next, { test, decision }) => ({ test, decision, next }),
      undefined,
    );
  }

  /** Whether a held role matches the record. */
  includes(record: Values): boolean {
    return matching(this.held, record) !== undefined;
  }

  decideOn(record: Values): Decision {
    for (let one = this.chain; one !== undefined; one = one.next) {
      if (one.test === undefined || one.test.passes(record)) return one.decision;
    }
    return refuse(this, record);
  }
}

/** The first of these roles that the caller has on the record. */
export function matching(held: readonly HeldRole[], record: Values): HeldRole | undefined {
  for (const one of held) if (one.test === undefined || one.test.passes(record)) return one;
  return undefined;
}
