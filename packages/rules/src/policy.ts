import type { Identity } from "@authmodes/core";
import { AccessDenied, PolicyError } from "./check/errors.ts";
import { locate } from "./check/finding.ts";
import {
  type AskedListQuestion,
  type AskedQuestion,
  checkListQuestion,
  checkQuestion,
  checkRecord,
} from "./check/question.ts";
import { unknownName } from "./check/spelling.ts";
import { validate } from "./check/validate.ts";
import { warningsOf } from "./check/warnings.ts";
import { compile, type CompiledSchema } from "./compile/compile.ts";
import { matrixOf } from "./compile/grants.ts";
import { dependsOnRecord, type Model } from "./compile/model.ts";
import type { ModelsOf } from "./builder/schema.ts";
import { checkOperation } from "./compile/operations.ts";
import { checkOptions, type PolicyOptions } from "./compile/options.ts";
import { type Caller, callerOf } from "./decide/caller.ts";
import { decideModelField, decidePlainField } from "./decide/decide-field.ts";
import { checkFilterFields, decideList } from "./decide/list.ts";
import {
  mask,
  maskWritten,
  nullFieldsAfterWrite,
  readableFields,
  withDisplayedOwners,
} from "./decide/mask.ts";
import { ModelAccess } from "./decide/model-access.ts";
import type {
  Condition,
  Decision,
  Finding,
  ListOperation,
  ListQuestion,
  Masked,
  MatrixRow,
  Operation,
  Provider,
  Question,
  RuleSchema,
  Values,
} from "./types.ts";

/**
 * The rules of a schema, checked and compiled. All methods are synchronous and have no side effects.
 *
 * Decisions that depend only on a frozen identity are cached as long as the identity exists.
 *
 * Unknown models, operations and members of a question throw a TypeError with the right spelling, and so do incomplete
 * identities. An input or a field name that the model does not have may come from the caller, so that it throws an
 * AuthError `invalid_input` (status 400).
 *
 * @typeParam Model the names of the models, which the compiler checks if the schema was written in TypeScript
 */
export type Policy<Model extends string = string> = Pick<CompiledPolicy<Model>, keyof CompiledPolicy>;

/**
 * Checks and compiles the rules of a schema.
 * @throws PolicyError with all errors of the schema, with file and line if `parseSchema` read it
 * @throws TypeError if an option is unknown or has a value of the wrong kind
 * @example
 * import type { Identity } from "@authmodes/core";
 * import { createPolicy } from "@authmodes/rules";
 * const policy = createPolicy({
 *   models: {
 *     Order: {
 *       rules: [{ allow: "owner" }, { allow: "groups", groups: ["Librarians"], operations: ["read"] }],
 *       fields: { id: { type: "ID!" }, note: { type: "String" }, owner: { type: "String" } },
 *     },
 *   },
 * });
 * interface Order {
 *   id: string;
 *   note: string;
 *   owner: string;
 * }
 * export function mayRead(identity: Identity, record: Order): boolean {
 *   return policy.decide(identity, { model: "Order", operation: "get", record }).allowed;
 * }
 */
export function createPolicy<const Schema extends RuleSchema>(
  schema: Schema,
  options: PolicyOptions = {},
): Policy<ModelsOf<Schema>> {
  checkOptions(options);
  const { errors, ...roles } = validate(schema, options);
  if (errors.length > 0) throw new PolicyError(errors.map((one) => locate(schema, one)));
  return new CompiledPolicy<ModelsOf<Schema>>(schema, options, compile(schema, options, roles));
}

/** A caller with the access to each model that was asked about. */
interface KnownCaller {
  readonly caller: Caller;
  readonly models: Map<string, ModelAccess>;
  /** For the model that was asked about last. */
  last: ModelAccess | undefined;
}

class CompiledPolicy<ModelName extends string = string> {
  /** The schema as given to `createPolicy`. */
  readonly schema: RuleSchema;
  /** The options as given to `createPolicy`. */
  readonly options: PolicyOptions;
  /** The providers of the API, the default one first. */
  readonly providers: readonly Provider[];
  /** Rules that are valid but seldom intended. */
  readonly warnings: readonly Finding[];
  readonly #compiled: CompiledSchema;
  readonly #remembered = new WeakMap<Identity, KnownCaller>();
  #lastIdentity: Identity | undefined;
  #last: ModelAccess | undefined;

  constructor(schema: RuleSchema, options: PolicyOptions, compiled: CompiledSchema) {
    this.schema = schema;
    this.options = options;
    this.providers = [...compiled.options.providers];
    this.warnings = warningsOf(schema, compiled.models).map((one) => locate(schema, one));
    this.#compiled = compiled;
  }

  /** Decides whether the caller may do this. Denies if the answer depends on a record or an input that is not given. */
  decide(identity: Identity, question: Question<ModelName>): Decision;
  decide(identity: Identity, question: AskedQuestion<ModelName>): Decision {
    // If a member is missing because it is misspelt, the error names the misspelt one.
    if (question?.model === undefined || question.operation === undefined) checkQuestion(question);
    return this.#access(identity, question.model).decide(question);
  }

  /**
   * Decides which records the caller gets in a list, or with `get` one by one, before one is loaded: `filter` matches exactly
   * those that `decide` allows. Denies if no rule covers the caller, instead of filtering out everything.
   */
  list(identity: Identity, question: ListQuestion<ModelName>): Decision;
  list(identity: Identity, question: AskedListQuestion<ModelName>): Decision {
    checkListQuestion("list()", question);
    const operation = question.operation ?? "list";
    return decideList(this.#access(identity, question.model), { ...question, operation });
  }

  /**
   * Returns the filter of `list`.
   * @throws AccessDenied if `list` is denied
   */
  filter(identity: Identity, question: ListQuestion<ModelName>): Condition {
    checkListQuestion("filter()", question);
    const decision = this.list(identity, question);
    if (!decision.allowed) throw new AccessDenied(decision);
    return decision.filter;
  }

  /**
   * Returns the record as a plain object, with the fields that the caller may not read set to null: all of them if the
   * caller may not read the record. Drops keys that are not fields, and methods. Related records in it are masked by the
   * rules of their own model.
   */
  mask<T extends object>(identity: Identity, model: ModelName, record: T): Masked<T>;
  mask(identity: Identity, model: string, record: Values): Values {
    checkRecord("mask()", record);
    return mask(this.#access(identity, model), record);
  }

  /**
   * Returns the answer to a write: like `mask`, but a caller who may write the record sees the fields that no rule guards,
   * even if they may not read the record.
   */
  maskWritten<T extends object>(identity: Identity, model: ModelName, record: T): Masked<T>;
  maskWritten(identity: Identity, model: string, record: Values): Values {
    checkRecord("maskWritten()", record);
    return maskWritten(this.#access(identity, model), record);
  }

  /**
   * Returns the fields that are null in the answer to a write.
   * @param record the record after the write
   * @param isPublished whether subscribers receive the answer as it is, as in AppSync: guarded fields are then null for
   *   every caller, unless the model's `subscriptions` are not `on`. Default false.
   */
  nullFieldsAfterWrite(
    identity: Identity,
    model: ModelName,
    record: object,
    isPublished?: boolean,
  ): readonly string[];
  nullFieldsAfterWrite(
    identity: Identity,
    model: string,
    record: Values,
    isPublished = false,
  ): readonly string[] {
    checkRecord("nullFieldsAfterWrite()", record);
    return nullFieldsAfterWrite(this.#access(identity, model), record, isPublished);
  }

  /** Returns the record with owners as clients see them: the last part of `sub::username`. */
  displayed<T extends object>(model: ModelName, record: T): T;
  displayed(model: string, record: Values): Values {
    checkRecord("displayed()", record);
    return withDisplayedOwners(this.#model(model), record);
  }

  /** Returns the fields that the caller may read on this record or, without one, on every record. */
  readableFields(identity: Identity, model: ModelName, record?: object): readonly string[];
  readableFields(identity: Identity, model: string, record?: Values): readonly string[] {
    return readableFields(this.#access(identity, model), record);
  }

  /**
   * Checks that the caller may filter or sort a list by these fields, or look up one record by them (`get`). A field that
   * is hidden on some record is rejected, since the result would tell its value.
   * @throws AccessDenied with the fields
   */
  checkFilterFields(
    identity: Identity,
    model: ModelName,
    fields: readonly string[],
    operation: ListOperation | "get" = "list",
  ): void {
    checkFilterFields(this.#access(identity, model), operation, fields);
  }

  /**
   * Decides about one field: of Query, Mutation or Subscription, of a nested type, or of a record. Without rules, a root
   * field is open to the default provider, and a field of a nested type to callers that may read its parent.
   */
  decideField(identity: Identity, type: string, field: string, record?: object): Decision;
  decideField(identity: Identity, type: string, field: string, record?: Values): Decision {
    if (this.#compiled.models.has(type)) return decideModelField(this.#access(identity, type), field, record);
    return decidePlainField(this.#compiled, this.#caller(identity), type, field);
  }

  /** Returns the names of all fields of a model, including implicit ones: owners, keys, timestamps. */
  fields(model: ModelName): ReadonlySet<string> {
    return this.#model(model).known;
  }

  /** Whether a decision can depend on the record, so that a route has to load it. */
  needsRecord(model: ModelName, operation: Operation): boolean {
    checkOperation(operation);
    return dependsOnRecord(this.#model(model), operation);
  }

  /** Returns the access matrix, role × field × operations, of one model or of all. */
  matrix(model?: ModelName): readonly MatrixRow[] {
    return model === undefined
      ? [...this.#compiled.models.values()].flatMap(matrixOf)
      : matrixOf(this.#model(model));
  }

  #model(name: string): Model {
    return this.#compiled.models.get(name) ?? unknownName("model", name, this.#compiled.models.keys());
  }

  #caller(identity: Identity): Caller {
    return (this.#remembered.get(identity) ?? this.#meet(identity)).caller;
  }

  // The last access is kept at hand: the records of a list and the fields of a record ask for the same one.
  #access(identity: Identity, model: string): ModelAccess {
    const last = this.#last;
    return last !== undefined && identity === this.#lastIdentity && model === last.modelName
      ? last
      : this.#find(identity, model);
  }

  #find(identity: Identity, model: string): ModelAccess {
    const known = this.#remembered.get(identity);
    if (known === undefined) return this.#modelAccess(this.#meet(identity), model);
    let { last } = known;
    if (last?.modelName !== model) known.last = last = this.#modelAccess(known, model);
    this.#lastIdentity = identity;
    return (this.#last = last);
  }

  // An identity that can still change is not cached.
  #meet(identity: Identity): KnownCaller {
    const known = { caller: callerOf(identity, this.#compiled.options), models: new Map(), last: undefined };
    if (isFrozen(identity)) this.#remembered.set(identity, known);
    return known;
  }

  #modelAccess(known: KnownCaller, name: string): ModelAccess {
    const { caller, models } = known;
    let access = models.get(name);
    if (access === undefined) {
      const to = (model: string): ModelAccess | undefined =>
        this.#compiled.models.has(model) ? this.#modelAccess(known, model) : undefined;
      access = new ModelAccess(this.#compiled, caller, this.#model(name), to);
      models.set(name, access);
    }
    return access;
  }
}

function isFrozen(identity: Identity): boolean {
  const claims = "claims" in identity ? identity.claims : identity;
  return Object.isFrozen(identity) && Object.isFrozen(claims);
}
