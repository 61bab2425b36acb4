import type { Denied, ListOperation, Values } from "@authmodes/rules";
import { unauthorizedOn } from "../field-refusal.ts";
import type { ModelField } from "../options.ts";
import { isListing, isModel, keyOf } from "../schema/rule-fields.ts";
import { denial, type ResolverCall } from "./resolver-call.ts";
import { fieldsUsed } from "./used-fields.ts";

// Hidden fields are no way to choose records: arguments that filter, sort, look up or make a write depend on them are
// rejected.

/** Before records are read. One record is named by its key, whether or not the key is shown. */
export function checkArguments(call: ResolverCall, use: ModelField, operation: ListOperation | "get"): void {
  const { policy, identity, args } = call;
  const { model } = use;
  checkUsed(call, model, args, use, (fields) => {
    const chosen = operation === "get" ? besideKey(call, model, fields) : [...fields];
    policy.checkFilterFields(identity, model, chosen, operation);
  });
}

/** Before a write or a subscription depends on fields: of this record or, without one, of some record. */
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

/**
 * Before records of several models are read, as by `search`: each is decided on, and a rejected one is an error. That
 * tells that it was found, so that the caller has to be shown what records are chosen by on every one.
 */
export function checkArgumentsOfSeveral(call: ResolverCall): void {
  // Federation's router sends what it knows of a record, to be resolved by its key.
  if (takesInput(call) || (call.field.fieldName === "_entities" && call.isRoot)) return;
  for (const model of call.field.models ?? []) {
    checkUsed(call, model, call.args, undefined, (fields) => {
      const chosen = besideKey(call, model, fields);
      if (chosen.length > 0) checkOnEvery(call, model, chosen);
    });
  }
}

/** The arguments of a mutation under rules of its own choose no record to read. */
export function takesInput({ field }: ResolverCall): boolean {
  return field.typeName === "Mutation";
}

/** Whether the record was chosen by other fields than its key. */
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

/** @param checkOwn for fields of the records themselves */
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
 * Nothing filters the records of a relation, so that the caller has to be shown the fields on every one of them.
 * @param type a model, or a type within one
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
