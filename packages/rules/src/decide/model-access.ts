import { type AskedQuestion, checkQuestion } from "../check/question.ts";
import type { CompiledSchema } from "../compile/compile.ts";
import { matches, or, type Predicate, testOf } from "../compile/condition.ts";
import { grantsOn } from "../compile/grants.ts";
import { hasOperation, type Model, type ModelRole, updatesWhole } from "../compile/model.ts";
import { bits, checkOperation, readBits } from "../compile/operations.ts";
import type { Decision, Operation, Values } from "../types.ts";
import type { Bypass, Caller } from "./caller.ts";
import { allow } from "./decision.ts";
import { type Hidden, hiddenOf, nothingHidden } from "./hidden-fields.ts";
import { type HeldRole, matching, OperationAccess } from "./operation-access.ts";
import { decideWithRelations } from "./relation.ts";
import { type Purpose, roleCondition } from "./role-condition.ts";
import { allowedSentence } from "./sentences.ts";

/** The records on which a field is shown: all, none, or those that match. */
export type Visibility = "shown" | "hidden" | Predicate;

/** Returns the access of the same caller to another model. */
type AccessTo = (model: string) => ModelAccess | undefined;

/** The access of a caller to a model, computed on demand and cached for the next question. */
export class ModelAccess {
  readonly compiled: CompiledSchema;
  readonly caller: Caller;
  readonly model: Model;
  readonly modelName: string;
  readonly to: AccessTo;
  readonly bypass: Bypass | "sandbox" | undefined;
  /** Whether something besides the rules decides, see `withoutRules`. */
  readonly isSpecial: boolean;
  readonly #operations = new Map<Operation, OperationAccess>();
  #get: OperationAccess | undefined;
  #list: OperationAccess | undefined;
  #update: OperationAccess | undefined;
  #delete: OperationAccess | undefined;
  readonly #visibility = new Map<string, Visibility>();
  #anyReading: readonly HeldRole[] | undefined;
  #hidden: Hidden | undefined;

  constructor(compiled: CompiledSchema, caller: Caller, model: Model, to: AccessTo) {
    this.compiled = compiled;
    this.caller = caller;
    this.model = model;
    this.modelName = model.name;
    this.to = to;
    const isOpen = compiled.sandbox && !model.hasRules && caller.provider === "apiKey";
    this.bypass = caller.bypass ?? (isOpen ? "sandbox" : undefined);
    this.isSpecial =
      this.bypass !== undefined || caller.provider === undefined || caller.deniedFields.size > 0;
  }

  /**
   * Decides one question about the model.
   * @throws TypeError for an unknown operation or member of the question
   */
  decide(question: AskedQuestion): Decision {
    const { operation, record, input, fields, args } = question;
    const granted = this.by(operation);
    // The fast path: most questions are of this kind, one for each record of a list.
    if (
      granted.chain !== undefined &&
      record !== undefined &&
      record !== null &&
      input === undefined &&
      fields === undefined &&
      args === undefined
    ) {
      return granted.decideOn(record);
    }
    checkQuestion(question);
    granted.countSearched();
    return decideWithRelations(this, question);
  }

  /**
   * Four operations have a field each, since they are decided for each record and a map would add 20 % to that.
   * @throws TypeError for an unknown operation
   */
  by(operation: Operation): OperationAccess {
    switch (operation) {
      case "get":
        return (this.#get ??= this.#by("get"));
      case "list":
        return (this.#list ??= this.#by("list"));
      case "update":
        return (this.#update ??= this.#by("update"));
      case "delete":
        return (this.#delete ??= this.#by("delete"));
      default:
        return this.#operations.get(operation) ?? this.#by(operation);
    }
  }

  #by(operation: Operation): OperationAccess {
    checkOperation(operation);
    const roles = this.#roles().filter((role) => hasOperation(role, operation));
    const isServed = operation !== "update" || this.#isUpdateServed(roles);
    const held = isServed ? this.#heldOf(roles, operation, purposeOf(operation)) : [];
    const byRecord = this.#isByRecord(operation, held);
    const access = new OperationAccess(this, operation, isServed ? roles : [], held, byRecord);
    this.#operations.set(operation, access);
    return access;
  }

  /**
   * Amplify allows update to providers that have a rule with update. Only in an API with one provider may a role with
   * delete, but without update, set fields to null.
   */
  #isUpdateServed(roles: readonly ModelRole[]): boolean {
    if (this.compiled.options.providers.size === 1) return true;
    return roles.some(({ grants }) => (grants.some & bits.update) !== 0);
  }

  #isByRecord(operation: Operation, held: readonly HeldRole[]): boolean {
    if (this.isSpecial || held.length === 0 || operation === "create" || operation === "listen") return false;
    if (operation === "delete") return true;
    if (operation === "update") return this.#takesAnyInput() && held.every(({ role }) => updatesWhole(role));
    return this.hidden() === nothingHidden;
  }

  /** Whether no input is denied, and no field holds objects with fields of their own. */
  #takesAnyInput(): boolean {
    const fields = [...this.model.fields.values()];
    return !this.dependsOnInput() && !fields.some(({ baseType }) => this.compiled.types.has(baseType));
  }

  /**
   * Whether some input is denied although a role allows every field: one with a relation, a field that an authorizer
   * denied, or a field of an embedded object that the caller may not read.
   */
  dependsOnInput(): boolean {
    const { caller, model, compiled } = this;
    if (model.relations.size > 0) return true;
    if ([...caller.deniedFields].some((path) => path.startsWith(`${model.name}.`))) return true;
    if (compiled.options.compat.openNestedWrites === true) return false;
    return this.hidden().always.some((path) => path.includes("."));
  }

  /** The roles by which the caller may read something, by any kind of reading. */
  anyReading(): readonly HeldRole[] {
    return (this.#anyReading ??= this.#heldOf(
      this.#roles().filter(({ grants }) => (grants.some & readBits) !== 0),
      "any-reading",
      "query",
    ));
  }

  /** Whether the caller may read some field of this record. */
  reads(record: Values): boolean {
    return this.bypass !== undefined || matching(this.anyReading(), record) !== undefined;
  }

  /** The fields that are hidden from this caller on some record. */
  hidden(): Hidden {
    return (this.#hidden ??= hiddenOf(this));
  }

  /**
   * The records on which a field is shown. Any kind of reading is enough. A relation is hidden from callers that no rule
   * of the related model covers.
   */
  visibility(field: string): Visibility {
    const found = this.#visibility.get(field) ?? this.#visibilityOf(field);
    this.#visibility.set(field, found);
    return found;
  }

  #visibilityOf(field: string): Visibility {
    const { caller, model } = this;
    if (this.bypass !== undefined) return "shown";
    if (caller.deniedFields.has(`${model.name}.${field}`)) return "hidden";
    const { guarded = false, related } = model.fields.get(field) ?? {};
    if (related !== undefined && this.to(related)?.isReadable() !== true) return "hidden";
    if (!guarded) return "shown";
    const condition = or(
      model.roles
        .filter((role) => grantsOn(role.grants, field, readBits))
        .map((role) => roleCondition(role, this, "query")),
    );
    if (condition.kind === "always") return "shown";
    return condition.kind === "never" ? "hidden" : matches(condition);
  }

  /** Whether the caller may read some record. */
  isReadable(): boolean {
    return this.bypass !== undefined || this.anyReading().length > 0;
  }

  /** The roles of the caller's provider. */
  #roles(): readonly ModelRole[] {
    return this.model.roles.filter(({ provider }) => provider === this.caller.provider);
  }

  #heldOf(
    roles: readonly ModelRole[],
    operation: Operation | "any-reading",
    purpose: Purpose,
  ): readonly HeldRole[] {
    return roles.flatMap((role) => {
      const condition = roleCondition(role, this, purpose);
      if (condition.kind === "never") return [];
      const test = condition.kind === "always" ? undefined : testOf(condition);
      const explain = (): string => allowedSentence(role, this, operation);
      const changes = operation === "update" || operation === "delete";
      const decision = allow(role.fullName, explain, changes ? { filter: condition } : {});
      return [{ role, condition, test, decision }];
    });
  }
}

function purposeOf(operation: Operation): Purpose {
  return (bits[operation] & readBits & ~bits.listen) === 0 ? "other" : "query";
}
