import type { Bypass, Caller } from "./caller.ts";
import { matches, or, type Predicate } from "../compile/condition.ts";
import { allow } from "./decision.ts";
import { allowedSentence } from "./sentences.ts";
import { hasOperation, type Model, type ModelRole, updatesWhole } from "../compile/model.ts";
import { bits, readBits, unknownOperation } from "../compile/operations.ts";
import type { ReadyOptions } from "../compile/options.ts";
import { isFieldOpen, type PlainType } from "../compile/plain-type.ts";
import { type Purpose, reach } from "./role-condition.ts";
import type { Allowed, Condition, Operation, Values } from "../types.ts";

// Caller × model, worked out when first asked for and kept for the next question of the same caller.

/** A policy, compiled. */
export interface Compiled {
  readonly options: ReadyOptions;
  readonly models: ReadonlyMap<string, Model>;
  readonly types: ReadonlyMap<string, PlainType>;
  readonly sandbox: boolean;
}

/** A role that a caller has on some records. */
export interface Entry {
  readonly role: ModelRole;
  readonly condition: Condition;
  /** undefined: on all records. */
  readonly test: Predicate | undefined;
  /** The decision where this role alone decides and nothing else has to be said. */
  readonly decision: Allowed;
}

/** What a caller may do with an operation. */
export interface Reach {
  readonly access: ModelAccess;
  readonly operation: Operation;
  /** The roles of the caller's provider that have the operation, whether or not the caller has them. */
  readonly roles: readonly ModelRole[];
  /** Those that the caller has, the ones on all records first. */
  readonly entries: readonly Entry[];
  /** The records; the same that the entries' tests let pass. */
  readonly condition: Condition;
  /**
   * Whether a question that brings nothing but the record is decided by that alone: each entry allows the whole
   * operation, nothing of the records is hidden, and no input is refused. Only after the first questions, which are
   * searched for misspelt members: searching each one would take half as long as deciding it, and code that misspells
   * one is heard of by then.
   */
  readonly byRecord: boolean;
  /** A question was searched. */
  countQuestion(): void;
}

/** So many questions are searched. */
const searched = 100;

/** Decisions on single records have no need of the whole condition. */
export class Reached implements Reach {
  readonly access: ModelAccess;
  readonly operation: Operation;
  readonly roles: readonly ModelRole[];
  readonly entries: readonly Entry[];
  byRecord = false;
  /** undefined if no question is decided by the record alone. */
  #unsearched: number | undefined;
  #condition: Condition | undefined;

  constructor(
    access: ModelAccess,
    operation: Operation,
    roles: readonly ModelRole[],
    entries: readonly Entry[],
    isByRecord = false,
  ) {
    this.access = access;
    this.operation = operation;
    this.roles = roles;
    this.entries = entries;
    this.#unsearched = isByRecord ? searched : undefined;
  }

  countQuestion(): void {
    if (this.#unsearched !== undefined && --this.#unsearched === 0) this.byRecord = true;
  }

  get condition(): Condition {
    return (this.#condition ??= or(this.entries.map((entry) => entry.condition)));
  }
}

/** The first of these roles that the caller has on the record. */
export function matching(entries: readonly Entry[], record: Values): Entry | undefined {
  for (const entry of entries) {
    if (entry.test === undefined || entry.test(record)) return entry;
  }
  return undefined;
}

/** Which records show a field: all, none, or those that the predicate lets pass. */
export type Visibility = "shown" | "hidden" | Predicate;

const notAsked: Readonly<Record<Operation, undefined>> = {
  create: undefined,
  get: undefined,
  list: undefined,
  search: undefined,
  sync: undefined,
  listen: undefined,
  update: undefined,
  delete: undefined,
};

/** The access of the same caller to another model. */
export type AccessTo = (model: string) => ModelAccess | undefined;

export class ModelAccess {
  readonly compiled: Compiled;
  readonly caller: Caller;
  readonly model: Model;
  readonly modelName: string;
  readonly to: AccessTo;
  readonly bypass: Bypass | "sandbox" | undefined;
  /** Something besides the rules has a say: see `withoutRules`. */
  readonly isSpecial: boolean;
  readonly hidesAsMissing: boolean;
  readonly #reaches: Record<Operation, Reach | undefined> = { ...notAsked };
  #anyReading: readonly Entry[] | undefined;
  readonly #visibility = new Map<string, Visibility>();
  #hidden: Hidden | undefined;

  constructor(compiled: Compiled, caller: Caller, model: Model, to: AccessTo) {
    this.compiled = compiled;
    this.caller = caller;
    this.model = model;
    this.modelName = model.name;
    this.hidesAsMissing = compiled.options.hideAsMissing;
    this.to = to;
    const isOpen = compiled.sandbox && !model.hasRules && caller.provider === "apiKey";
    this.bypass = caller.bypass ?? (isOpen ? "sandbox" : undefined);
    this.isSpecial =
      this.bypass !== undefined || caller.provider === undefined || caller.deniedFields.size > 0;
  }

  /**
   * One by one, since a property is found slower by a name that varies, and this is asked for each record of a list.
   * @throws TypeError for an operation that does not exist
   */
  reach(operation: Operation): Reach {
    const reaches = this.#reaches;
    switch (operation) {
      case "get":
        return (reaches.get ??= this.#reachBy("get"));
      case "list":
        return (reaches.list ??= this.#reachBy("list"));
      case "update":
        return (reaches.update ??= this.#reachBy("update"));
      case "delete":
        return (reaches.delete ??= this.#reachBy("delete"));
      case "create":
        return (reaches.create ??= this.#reachBy("create"));
      case "search":
        return (reaches.search ??= this.#reachBy("search"));
      case "sync":
        return (reaches.sync ??= this.#reachBy("sync"));
      case "listen":
        return (reaches.listen ??= this.#reachBy("listen"));
      default:
        return unknownOperation(operation);
    }
  }

  /** On which records the caller may read anything, by any kind of reading. */
  anyReading(): readonly Entry[] {
    return (this.#anyReading ??= this.#readers());
  }

  /**
   * Which records show a field to the caller, of those that they were let at. Any kind of reading of it suffices; a
   * relation is hidden from whom no rule of the related model reaches.
   */
  visibility(field: string): Visibility {
    let found = this.#visibility.get(field);
    if (found === undefined) {
      found = this.#visibilityOf(field);
      this.#visibility.set(field, found);
    }
    return found;
  }

  /** Whether there is any record of which the caller may read anything. */
  isReadable(): boolean {
    return this.bypass !== undefined || this.anyReading().length > 0;
  }

  /** Whether the caller may read anything of this record. */
  reads(record: Values): boolean {
    return this.bypass !== undefined || matching(this.anyReading(), record) !== undefined;
  }

  /** The fields that this caller is not shown on every record. */
  hidden(): Hidden {
    return (this.#hidden ??= hiddenOf(this));
  }

  /**
   * Whether some input is denied to this caller although a role allows every field: one with a relation, with a field
   * that an authorizer denied, or with a field of an embedded object that the caller may not read.
   */
  dependsOnInput(): boolean {
    const { caller, model, compiled } = this;
    if (model.relations.size > 0) return true;
    if ([...caller.deniedFields].some((path) => path.startsWith(`${model.name}.`))) return true;
    return (
      !compiled.options.compat.openNestedWrites && this.hidden().always.some((path) => path.includes("."))
    );
  }

  #reachBy(operation: Operation): Reach {
    const roles = this.#roles().filter((role) => hasOperation(role, operation));
    if (!isServed(operation, roles, this.compiled)) return new Reached(this, operation, [], []);
    const entries = this.#entriesOf(roles, operation, purposeOf(operation));
    return new Reached(this, operation, roles, entries, this.#isByRecord(operation, entries));
  }

  #isByRecord(operation: Operation, entries: readonly Entry[]): boolean {
    if (this.isSpecial || entries.length === 0 || operation === "create" || operation === "listen")
      return false;
    if (operation === "delete") return true;
    if (operation === "update")
      return this.#takesAnyInput() && entries.every(({ role }) => updatesWhole(role));
    return this.hidden() === nothingHidden;
  }

  /** No input is denied, and no field holds objects with fields of their own. */
  #takesAnyInput(): boolean {
    const { model, compiled } = this;
    const isEmbedded = ({ baseType }: { readonly baseType: string }) => compiled.types.has(baseType);
    return !this.dependsOnInput() && ![...model.fields.values()].some(isEmbedded);
  }

  #readers(): readonly Entry[] {
    const roles = this.#roles().filter(({ grants }) => (grants.some & readBits) !== 0);
    return this.#entriesOf(roles, "any-reading", "query");
  }

  /** Of the caller's provider. */
  #roles(): readonly ModelRole[] {
    return this.model.roles.filter(({ provider }) => provider === this.caller.provider);
  }

  #entriesOf(
    roles: readonly ModelRole[],
    operation: Operation | "any-reading",
    purpose: Purpose,
  ): readonly Entry[] {
    const { caller, model } = this;
    const entries: Entry[] = [];
    for (const role of roles) {
      const condition = this.#condition(role, purpose);
      if (condition.kind === "never") continue;
      const test = condition.kind === "always" ? undefined : matches(condition);
      const explain = (): string => allowedSentence(model, role, caller, operation);
      entries.push({ role, condition, test, decision: allow(role.fullName, explain) });
    }
    return entries;
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
        .filter((role) => ((role.grants.byField.get(field) ?? 0) & readBits) !== 0)
        .map((role) => this.#condition(role, "query")),
    );
    if (condition.kind === "always") return "shown";
    return condition.kind === "never" ? "hidden" : matches(condition);
  }

  #condition(role: ModelRole, purpose: Purpose): Condition {
    return reach(this.caller, this.model, role, purpose, this.compiled.options.compat.partialClaimsRead);
  }
}

/**
 * Amplify opens an API's update to the providers that have a rule with update. Only where there is no other provider
 * does a role that may delete alone get as far as its fields.
 */
function isServed(operation: Operation, roles: readonly ModelRole[], { options }: Compiled): boolean {
  if (operation !== "update" || options.providers.size === 1) return true;
  return roles.some(({ grants }) => (grants.some & bits.update) !== 0);
}

function purposeOf(operation: Operation): Purpose {
  return (bits[operation] & readBits & ~bits.listen) === 0 ? "other" : "query";
}

/** Fields, and fields within nested types, that are hidden on all records, or on some. */
export interface Hidden {
  readonly always: readonly string[];
  readonly sometimes: readonly { readonly field: string; readonly test: Predicate }[];
}

export const nothingHidden: Hidden = { always: [], sometimes: [] };

function hiddenOf(access: ModelAccess): Hidden {
  const always: string[] = [];
  const sometimes: { field: string; test: Predicate }[] = [];
  for (const { name, baseType } of access.model.fields.values()) {
    const visibility = access.visibility(name);
    if (visibility === "hidden") always.push(name);
    else if (visibility !== "shown") sometimes.push({ field: name, test: visibility });
    if (visibility !== "hidden") always.push(...hiddenWithin(access, baseType, name, []));
  }
  return always.length === 0 && sometimes.length === 0 ? nothingHidden : { always, sometimes };
}

function hiddenWithin(
  access: ModelAccess,
  typeName: string,
  path: string,
  above: readonly string[],
): readonly string[] {
  const type = access.compiled.types.get(typeName);
  if (type === undefined || above.includes(typeName)) return [];
  return [...type.fields].flatMap(([name, { baseType }]) =>
    isFieldOpen(access.caller, type, name)
      ? hiddenWithin(access, baseType, `${path}.${name}`, [...above, typeName])
      : [`${path}.${name}`],
  );
}
