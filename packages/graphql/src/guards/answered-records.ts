import { isPromise } from "@authmodes/core/adapter";
import type { Decision, Values } from "@authmodes/rules";
import { notAuthorized } from "../field-refusal.ts";
import type { ModelField } from "../options.ts";
import { isListing } from "../schema/rule-fields.ts";
import { isStream } from "./event-stream.ts";
import { isLookedUp } from "./hidden-fields.ts";
import { checkRecord, isRecord, type ResolverCall, whenThere } from "./resolver-call.ts";

// Decides about each record that a resolver returns.

/** Decides about the records that the resolver of a field returns. */
export function answerRecords(call: ResolverCall, use: ModelField, value: unknown): unknown {
  const kind = call.field.returned?.kind;
  const isMany = kind === "list" || kind === "edges";
  if ((kind === "page" || kind === "edges") && isListing(use.operation))
    call.position.page = { operation: use.operation, filter: call.position.filter };
  const arrived = whenThere(value, (answer) => (isMany && isStream(answer) ? collected(answer) : answer));
  return whenThere(arrived, (answer) => {
    if (kind === "record") return admitRecord(call, use, answer);
    if (kind === "count") checkCount(call, answer);
    if (!isMany) return answer;
    checkFilterTaken(call);
    return admitList(call, use, answer);
  });
}

/** The record after a write, with the fields null that answers to writes do not show. */
export function answerWritten(call: ResolverCall, use: ModelField, record: unknown): unknown {
  checkRecord(call, record, use.model);
  const { publishesAnswers = false } = call.field.options;
  const hidden = call.policy.nullFieldsAfterWrite(call.identity, use.model, record, publishesAnswers);
  call.position.records.set(record, { hidden, written: true });
  return record;
}

/** In development, it is an error if the resolver of a list did not take its filter. */
function checkFilterTaken({ field, position: { filter } }: ResolverCall): void {
  if (!field.options.development || filter?.by === undefined || filter.isApplied) return;
  throw new Error(
    `${filter.by} did not take its filter: query with filterOf(info) of @authmodes/graphql. Otherwise records are removed after the query, and pages are short.`,
  );
}

/** A count cannot be filtered later, so that it needs a resolver that took the filter. */
export function checkCount({ name, position: { filter } }: ResolverCall, answer: unknown): void {
  if (answer === null || answer === undefined || filter?.isApplied === true) return;
  throw new Error(
    `${name} may count records that the caller may not read: count with filterOf(info) of @authmodes/graphql, here or in the resolver of the list.`,
  );
}

/** A list from an async iterator is collected first, then filtered. */
async function collected(elements: AsyncIterable<unknown>): Promise<readonly unknown[]> {
  const all: unknown[] = [];
  for await (const element of elements) all.push(element);
  return all;
}

/** The record; null if the caller may not learn that it exists. */
function admitRecord(call: ResolverCall, use: ModelField, value: unknown): unknown {
  if (value instanceof Error) return value;
  const record = value === undefined ? null : value;
  if (record !== null) checkRecord(call, record, use.model);
  const decision = decide(call, use, record);
  if (!decision.allowed || call.isRoot) call.report(decision, use);
  // If the record was looked up by a field, an error would confirm the value of that field.
  if (decision.allowed) return record;
  if (decision.missing || record === null || isLookedUp(call, use)) return null;
  throw notAuthorized(call.info);
}

/** The records of a list, and of lists within it, that the caller may see, in the same order. */
function admitList(call: ResolverCall, use: ModelField, value: unknown): unknown {
  if (!isRecord(value) || value instanceof Error || !(Symbol.iterator in value)) return value;
  const elements = [...(value as Iterable<unknown>)];
  if (call.field.returned?.kind === "edges") return admitEdges(call, use, elements);
  return whenAll(elements, (all) =>
    all.flatMap((element) => {
      if (Array.isArray(element)) return [admitList(call, use, element)];
      return isShown(call, use, element) ? [element] : [];
    }),
  );
}

/** A node that has a resolver is decided on when that returns it. */
function admitEdges(call: ResolverCall, use: ModelField, edges: readonly unknown[]): unknown {
  return whenAll(edges, (all) =>
    whenAll(all.map(nodeOf), (nodes) => all.filter((_edge, i) => isShown(call, use, nodes[i]))),
  );
}

function nodeOf(edge: unknown): unknown {
  const node = isRecord(edge) ? edge["node"] : undefined;
  return typeof node === "function" ? undefined : node;
}

function whenAll(elements: readonly unknown[], next: (all: readonly unknown[]) => unknown): unknown {
  return elements.some(isPromise) ? Promise.all(elements.map(settled)).then(next) : next(elements);
}

/** A rejected element is an error of that element, not of the list. */
async function settled(element: unknown): Promise<unknown> {
  try {
    return await element;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

function isShown(call: ResolverCall, use: ModelField, element: unknown): boolean {
  if (element === null || element === undefined || element instanceof Error) return true;
  checkRecord(call, element, use.model);
  return decide(call, use, element).allowed;
}

/** Decides about a record, and stores its hidden fields for the guards of its fields. */
function decide(
  call: ResolverCall,
  { model, operation, index }: ModelField,
  record: Values | null,
): Decision {
  // The index comes from the options, never from the caller.
  const args = { ...call.args, index };
  const decision = call.policy.decide(call.identity, { model, operation, record, args });
  if (decision.allowed && record !== null)
    call.position.records.set(record, { hidden: decision.nullFields, written: false });
  return decision;
}
