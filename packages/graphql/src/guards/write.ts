import { maxNesting, nestsTooDeeply, within } from "@authmodes/core";
import type { Allowed, Decision, Question, Values } from "@authmodes/rules";
import type { GraphQLArgument, GraphQLResolveInfo } from "graphql";
import { fieldsUsed } from "./used-fields.ts";
import { handRecord } from "./list-filter.ts";
import { conditionsOf, inputOf, withWrites } from "../schema/write-arguments.ts";
import type { ModelField } from "../options.ts";
import { openPlace } from "./response-position.ts";
import { FieldRefusal, refusalOf, unauthorizedOn } from "../field-refusal.ts";
import { answerRecords, checkBelow, mustBeRecord, useBelow } from "./read.ts";
import {
  type Args,
  type Caller,
  enter,
  enterByRules,
  refused,
  report,
  type Resolver,
  type Site,
} from "./resolver-call.ts";

// create, update, delete: decided before the resolver runs, on the input and on the record as it is stored.

export interface Writing {
  readonly site: Site;
  readonly use: ModelField;
  readonly ruled: boolean;
  /** The fields of the model's key. */
  readonly key: readonly string[];
  readonly definitions: readonly GraphQLArgument[];
}

export function guardWrite(writing: Writing): Resolver {
  const { site, use, ruled, definitions } = writing;
  return async (source, args, context, info) => {
    const caller = ruled ? enterByRules(site, context, info) : enter(site, context, info);
    if (nestsTooDeeply(args)) throw tooDeep(info);
    const input = inputOf(use, definitions, site.shared.policy.fields(use.model), args);
    const record = use.operation === "create" ? undefined : await load(writing, args, input, context, info);
    const decision = decide(writing, caller, record, input, info);
    checkConditions(writing, caller, args, record, info);
    if (record !== undefined && record !== null) handRecord(info, record);
    const writes = withWrites(use, definitions, args, decision.writes);
    const answer = await site.resolve(source, writes, context, info);
    return written(writing, caller, args, answer, info);
  };
}

async function load(
  { site, use, key }: Writing,
  args: Args,
  input: Values,
  context: unknown,
  info: GraphQLResolveInfo,
): Promise<Values | null | undefined> {
  const find = Object.hasOwn(site.shared.load, use.model) ? site.shared.load[use.model] : undefined;
  if (find === undefined) return undefined;
  const wanted: Record<string, unknown> = {};
  for (const field of key) {
    const given = args[field] ?? input[field];
    // Decided on one record and writing another?
    if (input[field] !== undefined && given !== input[field]) throw unauthorizedOn([field], info);
    // Many a store takes a key that is undefined for no condition at all.
    if (given === undefined || given === null)
      throw new FieldRefusal(`The input has no ${field}`, info, "BadRequestException");
    wanted[field] = given;
  }
  const wait = { what: `protect({ load: { ${use.model} } })`, reason: "load_timeout" };
  const record: unknown = await within(wait, (call) => find(wanted, context, call));
  if (record === undefined || record === null) return null;
  mustBeRecord(site, record, use.model);
  return record;
}

function tooDeep(info: GraphQLResolveInfo): FieldRefusal {
  return new FieldRefusal(`The input nests deeper than ${maxNesting} levels`, info, "BadRequestException");
}

function decide(
  { site, use }: Writing,
  caller: Caller,
  record: Values | null | undefined,
  input: Values,
  info: GraphQLResolveInfo,
): Allowed {
  const question: Question = {
    model: use.model,
    operation: use.operation,
    ...(record !== undefined && { record }),
    ...(use.operation !== "delete" && { input }),
  };
  const decision: Decision = site.shared.policy.decide(caller.identity, question);
  if (!decision.allowed) throw refused(site, caller, decision, info, refusalOf(decision, info), use);
  report(site, caller, decision, use);
  return decision;
}

/** `condition` makes a write depend on fields of the stored record: whether it succeeds tells their values. */
function checkConditions(
  { site, use, key, definitions }: Writing,
  caller: Caller,
  args: Args,
  record: Values | null | undefined,
  info: GraphQLResolveInfo,
): void {
  const conditions = conditionsOf(use, definitions, site.shared.policy.fields(use.model), key, args);
  checkReadable(site, caller, use, conditions, info, record ?? undefined);
}

/** Refuses to choose records by fields that the caller may not read, on this record or, without one, on some record. */
export function checkReadable(
  site: Site,
  caller: Caller,
  use: ModelField,
  conditions: readonly Values[],
  info: GraphQLResolveInfo,
  record?: Values,
): void {
  const { policy } = site.shared;
  for (const used of conditions.flatMap((given) => fieldsUsed(policy, use.model, given))) {
    if (used.isRelated || used.type !== use.model) {
      checkBelow(site, caller, info, used, use);
      continue;
    }
    for (const field of used.fields) {
      const decision = policy.decideField(caller.identity, use.model, field, record);
      if (!decision.allowed) throw refused(site, caller, decision, info, unauthorizedOn([field], info), use);
    }
  }
}

/** The record after the write, with the fields null that answers to writes leave out. */
function written(
  { site, use }: Writing,
  caller: Caller,
  args: Args,
  answer: unknown,
  info: GraphQLResolveInfo,
): unknown {
  const { returned, shared } = site;
  if (answer === null || answer === undefined || answer instanceof Error || returned === undefined)
    return answer;
  if (returned.kind !== "record" || returned.model !== use.model) {
    const reading = { site, caller, use: useBelow(returned, site, info), args, info };
    return answerRecords(reading, answer);
  }
  mustBeRecord(site, answer, use.model);
  const hidden = shared.policy.nullFieldsAfterWrite(caller.identity, use.model, answer);
  openPlace(info.path).records.set(answer, { hidden, written: true });
  return answer;
}
