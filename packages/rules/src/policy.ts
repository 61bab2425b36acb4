import type { Identity } from "@authmodes/core";
import { AccessDenied, PolicyError } from "./check/errors.ts";
import { checkListQuestion, checkQuestion, checkRecord } from "./check/question.ts";
import { unknownName } from "./check/spelling.ts";
import { validate } from "./check/validate.ts";
import { warningsOf } from "./check/warnings.ts";
import { compile, type CompiledSchema } from "./compile/compile.ts";
import { matrixOf } from "./compile/grants.ts";
import { dependsOnRecord, type Model } from "./compile/model.ts";
import { checkOperation } from "./compile/operations.ts";
import { checkOptions, type PolicyOptions } from "./compile/options.ts";
import { type Caller, callerOf } from "./decide/caller.ts";
import { decideModelField, decidePlainField } from "./decide/decide-field.ts";
import { decide } from "./decide/decide.ts";
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
  MatrixRow,
  Operation,
  Provider,
  Question,
  RuleSchema,
  Values,
} from "./types.ts";

/**
 * All rules of a schema, checked and compiled. Nothing here waits, reads the time or changes what it is given.
 * What is worked out for an identity is remembered as long as the identity lives, if it is frozen.
 * A model, an operation or a member of a question that does not exist throws a TypeError with the right spelling; so does
 * an identity that lacks what the rules read of its mode. What may come from a caller, an input or the name of a field, is
 * an error with `status` 400.
 */
export type Policy = Pick<CompiledPolicy, keyof CompiledPolicy>;

/**
 * @throws PolicyError with everything that is wrong with the schema
 * @throws TypeError if an option is misspelt
 */
export function createPolicy(schema: RuleSchema, options: PolicyOptions = {}): Policy {
  return buildPolicy(schema, options, false);
}

/** @param readRules whether each single rule was validated when it was read from text */
export function buildPolicy(schema: RuleSchema, options: PolicyOptions, readRules: boolean): Policy {
  checkOptions(options);
  const { errors, grants } = validate(schema, options, readRules);
  if (errors.length > 0) throw new PolicyError(errors);
  return new CompiledPolicy(schema, options, compile(schema, options, grants));
}

/** A caller with what was worked out for the models that were asked about. */
interface KnownCaller {
  readonly caller: Caller;
  readonly models: Map<string, ModelAccess>;
  /** For the model that was asked about last. */
  last: ModelAccess | undefined;
}

class CompiledPolicy {
  readonly schema: RuleSchema;
  /** As they were given. */
  readonly options: PolicyOptions;
  /** The providers of the API, the default one first. */
  readonly providers: readonly Provider[];
  readonly warnings: readonly Finding[];
  readonly #compiled: CompiledSchema;
  readonly #remembered = new WeakMap<Identity, KnownCaller>();
  #lastIdentity: Identity | undefined;
  #last: ModelAccess | undefined;

  constructor(schema: RuleSchema, options: PolicyOptions, compiled: CompiledSchema) {
    this.schema = schema;
    this.options = options;
    this.providers = [...compiled.options.providers];
    this.warnings = warningsOf(schema, compiled.models);
    this.#compiled = compiled;
  }

  /** May this caller do this? A decision that depends on the record or the input is never allowed without it. */
  decide(identity: Identity, question: Question): Decision {
    // A member that is missing because it is misspelt is best called by its name.
    if (question?.model === undefined || question.operation === undefined) checkQuestion(question);
    return decide(this.#access(identity, question.model), question);
  }

  /**
   * Which records of a list the caller gets: `filter` of the decision matches exactly those that `decide` allows for the
   * same operation. Denied if no rule reaches the caller, so that no list could be empty.
   */
  list(identity: Identity, question: ListQuestion): Decision {
    checkListQuestion("list()", question);
    const operation = question.operation ?? "list";
    return decideList(this.#access(identity, question.model), { ...question, operation });
  }

  /**
   * The filter of `list`, by itself.
   * @throws AccessDenied if `list` is denied
   */
  filter(identity: Identity, question: ListQuestion): Condition {
    checkListQuestion("filter()", question);
    const decision = this.list(identity, question);
    if (!decision.allowed) throw new AccessDenied(decision);
    return decision.filter;
  }

  /**
   * The record with the fields null that the caller may not read, all of them where they may not read the record. Keys
   * that are no fields are left out, related records within it follow their own model's rules.
   */
  mask(identity: Identity, model: string, record: Values): Values {
    checkRecord("mask()", record);
    return mask(this.#access(identity, model), record);
  }

  /** The answer to a write: the record after it, with `nullFieldsAfterWrite` null. */
  maskWritten(identity: Identity, model: string, record: Values): Values {
    checkRecord("maskWritten()", record);
    return maskWritten(this.#access(identity, model), record);
  }

  /**
   * The fields that the answer to a write leaves null.
   * @param record after the write
   */
  nullFieldsAfterWrite(identity: Identity, model: string, record: Values): readonly string[] {
    checkRecord("nullFieldsAfterWrite()", record);
    return nullFieldsAfterWrite(this.#access(identity, model), record);
  }

  /** The record with owners as clients are shown them: of `sub::username` the last part. */
  displayed(model: string, record: Values): Values {
    checkRecord("displayed()", record);
    return withDisplayedOwners(this.#model(model), record);
  }

  /** The fields that the caller may read: of this record, or, without one, of every record. */
  readableFields(identity: Identity, model: string, record?: Values): readonly string[] {
    return readableFields(this.#access(identity, model), record);
  }

  /**
   * Refuses to filter or sort by fields that some listed record may hide, or to look up one record by them (`get`).
   * @throws AccessDenied with the fields
   */
  checkFilterFields(
    identity: Identity,
    model: string,
    fields: readonly string[],
    operation: ListOperation | "get" = "list",
  ): void {
    checkFilterFields(this.#access(identity, model), operation, fields);
  }

  /**
   * A field of a type: of Query, Mutation or Subscription, of a nested type, or of a model's record. A root field
   * without rules is open to the default provider; one of a nested type to whoever reads its parent.
   */
  decideField(identity: Identity, type: string, field: string, record?: Values): Decision {
    if (this.#compiled.models.has(type)) return decideModelField(this.#access(identity, type), field, record);
    return decidePlainField(this.#compiled, this.#caller(identity), type, field);
  }

  /** The names of all fields of a model, with those that are not written down: owners, keys, times. */
  fields(model: string): ReadonlySet<string> {
    return this.#model(model).known;
  }

  /** Whether the answer for some caller depends on the record: whether a route has to load it. */
  needsRecord(model: string, operation: Operation): boolean {
    checkOperation(operation);
    return dependsOnRecord(this.#model(model), operation);
  }

  /** Role × field × operations, of one model or of all. */
  matrix(model?: string): readonly MatrixRow[] {
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

  /** Questions come in runs: of the records of a list, the fields of a record. */
  #access(identity: Identity, model: string): ModelAccess {
    const last = this.#last;
    return identity === this.#lastIdentity && last?.modelName === model ? last : this.#find(identity, model);
  }

  #find(identity: Identity, model: string): ModelAccess {
    const known = this.#remembered.get(identity);
    if (known === undefined) return this.#modelAccess(this.#meet(identity), model);
    let { last } = known;
    if (last?.modelName !== model) known.last = last = this.#modelAccess(known, model);
    this.#lastIdentity = identity;
    return (this.#last = last);
  }

  /** What could still change is not remembered. */
  #meet(identity: Identity): KnownCaller {
    const access = { caller: callerOf(identity, this.#compiled.options), models: new Map(), last: undefined };
    if (isFrozen(identity)) this.#remembered.set(identity, access);
    return access;
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
