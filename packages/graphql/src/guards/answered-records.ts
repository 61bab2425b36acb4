import { isPromise } from "@authmodes/core/adapter";
import type { Decision, Values } from "@authmodes/rules";
import { notAuthorized } from "../field-refusal.ts";
import type { ModelField } from "../options.ts";
import { isListing } from "../schema/rule-fields.ts";
import { isStream } from "./event-stream.ts";
import { isLookedUp } from "./hidden-fields.ts";
import { checkRecord, isRecord, type ResolverCall, whenThere } from "./resolver-call.ts";

// Records on their way into an answer: each is decided on, from every resolver.

/** Decides on what the resolver of a field answers, record by record. */
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

/** The record after a write, with the fields null that answers to writes leave out. */
export function answerWritten(call: ResolverCall, use: ModelField, record: unknown): unknown {
  checkRecord(call, record, use.model);
  const hidden = call.policy.nullFieldsAfterWrite(call.identity, use.model, record);
  call.position.records.set(record, { hidden, written: true });
  return record;
}

/** In development, a list whose resolver did not take its condition is an error. */
function checkFilterTaken({ field, position: { filter } }: ResolverCall): void {
  if (!field.options.development || filter?.by === undefined || filter.isApplied) return;
  throw new Error(
    `${filter.by} did not take its condition: query by filterOf(info) of @authmodes/graphql, or the list is filtered too late and its pages are short.`,
  );
}

/** A number cannot be filtered after it was counted. */
export function checkCount({ name, position: { filter } }: ResolverCall, answer: unknown): void {
  if (answer === null || answer === undefined || filter?.isApplied === true) return;
  throw new Error(
    `${name} may count records that the caller may not read: count by filterOf(info) of @authmodes/graphql, here or in the resolver of the list.`,
  );
}

/** Lists may come one by one; only a whole one can be decided on before it is answered. */
async function collected(elements: AsyncIterable<unknown>): Promise<readonly unknown[]> {
  const all: unknown[] = [];
  for await (const element of elements) all.push(element);
  return all;
}

/** The record, or null if the caller is not to know that there is one. */
function admitRecord(call: ResolverCall, use: ModelField, value: unknown): unknown {
  if (value instanceof Error) return value;
  const record = value === undefined ? null : value;
  if (record !== null) checkRecord(call, record, use.model);
  const decision = decide(call, use, record);
  if (!decision.allowed || call.isRoot) call.report(decision, use);
  // If fields that the record has were asked for, an error would tell that it has them.
  if (decision.allowed) return record;
  if (decision.missing || record === null || isLookedUp(call, use)) return null;
  throw notAuthorized(call.info);
}

/** The records of a list that the caller may see, in the same order; of lists within it too. */
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

/** A node that only a resolver of its own knows is decided on when it is answered. */
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

/** An element that fails is an error of its own, not of the list. */
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

/** Decides on a record, and keeps what is hidden of it for the fields of the record. */
function decide(
  call: ResolverCall,
  { model, operation, index }: ModelField,
  record: Values | null,
): Decision {
  // An index is named by us, never by the caller.
  const args = { ...call.args, index };
  const decision = call.policy.decide(call.identity, { model, operation, record, args });
  if (decision.allowed && record !== null)
    call.position.records.set(record, { hidden: decision.nullFields, written: false });
  return decision;
}
