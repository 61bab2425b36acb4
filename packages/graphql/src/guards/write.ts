import { maxNesting, nestsTooDeeply, within } from "@authmodes/core/adapter";
import type { Allowed, Values } from "@authmodes/rules";
import { invalidInput, refusalOf, unauthorizedOn } from "../field-refusal.ts";
import { own } from "../schema/rule-fields.ts";
import type { WriteArguments } from "../schema/write-arguments.ts";
import { answerRecords, answerWritten } from "./answered-records.ts";
import { guard } from "./field-guards.ts";
import { checkConditions } from "./hidden-fields.ts";
import { useWithin } from "./read.ts";
import { checkRecord, type GuardedField, type Resolver, type ResolverCall } from "./resolver-call.ts";

/** Guards create, update and delete: decides before the resolver runs, by the input and the stored record. */
export function guardWrite(field: GuardedField, written: WriteArguments): Resolver {
  const { use } = written;
  return guard(field, async (call) => {
    const { args, info } = call;
    if (nestsTooDeeply(args)) throw invalidInput(`The input nests deeper than ${maxNesting} levels`, info);
    const input = written.inputOf(args);
    const record = use.operation === "create" ? undefined : await load(call, written, input);
    const { writes, filter } = decide(call, written, input, record);
    for (const conditions of written.conditionsOf(args))
      checkConditions(call, use, conditions, record ?? undefined);
    call.position.stored = record ?? undefined;
    if (use.operation !== "create") call.position.decidedBy = filter;
    return answerOf(call, written, await call.resolve(written.withWrites(args, writes)));
  });
}

/** Loads the stored record: null if there is none, undefined if there is no `load` for the model. */
async function load(
  call: ResolverCall,
  { use, key }: WriteArguments,
  input: Values,
): Promise<Values | null | undefined> {
  const { args, context, info, field } = call;
  const find = own(field.options.load, use.model);
  if (find === undefined) return undefined;
  const wanted: Record<string, unknown> = {};
  for (const name of key) {
    const given = args[name] ?? input[name];
    // The decision and the write must be about the same record.
    if (input[name] !== undefined && given !== input[name]) throw unauthorizedOn([name], info);
    // Many stores ignore an undefined key, and would return any record.
    if (given === undefined || given === null) throw invalidInput(`The input has no ${name}`, info);
    wanted[name] = given;
  }
  const wait = { what: `protect({ load: { ${use.model} } })`, reason: "load_timeout" };
  const record: unknown = await within(wait, (abort) => find(wanted, context, abort));
  if (record === undefined || record === null) return null;
  checkRecord(call, record, use.model);
  return record;
}

function decide(
  call: ResolverCall,
  { use }: WriteArguments,
  input: Values,
  record: Values | null | undefined,
): Allowed {
  const { model, operation } = use;
  const decision = call.policy.decide(call.identity, {
    model,
    operation,
    ...(record !== undefined && { record }),
    ...(operation !== "delete" && { input }),
  });
  if (!decision.allowed) throw call.denied(decision, use, refusalOf(decision, call.info));
  call.report(decision, use);
  return decision;
}

function answerOf(call: ResolverCall, { use }: WriteArguments, answer: unknown): unknown {
  const { returned } = call.field;
  if (answer === null || answer === undefined || answer instanceof Error || returned === undefined)
    return answer;
  return returned.kind === "record" && returned.model === use.model
    ? answerWritten(call, use, answer)
    : answerRecords(call, useWithin(call, returned), answer);
}
