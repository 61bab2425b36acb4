import type { Denied, ListOperation, Values } from "@authmodes/rules";
import { getNamedType } from "graphql";
import { unauthorizedOn } from "../field-refusal.ts";
import type { ModelField } from "../options.ts";
import { isListing, isModel, keyOf } from "../schema/rule-fields.ts";
import { denial, type ResolverCall } from "./resolver-call.ts";
import { fieldsUsed } from "./used-fields.ts";

// Rejects arguments that filter, sort, look up or make a write depend on a hidden field, since the result would reveal its
// value.

/** Checks the arguments of a read. A single record may be looked up by its key, even if the key is hidden. */
export function checkArguments(call: ResolverCall, use: ModelField, operation: ListOperation | "get"): void {
  const { policy, identity, args } = call;
  const { model } = use;
  checkUsed(call, model, args, use, (fields) => {
    const chosen = operation === "get" ? besideKey(call, model, fields) : [...fields];
    policy.checkFilterFields(identity, model, chosen, operation);
  });
}

/** Checks fields that a write or a subscription depends on, for this record or, without one, for any record. */
export function checkConditions(
  call: ResolverCall,
  use: ModelField,
  conditions: Values,
  record?: Values,
): void {
  checkUsed(call, use.model, conditions, use, (fields) => {
    for (const field of fields) {
      const decision = call.policy.decideField(call.identity, use.model, field, record);
      if (!decision.allowed) throw call.denied(decision, use, unauthorizedOn([field], call.info));
    }
  });
}

/** Checks the arguments of a subscription that is about no model: they select its events. */
export function checkEventArguments(call: ResolverCall): void {
  const { name } = getNamedType(call.info.returnType);
  const type = call.field.returned?.model ?? name;
  checkUsed(call, type, call.args, undefined, (fields) => checkOnEvery(call, type, [...fields]));
  checkArgumentsOfSeveral(call);
}

/**
 * Checks the arguments of a field that returns records of several models, as `search` does. A denied record is an error,
 * which reveals that it was found, so that the fields in the arguments must be shown on every record.
 */
export function checkArgumentsOfSeveral(call: ResolverCall): void {
  // Federation's router sends the fields that it has of a record, which is resolved by its key.
  if (takesInput(call) || (call.field.fieldName === "_entities" && call.isRoot)) return;
  for (const model of call.field.models ?? []) {
    checkUsed(call, model, call.args, undefined, (fields) => {
      const chosen = besideKey(call, model, fields);
      if (chosen.length > 0) checkOnEvery(call, model, chosen);
    });
  }
}

/** The arguments of a mutation with rules of its own do not select records to read. */
export function takesInput({ field }: ResolverCall): boolean {
  return field.typeName === "Mutation";
}

/** Whether the record was looked up by other fields than its key. */
export function isLookedUp(call: ResolverCall, { model, operation }: ModelField): boolean {
  if (isListing(operation) || takesInput(call)) return false;
  return fieldsUsed(call.policy, model, call.args).some(
    ({ type, fields }) => type !== model || besideKey(call, model, fields).length > 0,
  );
}

function besideKey({ policy }: ResolverCall, model: string, fields: ReadonlySet<string>): readonly string[] {
  const key = keyOf(policy, model);
  return [...fields].filter((field) => !key.includes(field));
}

/** @param checkOwn checks the fields of the records themselves */
function checkUsed(
  call: ResolverCall,
  model: string,
  given: Values,
  use: ModelField | undefined,
  checkOwn: (fields: ReadonlySet<string>) => void,
): void {
  for (const { type, isRelated, fields } of fieldsUsed(call.policy, model, given)) {
    if (isRelated || type !== model) checkOnEvery(call, type, [...fields], use);
    else checkOwn(fields);
  }
}

/**
 * The records of a relation are not filtered, so that the fields must be shown to the caller on every one of them.
 * @param type a model, or a nested type
 */
function checkOnEvery(call: ResolverCall, type: string, fields: readonly string[], use?: ModelField): void {
  const { policy, identity, info } = call;
  const reject = (decision: Denied, hidden: readonly string[]): never => {
    throw call.denied(decision, use, unauthorizedOn(hidden, info));
  };
  if (!isModel(policy, type)) {
    for (const field of fields) {
      const decision = policy.decideField(identity, type, field);
      if (!decision.allowed) reject(decision, [field]);
    }
    return;
  }
  const decision = policy.decide(identity, { model: type, operation: "list", fields });
  if (!decision.allowed) return reject(decision, fields.length === 0 ? [type] : fields);
  const hidden = decision.nullFields.filter((field) => fields.includes(field));
  if (hidden.length === 0) return;
  const explanation = `${type}: ${hidden.join(", ")} is not shown on every record`;
  reject(denial("field-denied", explanation, hidden), hidden);
}
