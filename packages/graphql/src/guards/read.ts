import type { ListOperation } from "@authmodes/rules";
import { refusalOf } from "../field-refusal.ts";
import type { ModelField } from "../options.ts";
import type { ReturnedRecords } from "../schema/record-types.ts";
import { isListing } from "../schema/rule-fields.ts";
import { checkArguments, takesInput } from "./hidden-fields.ts";
import type { ResolverCall } from "./resolver-call.ts";
import { ListFilter, type Page, positionAbove } from "./response-position.ts";

// Before a resolver that returns records runs, callers that no rule admits are rejected, and lists get their filter.

export function prepareRead(call: ResolverCall, use: ModelField): void {
  const page = pageAround(call);
  call.orDenied(use, () => {
    if (page !== undefined) preparePart(call, use, page);
    else if (isListing(use.operation)) prepareList(call, use, use.operation);
    else prepareGet(call, use);
  });
}

/** How records are read below a root field: those of a page by the operation of its list. */
export function useWithin(call: ResolverCall, { model, kind }: ReturnedRecords): ModelField {
  return { model, operation: pageAround(call)?.operation ?? (kind === "record" ? "get" : "list") };
}

/** The page that the field is part of. */
export function pageAround({ field, info }: ResolverCall): Page | undefined {
  return field.role === undefined ? undefined : positionAbove(info.path)?.page;
}

/** A part of a page, whose list was prepared already. */
function preparePart(call: ResolverCall, use: ModelField, { operation, filter }: Page): void {
  checkArguments(call, use, operation);
  if (filter !== undefined)
    call.position.filter = filter.within(call.field.hasResolver ? call.name : undefined);
}

function prepareList(call: ResolverCall, use: ModelField, operation: ListOperation): void {
  const { model, index } = use;
  const args = { ...call.args, index };
  const decision = call.policy.list(call.identity, { model, operation, args });
  if (!decision.allowed) throw call.denied(decision, use, refusalOf(decision, call.info));
  checkArguments(call, use, operation);
  const isQuery = call.field.hasResolver || call.isRoot;
  call.position.filter = new ListFilter(decision.filter, isQuery ? call.name : undefined);
  if (call.isRoot) call.report(decision, use);
}

function prepareGet(call: ResolverCall, use: ModelField): void {
  if (call.isRoot) {
    const decision = call.policy.list(call.identity, { model: use.model, operation: "get", args: call.args });
    if (!decision.allowed) throw call.denied(decision, use);
  }
  if (!takesInput(call)) checkArguments(call, use, "get");
}
