import type { AskedQuestion } from "../check/question.ts";
import { AccessDenied } from "../check/errors.ts";
import { printable } from "../check/spelling.ts";
import type { Field } from "../compile/model.ts";
import { and } from "../compile/condition.ts";
import type { Allowed, Condition, Decision, DenialReason, Values } from "../types.ts";
import { decideByRules } from "./by-rules.ts";
import { allow, deny, denyFields, needsInput } from "./decision.ts";
import { pathsWithin } from "./input.ts";
import type { ModelAccess } from "./model-access.ts";
import { writeRelation } from "./relation-forms.ts";

/** A question about a related model, whose record is not loaded. */
type Asked = Omit<AskedQuestion, "model" | "record">;

interface RelationParts {
  readonly access: ModelAccess;
  /** Its input has the relation. */
  readonly question: AskedQuestion;
  /** The values that the rules add to that input. */
  readonly written: Values;
  /** The name of the relation. */
  readonly key: string;
  readonly ask: (related: ModelAccess, question: AskedQuestion) => Decision;
}

/** A relation of an input, with the decisions about the records that it writes. Each method throws if it denies. */
export class Relation {
  readonly name: string;
  readonly related: ModelAccess;
  readonly isList: boolean;
  readonly onCreate: boolean;
  /** The rules that allowed something. */
  readonly rules: Set<string> = new Set();
  /** What this record has to match when it is written. */
  readonly filters: Condition[] = [];
  readonly #parts: RelationParts;
  readonly #field: Field | undefined;
  /** Questions that were decided already: they are the same for each record. */
  readonly #asked = new Set<string>();

  /** @throws AccessDenied if it leads to no model of the schema */
  constructor(parts: RelationParts) {
    const { access, question, key } = parts;
    this.#parts = parts;
    this.name = `${access.modelName}.${key}`;
    this.#field = access.model.fields.get(key);
    this.isList = this.#field?.isList ?? false;
    this.onCreate = question.operation === "create";
    this.related = access.to(this.#field?.related ?? "") ?? this.reject("it leads to no model");
  }

  /** @throws AccessDenied */
  reject(sentence: string, reason: DenialReason = "field-denied"): never {
    const deniedFields = [this.#field?.name ?? this.name];
    throw new AccessDenied(deny(reason, `${this.name}: ${printable(sentence)}`, { deniedFields }));
  }

  /** @returns the values to add to the input of the related record */
  may(asked: Asked): Values {
    const decision = this.#parts.ask(this.related, { model: this.related.modelName, ...asked });
    return this.#allowed(decision).writes;
  }

  /** A condition reveals values: the field must be shown to the caller on every record. */
  mayFilterBy(field: string): void {
    if (this.#isAsked(`filter ${field}`)) return;
    const asked: AskedQuestion = { model: this.related.modelName, operation: "get", fields: [field] };
    const decision = this.#parts.ask(this.related, asked);
    if (!decision.allowed || decision.nullFields.length > 0) this.reject(`filters by ${field}`);
  }

  mayDelete(): void {
    if (!this.#isAsked("delete")) this.may({ operation: "delete" });
  }

  /** Links an existing record: it is read, and updated if it may hold the foreign key. */
  mayLink(): void {
    if (this.#isAsked("link")) return;
    if (this.#field?.relation === "belongsTo") this.may({ operation: "get" });
    else this.#mayUpdateAny(undefined);
  }

  /** Removes the link of a linked record. */
  mayUnlink(): void {
    if (!this.#isAsked("unlink") && this.#field?.relation !== "belongsTo") this.#mayUpdateAny(null);
  }

  /** Removes the link of the record that is replaced. */
  mayReplace(): void {
    if (!this.isList && !this.onCreate) this.mayUnlink();
  }

  /**
   * Updates the foreign key on this record, if it may be here: it can be any field that the input lacks.
   * @param value null if the link is removed
   */
  mayChangeKey(value: null | undefined): void {
    const { relation } = this.#field ?? {};
    if (relation === "hasMany" || relation === "manyToMany" || this.#isAsked(`key ${value}`)) return;
    const { access, question, written } = this.#parts;
    const given: Values = { ...question.input, ...written };
    const open = Object.entries(everyField(access, value)).filter(([name]) => given[name] === undefined);
    const input = { ...question.input, ...Object.fromEntries(open) };
    this.filters.push(this.#allowed(decideByRules(access, { ...question, input })).filter);
  }

  /** Updates the foreign key on the related record: it can be any field. */
  #mayUpdateAny(value: null | undefined): void {
    const { related } = this;
    const input = everyField(related, value);
    this.#allowed(decideByRules(related, { model: related.modelName, operation: "update", input }));
  }

  #isAsked(question: string): boolean {
    if (this.#asked.has(question)) return true;
    this.#asked.add(question);
    return false;
  }

  #allowed(decision: Decision): Extract<Decision, { readonly allowed: true }> {
    if (!decision.allowed) this.reject(decision.explanation, decision.reason);
    this.rules.add(decision.rule);
    return decision;
  }
}

/** All fields that may hold the foreign key, which the schema does not name. */
function everyField({ model }: ModelAccess, value: null | undefined): Values {
  const names = [...model.fields.keys(), ...model.compared].filter((name) => !model.relations.has(name));
  return Object.fromEntries(names.map((name) => [name, value]));
}

// A relation in an input writes records of another model, which has its own rules. Without the option `nested` such an
// input is denied; with it, the rules of the related model decide about each record.

/** The maximum depth of relations within relations. */
const maxDepth = 8;

/** Decides by the rules of the model, and by those of the models whose records the input writes. */
export function decideWithRelations(access: ModelAccess, question: AskedQuestion, depth = 0): Decision {
  const decision = decideByRules(access, question);
  if (!decision.allowed) return decision;
  const { model } = access;
  const { input, operation } = question;
  const isWrite = operation === "create" || operation === "update";
  if (input === undefined) {
    if (!isWrite || !access.dependsOnInput()) return decision;
    return needsInput(access);
  }
  const keys = model.relations.size === 0 ? [] : Object.keys(input).filter((key) => model.relations.has(key));
  const embedded = embeddedRelations(access, input);
  if (keys.length === 0 && embedded.length === 0) return decision;
  const hint = access.compiled.options.nested ? "" : " (createPolicy's option nested is off)";
  const isDecided = access.compiled.options.nested && isWrite && embedded.length === 0 && depth < maxDepth;
  return isDecided
    ? decideRelations(access, question, decision, keys, depth)
    : denyFields(access, "write records through", [...keys, ...embedded], hint);
}

/** Relations within embedded objects, where no ORM writes records. */
function embeddedRelations(access: ModelAccess, input: Values): readonly string[] {
  const { types, models } = access.compiled;
  if (types.size === 0) return [];
  return pathsWithin(access, input, (type, key) => models.has(type.fields.get(key)?.baseType ?? ""));
}

function decideRelations(
  access: ModelAccess,
  question: AskedQuestion,
  decision: Allowed,
  keys: readonly string[],
  depth: number,
): Decision {
  const writes: Record<string, unknown> = { ...decision.writes };
  const rules = new Set([decision.rule]);
  const filters = [decision.filter];
  const ask = (related: ModelAccess, asked: AskedQuestion): Decision =>
    decideWithRelations(related, asked, depth + 1);
  try {
    for (const key of keys) {
      const relation = new Relation({ access, question, written: decision.writes, key, ask });
      writes[key] = writeRelation(relation, question.input?.[key]);
      for (const rule of relation.rules) rules.add(rule);
      filters.push(...relation.filters);
    }
  } catch (error) {
    if (error instanceof AccessDenied) return error.decision;
    throw error;
  }
  return allow([...rules].join(", "), () => decision.explanation, { writes, filter: and(filters) });
}
