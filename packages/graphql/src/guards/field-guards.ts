import type { Values } from "@authmodes/rules";
import { defaultFieldResolver, type GraphQLTypeResolver } from "graphql";
import type { GuardOptions, ModelField } from "../options.ts";
import { answerRecords, checkCount } from "./answered-records.ts";
import { checkArgumentsOfSeveral } from "./hidden-fields.ts";
import { pageAround, prepareRead, useWithin } from "./read.ts";
import {
  checkRecord,
  denial,
  isRecord,
  type GuardedField,
  type Resolver,
  ResolverCall,
  whenThere,
} from "./resolver-call.ts";
import { positionAbove, type SeenRecord } from "./response-position.ts";

// Guards of fields that are read.

/** @param use what a root field does with a model; undefined if the type of the field says it */
export function guardField(field: GuardedField, use?: ModelField): Resolver {
  return guard(field, (call) => answerField(call, use));
}

/**
 * Guards a field of a record: null with an error if the caller may not read it. The guard that returned the record decided
 * about it; a record of an interface or a union is decided on here.
 */
export function guardRecordField(field: GuardedField): Resolver {
  return guard({ ...field, resolve: displaying(field) }, (call) =>
    isShown(call) ? answerField(call) : null,
  );
}

/** Guards a field of an object that is not a record, for example of a page. */
export function guardPlainField(field: GuardedField): Resolver {
  if (field.role === "count") return guard(field, answerCount);
  return field.role === "info" ? guard(field, answerInfo) : guardField(field);
}

/** Guards the type of an interface or a union: a record is decided on before its type is revealed. */
export function guardType(
  options: GuardOptions,
  resolve: GraphQLTypeResolver<unknown, unknown>,
): GraphQLTypeResolver<unknown, unknown> {
  return (value, context, info, abstract) =>
    whenThere(resolve(value, context, info, abstract), (name) => {
      if (typeof name !== "string") return undefined;
      const model = options.types.modelOf({ name });
      if (model === undefined) return name;
      const { parentType, fieldName } = info;
      const field = { options, typeName: parentType.name, fieldName, resolve: defaultFieldResolver };
      const call: ResolverCall = new ResolverCall(field, value, {}, context, info);
      const record = isRecord(value) ? value : null;
      // It was decided on already as part of a list of one model.
      if (record !== null && call.position.records.has(record)) return name;
      if (record !== null) checkRecord(call, record, model);
      const decision = call.policy.decide(call.identity, { model, operation: "get", record });
      if (decision.allowed) return name;
      throw call.denied(decision);
    });
}

export function guard(field: GuardedField, answer: (call: ResolverCall) => unknown): Resolver {
  return (source, args, context, info) => {
    const call = new ResolverCall(field, source, args, context, info);
    call.enter();
    return answer(call);
  };
}

function answerField(call: ResolverCall, ofRoot?: ModelField): unknown {
  const { returned } = call.field;
  const use = ofRoot ?? (returned && useWithin(call, returned));
  if (use === undefined) {
    checkArgumentsOfSeveral(call);
    return call.resolve();
  }
  prepareRead(call, use);
  return answerRecords(call, use, call.resolve());
}

/** Answers a count of a page, or its aggregates. */
function answerCount(call: ResolverCall): unknown {
  const page = pageAround(call);
  // Outside a page, the rules of the field that returned the object decide.
  if (page === undefined && call.field.options.types.modelOfPage(call.info.parentType) === undefined)
    return call.resolve();
  call.position.filter = page?.filter?.within(undefined);
  return whenThere(call.resolve(), (count) => {
    checkCount(call, count);
    return count;
  });
}

/** Answers an object of a page, which may hold counts. */
function answerInfo(call: ResolverCall): unknown {
  call.position.page = pageAround(call);
  return call.resolve();
}

/** @returns false for null without an error */
function isShown(call: ResolverCall): boolean {
  const { field, source, identity, policy } = call;
  const { typeName: model, fieldName } = field;
  checkRecord(call, source, model);
  const { hidden, written } = seenOf(call, source);
  if (!hidden.includes(fieldName)) return true;
  const decision = policy.decideField(identity, model, fieldName, source);
  if (!decision.allowed) throw call.denied(decision);
  if (written) return false;
  throw call.denied(denial("no-matching-role", `${call.name}: hidden on this record`));
}

function seenOf(call: ResolverCall, record: Values): SeenRecord {
  const seen = positionAbove(call.info.path)?.records.get(record);
  if (seen !== undefined) return seen;
  const { identity, policy, field } = call;
  const decision = policy.decide(identity, { model: field.typeName, operation: "get", record });
  if (!decision.allowed) throw call.denied(decision);
  return { hidden: decision.nullFields, written: false };
}

/** Shows owners as clients know them: the last part of `sub::username`. */
function displaying({ options, typeName, fieldName, resolve }: GuardedField): Resolver {
  const show = (value: unknown): unknown =>
    options.policy.displayed(typeName, { [fieldName]: value })[fieldName];
  if (show("stored::shown") !== "shown") return resolve;
  return (source, args, context, info) => whenThere(resolve(source, args, context, info), show);
}
