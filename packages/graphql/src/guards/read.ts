import { isPromise } from "@authmodes/core";
import type {
  Allowed,
  Condition,
  Decision,
  Denied,
  ListOperation,
  Operation,
  Values,
} from "@authmodes/rules";
import type { GraphQLResolveInfo } from "graphql";
import { keyOf } from "../schema/unguarded-inputs.ts";
import { fieldsUsed, type UsedFields } from "./used-fields.ts";
import { handCondition, handedAt, handWithin, isHeld } from "./list-filter.ts";
import type { ModelField } from "../options.ts";
import { openPlace, type Page, type Place, placeOfParent } from "./response-position.ts";
import { notAuthorized, unauthorizedOn } from "../field-refusal.ts";
import type { Returned } from "../schema/returned.ts";
import { type Args, type Caller, orRefused, refused, report, type Site, whenThere } from "./resolver-call.ts";

// Records on their way into an answer: each is decided on, whatever resolver it comes from.

/** A field that answers records of a model, with the operation by which they are read. */
export interface Reading {
  readonly site: Site;
  readonly caller: Caller;
  readonly use: ModelField;
  readonly args: Args;
  readonly info: GraphQLResolveInfo;
}

/** Before the resolver runs: a caller that no rule admits is rejected, and lists are handed their condition. */
export function prepare(reading: Reading): void {
  const { site, use, info } = reading;
  const page = pageAround(site, info);
  if (page !== undefined) prepareWithin(reading, page);
  else if (isListing(use.operation)) prepareList(reading, use.operation);
  else prepareGet(reading);
}

/** A part of a list that was prepared. */
function prepareWithin(reading: Reading, page: Page): void {
  const { site, caller, use, info } = reading;
  orRefused(site, caller, info, use, () => checkFieldsUsed(reading, page.operation));
  if (page.handed !== undefined) handWithin(info, page.handed, site.hasResolver ? nameOf(site) : undefined);
}

function prepareGet(reading: Reading): void {
  const { site, caller, use, args, info } = reading;
  const { model, operation } = use;
  if (isRoot(info)) {
    const decision = site.shared.policy.decide(caller.identity, { model, operation, args });
    if (!decision.allowed && decision.reason !== "needs-record")
      throw refused(site, caller, decision, info, notAuthorized(info), use);
  }
  if (!takesWhatIsWritten(site)) orRefused(site, caller, info, use, () => checkFieldsUsed(reading, "get"));
}

function prepareList(reading: Reading, operation: ListOperation): void {
  const { site, caller, use, args, info } = reading;
  orRefused(site, caller, info, use, () => {
    const question = { model: use.model, operation, args: keyArgs(args, use) };
    const condition = site.shared.policy.filter(caller.identity, question);
    checkFieldsUsed(reading, operation);
    const isQuery = site.hasResolver || isRoot(info);
    handCondition(info, condition, isQuery ? nameOf(site) : undefined);
    if (isRoot(info)) report(site, caller, listed(use.model, condition), use);
  });
}

/** Hidden fields are no way to choose records. One record is named by its key, whether or not the key is shown. */
function checkFieldsUsed({ site, caller, use, args, info }: Reading, operation: ListOperation | "get"): void {
  const { policy } = site.shared;
  for (const used of fieldsUsed(policy, use.model, args)) {
    if (used.isRelated || used.type !== use.model) checkBelow(site, caller, info, used, use);
    else
      policy.checkFilterFields(caller.identity, use.model, chosenBy(site, use, used, operation), operation);
  }
}

/** The arguments of a mutation under rules of its own choose no record to read. */
function takesWhatIsWritten({ typeName }: Site): boolean {
  return typeName === "Mutation";
}

function chosenBy(
  { shared }: Site,
  { model }: ModelField,
  { fields }: UsedFields,
  operation: Operation,
): readonly string[] {
  const key = operation === "get" ? keyOf(shared.policy, model) : [];
  return [...fields].filter((field) => !key.includes(field));
}

/**
 * Fields that are not of the records themselves. Nothing filters the records of a relation, so that the caller has to be
 * shown the fields on every one of them.
 */
export function checkBelow(
  site: Site,
  caller: Caller,
  info: GraphQLResolveInfo,
  { type, fields }: UsedFields,
  use?: ModelField,
): void {
  const { policy } = site.shared;
  const names = [...fields];
  const refuse = (decision: Denied, hidden: readonly string[]): never => {
    throw refused(site, caller, decision, info, unauthorizedOn(hidden, info), use);
  };
  if (!Object.hasOwn(policy.schema.models, type)) {
    for (const field of names) {
      const decision = policy.decideField(caller.identity, type, field);
      if (!decision.allowed) refuse(decision, [field]);
    }
    return;
  }
  const decision = policy.decide(caller.identity, { model: type, operation: "list", fields: names });
  if (!decision.allowed) return refuse(decision, names.length === 0 ? [type] : names);
  const hidden = decision.nullFields.filter((field) => fields.has(field));
  if (hidden.length === 0) return;
  const explanation = `${type}: ${hidden.join(", ")} is not shown on every record`;
  refuse(
    { allowed: false, reason: "field-denied", deniedFields: hidden, missing: false, explanation },
    hidden,
  );
}

/**
 * Of a field that answers records of several models, such as `search`: each is decided on, and a rejected one is an
 * error. That tells that it was found, so that the caller has to be shown what records are chosen by on every one.
 */
export function checkUsedOfSeveral(site: Site, caller: Caller, args: Args, info: GraphQLResolveInfo): void {
  // Federation's router sends what it knows of a record, to be resolved by its key.
  if (takesWhatIsWritten(site) || (site.fieldName === "_entities" && isRoot(info))) return;
  for (const model of site.models) {
    for (const used of fieldsUsed(site.shared.policy, model, args)) {
      const isOwn = !used.isRelated && used.type === model;
      const fields = isOwn ? chosenBy(site, { model, operation: "get" }, used, "get") : [...used.fields];
      if (fields.length > 0 || !isOwn) checkBelow(site, caller, info, { ...used, fields: new Set(fields) });
    }
  }
}

function listed(model: string, filter: Condition): Allowed {
  const explanation = `${model}: the records that the filter leaves`;
  return { allowed: true, rule: "filter", nullFields: [], writes: {}, filter, explanation };
}

/** After it: what it answers is decided on, record by record. */
export function answerRecords(reading: Reading, value: unknown): unknown {
  const { site, info } = reading;
  const place = openPlace(info.path, pageOf(reading));
  const arrived = whenThere(value, (answer) => (isMany(site) ? collected(answer) : answer));
  return whenThere(arrived, (answer) => admit(reading, place, answer));
}

function isMany({ returned }: Site): boolean {
  return returned?.kind === "list" || returned?.kind === "edges";
}

function admit(reading: Reading, place: Place, answer: unknown): unknown {
  const { site, info } = reading;
  const kind = site.returned?.kind;
  if (kind === "record") return admitRecord(reading, place, answer);
  if (kind === "count") checkCount(site, info, answer);
  if (!isMany(site)) return answer;
  checkTaken(reading);
  return admitList(reading, place, answer);
}

/** What the fields within an answer are told of the list that they are a part of. */
function pageOf({ site, use, info }: Reading): Page | undefined {
  const kind = site.returned?.kind;
  if ((kind !== "page" && kind !== "edges") || !isListing(use.operation)) return undefined;
  return { operation: use.operation, handed: handedAt(info) };
}

/** In development, a list whose resolver did not take its condition is an error. */
function checkTaken({ site, info }: Reading): void {
  const handed = handedAt(info);
  if (!site.shared.development || handed?.by === undefined || isHeld(handed)) return;
  throw new Error(
    `${handed.by} left its condition lying: query by filterOf(info) of @authmodes/graphql, or the list is filtered too late and its pages are short.`,
  );
}

/** A number cannot be filtered after it was counted. */
export function checkCount(site: Site, info: GraphQLResolveInfo, answer: unknown): void {
  const handed = handedAt(info);
  if (answer === null || answer === undefined || (handed !== undefined && isHeld(handed))) return;
  throw new Error(
    `${nameOf(site)} may count records that the caller may not read: count by filterOf(info) of @authmodes/graphql, here or in the resolver of the list.`,
  );
}

/** Lists may come one by one; only a whole one can be decided on before it is answered. */
function collected(value: unknown): unknown {
  if (typeof value !== "object" || value === null || !(Symbol.asyncIterator in value)) return value;
  return fromAsync(value as AsyncIterable<unknown>);
}

async function fromAsync(elements: AsyncIterable<unknown>): Promise<readonly unknown[]> {
  const all: unknown[] = [];
  for await (const element of elements) all.push(element);
  return all;
}

/** A record, or null where the caller is not to know that there is one. */
function admitRecord(reading: Reading, place: Place, value: unknown): unknown {
  if (value instanceof Error) return value;
  const { site, caller, use, info } = reading;
  const record = value === undefined ? null : value;
  if (record !== null) mustBeRecord(site, record, use.model);
  const decision = decide(reading, record);
  if (!decision.allowed || isRoot(info)) report(site, caller, decision, use);
  if (decision.allowed) {
    if (record !== null) place.records.set(record, { hidden: decision.nullFields, written: false });
    return record;
  }
  // If fields that the record has were asked for, an error would tell that it has them.
  if (decision.missing || record === null || isLookedUp(reading)) return null;
  throw notAuthorized(info);
}

/** Whether the record was chosen by other fields than its key. */
function isLookedUp({ site, use, args }: Reading): boolean {
  if (isListing(use.operation) || takesWhatIsWritten(site)) return false;
  const used = fieldsUsed(site.shared.policy, use.model, args);
  return used.some((part) => part.type !== use.model || chosenBy(site, use, part, "get").length > 0);
}

/** The records of a list that the caller may see, in the same order; of lists within it too. */
function admitList(reading: Reading, place: Place, value: unknown): unknown {
  if (value === null || value === undefined || value instanceof Error) return value;
  if (!isIterable(value)) return value;
  const admitAll = (all: readonly unknown[]): readonly unknown[] =>
    all.flatMap((element) => {
      if (Array.isArray(element)) return [admitList(reading, place, element)];
      return isShown(reading, place, element) ? [element] : [];
    });
  if (reading.site.returned?.kind === "edges") return admitEdges(reading, place, [...value]);
  return whenAll([...value], admitAll);
}

/**
 * The edges whose node the caller may see. A node that only a resolver of its own knows is decided on when it is
 * answered.
 */
function admitEdges(reading: Reading, place: Place, edges: readonly unknown[]): unknown {
  return whenAll(edges, (all) =>
    whenAll(all.map(nodeOf), (nodes) => all.filter((_edge, i) => isShown(reading, place, nodes[i]))),
  );
}

function nodeOf(edge: unknown): unknown {
  const node = isRecord(edge) ? edge["node"] : undefined;
  return typeof node === "function" ? undefined : node;
}

function whenAll(elements: readonly unknown[], next: (all: readonly unknown[]) => unknown): unknown {
  return elements.some(isPromise) ? Promise.all(elements.map(settled)).then(next) : next(elements);
}

function isIterable(value: unknown): value is Iterable<unknown> {
  return typeof value === "object" && value !== null && Symbol.iterator in value;
}

/** An element that fails is an error of its own, not of the list. */
async function settled(element: unknown): Promise<unknown> {
  try {
    return await element;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

function isShown(reading: Reading, place: Place, element: unknown): boolean {
  if (element === null || element === undefined || element instanceof Error) return true;
  mustBeRecord(reading.site, element, reading.use.model);
  const decision = decide(reading, element);
  if (!decision.allowed) return false;
  place.records.set(element, { hidden: decision.nullFields, written: false });
  return true;
}

function decide({ site, caller, use, args }: Reading, record: Values | null): Decision {
  const { model, operation } = use;
  return site.shared.policy.decide(caller.identity, { model, operation, record, args: keyArgs(args, use) });
}

/** Arguments by which records are looked up. An index is named by us, never by the caller. */
function keyArgs(args: Args, { index }: ModelField): Args {
  return { ...args, index };
}

/** How records are read if no root field says it: a part of a list like the list. */
export function useBelow({ model, kind }: Returned, site: Site, info: GraphQLResolveInfo): ModelField {
  const operation = pageAround(site, info)?.operation ?? (kind === "record" ? "get" : "list");
  return { model, operation };
}

/** The list that a field is a part of. */
export function pageAround({ role }: Site, { path }: GraphQLResolveInfo): Page | undefined {
  return role === undefined ? undefined : placeOfParent(path)?.page;
}

function nameOf({ typeName, fieldName }: Pick<Site, "typeName" | "fieldName">): string {
  return `${typeName}.${fieldName}`;
}

function isRoot({ path }: GraphQLResolveInfo): boolean {
  return path.prev === undefined;
}

export function isListing(operation: Operation): operation is ListOperation {
  return operation === "list" || operation === "search" || operation === "sync";
}

export function isRecord(value: unknown): value is object & Values {
  return typeof value === "object" && value !== null;
}

/** @param model that the rules will look at it as */
export function mustBeRecord(
  site: Pick<Site, "shared" | "typeName" | "fieldName">,
  value: unknown,
  model: string,
): asserts value is object & Values {
  if (!isRecord(value) || Array.isArray(value)) {
    const what = Array.isArray(value) ? "list" : typeof value;
    throw new TypeError(`${nameOf(site)} answered a ${what} where rules look at a record.`);
  }
  const name = value["__typename"];
  const own = typeof name === "string" ? site.shared.types.models.of({ name }) : undefined;
  if (own === undefined || own === model) return;
  throw new TypeError(`${nameOf(site)} answered a ${own} where rules look at a ${model}.`);
}
