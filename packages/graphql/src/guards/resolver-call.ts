import type { Identity } from "@authmodes/core";
import { isPromise, tell } from "@authmodes/core/adapter";
import { AccessDenied, type Decision, type Denied, type Policy, type Values } from "@authmodes/rules";
import type { GraphQLFieldResolver, GraphQLResolveInfo } from "graphql";
import { type FieldRefusal, notAuthorized, refusalOf } from "../field-refusal.ts";
import type { GuardOptions, ModelField } from "../options.ts";
import { type AdmittedMode, isAdmitted } from "../schema/aws-directives.ts";
import type { PageRole, ReturnedRecords } from "../schema/record-types.ts";
import { positionAt, type ResponsePosition } from "./response-position.ts";

export type Resolver = GraphQLFieldResolver<unknown, unknown, Values>;

/** A field whose resolver is guarded. */
export interface GuardedField {
  readonly options: GuardOptions;
  /** The type's name in the rules: the model of a mapped type; Query, Mutation or Subscription for root types. */
  readonly typeName: string;
  readonly fieldName: string;
  /** Whether the field has rules, and is not a field of a record. */
  readonly ruled?: boolean;
  readonly returned?: ReturnedRecords | undefined;
  /** The models, if the field returns records of several. */
  readonly models?: readonly string[];
  /** The field's role, if it is part of a page. */
  readonly role?: PageRole | undefined;
  /** The modes that directives admit; undefined if any may call. */
  readonly modes?: readonly AdmittedMode[] | undefined;
  readonly resolve: Resolver;
  /** Whether the field has a resolver of its own. */
  readonly hasResolver?: boolean;
}

/** One call of a guarded resolver: the caller, the field and its arguments. */
export class ResolverCall {
  readonly field: GuardedField;
  readonly source: unknown;
  readonly args: Values;
  readonly context: unknown;
  readonly info: GraphQLResolveInfo;
  readonly identity: Identity;

  constructor(field: GuardedField, ...[source, args, context, info]: Parameters<Resolver>) {
    this.field = field;
    this.source = source;
    this.args = args;
    this.context = context;
    this.info = info;
    this.identity = field.options.identity(context);
  }

  get policy(): Policy {
    return this.field.options.policy;
  }

  get position(): ResponsePosition {
    return positionAt(this.info.path);
  }

  get isRoot(): boolean {
    return this.info.path.prev === undefined;
  }

  /** The name of the field, for logs and errors. */
  get name(): string {
    return `${this.field.typeName}.${this.field.fieldName}`;
  }

  resolve(args: Values = this.args): unknown {
    return this.field.resolve(this.source, args, this.context, this.info);
  }

  /**
   * Checks what does not depend on a record: fields that an authorizer denied, the modes of AppSync's directives, the
   * rules of the field.
   * @throws FieldRefusal
   */
  enter(): void {
    const { field, identity, info } = this;
    const { typeName, fieldName } = field;
    if (identity.mode === "lambda") {
      const names = [this.name, `${info.parentType.name}.${fieldName}`];
      if (names.some((name) => identity.deniedFields.includes(name)))
        throw this.denied(denial("field-denied", `${this.name}: the authorizer denied it`));
    }
    if (field.modes !== undefined && !isAdmitted(field.modes, identity))
      throw this.denied(denial("no-matching-role", `${this.name}: not open to mode ${identity.mode}`));
    if (field.ruled !== true) return;
    const decision = this.policy.decideField(identity, typeName, fieldName);
    if (!decision.allowed) throw this.denied(decision);
  }

  /** Reports a denial, and returns the error to throw. */
  denied(decision: Denied, use?: ModelField, error: FieldRefusal = notAuthorized(this.info)): FieldRefusal {
    this.report(decision, use);
    return error;
  }

  /** Turns an AccessDenied of the policy into the error of the field. */
  orDenied(use: ModelField, ask: () => void): void {
    try {
      ask();
    } catch (error) {
      if (!(error instanceof AccessDenied)) throw error;
      throw this.denied(error.decision, use, refusalOf(error.decision, this.info));
    }
  }

  report(decision: Decision, use?: ModelField): void {
    const { field, identity, context } = this;
    const { onDecision } = field.options;
    if (onDecision === undefined) return;
    tell(onDecision, {
      identity,
      context,
      type: field.typeName,
      field: field.fieldName,
      ...(use !== undefined && { model: use.model, operation: use.operation }),
      decision,
    });
  }
}

export function denial(
  reason: Denied["reason"],
  explanation: string,
  deniedFields: readonly string[] = [],
): Denied {
  return { allowed: false, reason, deniedFields, missing: false, explanation };
}

export function isRecord(value: unknown): value is Values {
  return typeof value === "object" && value !== null;
}

/**
 * Checks that the rules of the model fit the value.
 * @throws TypeError if it is not a record, or of another model
 */
export function checkRecord(call: ResolverCall, value: unknown, model: string): asserts value is Values {
  if (!isRecord(value) || Array.isArray(value)) {
    const what = Array.isArray(value) ? "list" : typeof value;
    throw new TypeError(`${call.name}: the rules need a record, not a ${what}.`);
  }
  const name = value["__typename"];
  const own = typeof name === "string" ? call.field.options.types.modelOf({ name }) : undefined;
  if (own === undefined || own === model) return;
  throw new TypeError(`${call.name}: the rules need a record of ${model}, not of ${own}.`);
}

/** Calls `next` with the value, synchronously unless it is a promise. */
export function whenThere<T>(value: T | PromiseLike<T>, next: (value: T) => T): T | Promise<T> {
  return isPromise(value) ? Promise.resolve(value).then(next) : next(value);
}
