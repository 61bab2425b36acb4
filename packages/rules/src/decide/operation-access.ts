import { or, type Predicate } from "../compile/condition.ts";
import type { ModelRole } from "../compile/model.ts";
import type { Allowed, Condition, Operation, Values } from "../types.ts";
import type { ModelAccess } from "./model-access.ts";

/** A role that a caller has on all records, or on some. */
export interface HeldRole {
  readonly role: ModelRole;
  readonly condition: Condition;
  /** undefined: on all records. */
  readonly test: Predicate | undefined;
  /** The decision if this role alone decides. */
  readonly decision: Allowed;
}

/** What a caller may do with the records of a model by one operation. */
export class OperationAccess {
  readonly access: ModelAccess;
  readonly operation: Operation;
  /** The roles of the caller's provider that have the operation, whether or not the caller has them. */
  readonly roles: readonly ModelRole[];
  /** Those that the caller has, the ones on all records first. */
  readonly held: readonly HeldRole[];
  /**
   * Whether the record is enough to decide: each held role allows the whole operation, no field is hidden, and no input is
   * denied.
   */
  readonly byRecord: boolean;
  #condition: Condition | undefined;

  constructor(
    access: ModelAccess,
    operation: Operation,
    roles: readonly ModelRole[],
    held: readonly HeldRole[],
    byRecord = false,
  ) {
    this.access = access;
    this.operation = operation;
    this.roles = roles;
    this.held = held;
    this.byRecord = byRecord;
  }

  /** The condition that matches if one of the held roles does. Decisions about single records do not need it. */
  get condition(): Condition {
    return (this.#condition ??= or(this.held.map((one) => one.condition)));
  }
}

/** The first of these roles that the caller has on the record. */
export function matching(held: readonly HeldRole[], record: Values): HeldRole | undefined {
  for (const one of held) if (one.test === undefined || one.test(record)) return one;
  return undefined;
}
