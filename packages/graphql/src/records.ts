import { isPromise } from "@authmodes/core";
import type { Allowed, Condition, Decision, ListOperation, Operation, Values } from "@authmodes/rules";
import type { GraphQLArgument, GraphQLResolveInfo } from "graphql";
import { fieldsUsed } from "./filter-fields.ts";
import { handCondition, isIgnored } from "./handed.ts";
import type { ModelField } from "./options.ts";
import { openPlace, type Place, placeOfParent } from "./places.ts";
import { notAuthorized, unauthorizedOn } from "./refusal.ts";
import type { Returned } from "./returned.ts";
import { type Args, type Caller, orRefused, refused, report, type Site, whenThere } from "./site.ts";

// Records on their way into an answer: each is decided on, whatever resolver it comes from.

/** A field that answers records of a model, with the operation by which they are read. */
export interface Reading {
  readonly site: Site;
  readonly caller: Caller;
  readonly use: ModelField;
  readonly args: Args;
  readonly info: GraphQLResolveInfo;
}

/** Before the resolver runs: whom no rule reaches is refused, and lists are handed their condition. */
export function prepare(reading: Reading, definitions: readonly GraphQLArgument[]): void {
  const { use, info } = reading;
  if (isListing(use.operation)) {
    // The items of a connection were prepared with it.
    if (operationAround(info) === undefined) prepareList(reading, use.operation, definitions);
  } else if (isRoot(info)) {
    prepareGet(reading);
  }
}

function prepareGet({ site, caller, use, args, info }: Reading): void {
  const { model, operation } = use;
  const decision = site.shared.policy.decide(caller.identity, { model, operation, args });
  if (decision.allowed || decision.reason === "needs-record") return;
  throw refused(site, caller, decision, info, notAuthorized(info), use);
}

/** The list's condition; and hidden fields are no way to choose records. */
function prepareList(
  reading: Reading,
  operation: ListOperation,
  definitions: readonly GraphQLArgument[],
): void {
  const { site, caller, use, args, info } = reading;
  const { policy } = site.shared;
  orRefused(site, caller, info, use, () => {
    const condition = policy.filter(caller.identity, {
      model: use.model,
      operation,
      args: keyArgs(args, use),
    });
    for (const [type, fields] of fieldsUsed(policy, use.model, args, definitions)) {
      checkUsed(reading, type, [...fields], type === use.model ? operation : "list");
    }
    handCondition(info, condition);
    if (isRoot(info)) report(site, caller, listed(use.model, condition), use);
  });
}

function checkUsed(
  reading: Reading,
  type: string,
  fields: readonly string[],
  operation: ListOperation,
): void {
  const { site, caller, use, info } = reading;
  const { policy } = site.shared;
  if (Object.hasOwn(policy.schema.models, type))
    return policy.checkFilterFields(caller.identity, type, fields, operation);
  for (const field of fields) {
    const decision = policy.decideField(caller.identity, type, field);
    if (!decision.allowed) throw refused(site, caller, decision, info, unauthorizedOn([field], info), use);
  }
}

function listed(model: string, filter: Condition): Allowed {
  const explanation = `${model}: the records that the filter leaves`;
  return { allowed: true, rule: "filter", nullFields: [], writes: {}, filter, explanation };
}

/** After it: what it answers is decided on, record by record. */
export function answerRecords(reading: Reading, value: unknown): unknown {
  const { site, use, info } = reading;
  const operation = isListing(use.operation) ? use.operation : undefined;
  const place = openPlace(info.path, operation);
  return whenThere(value, (answer) => {
    const isQuery = site.hasResolver || isRoot(info);
    if (isQuery && site.shared.development && isIgnored(info)) {
      throw new Error(
        `${site.typeName}.${site.fieldName} left its condition lying: query by filterOf(info) of @authmodes/graphql, or the list is filtered too late and its pages are short.`,
      );
    }
    if (site.returned?.kind === "list") return admitList(reading, place, answer);
    return site.returned?.kind === "record" ? admitRecord(reading, place, answer) : answer;
  });
}

/** A record, or null where the caller is not to know that there is one. */
function admitRecord(reading: Reading, place: Place, value: unknown): unknown {
  if (value instanceof Error) return value;
  const { site, caller, use, info } = reading;
  const record = value === undefined ? null : value;
  if (record !== null) mustBeRecord(site, record);
  const decision = decide(reading, record);
  if (!decision.allowed || isRoot(info)) report(site, caller, decision, use);
  if (decision.allowed) {
    if (record !== null) place.records.set(record, { hidden: decision.nullFields, written: false });
    return record;
  }
  if (decision.missing || record === null) return null;
  throw notAuthorized(info);
}

/** The records of a list that the caller may see, in the same order; of lists within it too. */
function admitList(reading: Reading, place: Place, value: unknown): unknown {
  if (value === null || value === undefined || value instanceof Error) return value;
  if (typeof value !== "object" || !(Symbol.iterator in value)) return value;
  const elements: readonly unknown[] = [...(value as Iterable<unknown>)];
  const admit = (all: readonly unknown[]): readonly unknown[] =>
    all.flatMap((element) => {
      if (Array.isArray(element)) return [admitList(reading, place, element)];
      return isShown(reading, place, element) ? [element] : [];
    });
  return elements.some(isPromise) ? Promise.all(elements.map(settled)).then(admit) : admit(elements);
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
  mustBeRecord(reading.site, element);
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

/** How records are read where no root field says it. */
export function useBelow({ model, kind }: Returned, info: GraphQLResolveInfo): ModelField {
  return { model, operation: operationAround(info) ?? (kind === "record" ? "get" : "list") };
}

/** For the items of a connection: the operation that the connection was let through by. */
function operationAround(info: GraphQLResolveInfo): ListOperation | undefined {
  return info.fieldName === "items" ? placeOfParent(info.path)?.operation : undefined;
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

export function mustBeRecord(site: Site, value: unknown): asserts value is object & Values {
  if (isRecord(value)) return;
  throw new TypeError(
    `${site.typeName}.${site.fieldName} answered a ${typeof value} where rules look at a record.`,
  );
}
