import type { Values } from "@authmodes/rules";
import type { GraphQLResolveInfo } from "graphql";
import { placeOfParent, type Seen } from "./response-position.ts";
import { type Caller, enter, refused, type Resolver, type Site, whenThere } from "./resolver-call.ts";
import { mustBeRecord } from "./read.ts";

// A field of a record: null with an error where the caller may not read it. The record was let through by whatever field
// answered it; one that came on a way without a guard, as one of several types, is decided on here.

/** The field's own guard: returns who asks, or null where the answer is null without an error. */
export function enterModelField(
  site: Site,
  source: unknown,
  context: unknown,
  info: GraphQLResolveInfo,
): Caller | null {
  const caller = enter(site, context, info);
  mustBeRecord(site, source, site.typeName);
  const { hidden, written } = seenOf(site, caller, source, info);
  if (!hidden.includes(site.fieldName)) return caller;
  const decision = site.shared.policy.decideField(caller.identity, site.typeName, site.fieldName, source);
  if (decision.allowed && written) return null;
  const reason = decision.allowed ? hiddenHere(site) : decision;
  throw refused(site, caller, reason, info);
}

function seenOf(site: Site, caller: Caller, record: Values, info: GraphQLResolveInfo): Seen {
  const seen = placeOfParent(info.path)?.records.get(record);
  if (seen !== undefined) return seen;
  const { typeName: model } = site;
  const decision = site.shared.policy.decide(caller.identity, { model, operation: "get", record });
  if (!decision.allowed) throw refused(site, caller, decision, info);
  return { hidden: decision.nullFields, written: false };
}

function hiddenHere({ typeName, fieldName }: Site): Parameters<typeof refused>[2] {
  const explanation = `${typeName}.${fieldName}: hidden on this record`;
  return { allowed: false, reason: "no-matching-role", deniedFields: [], missing: false, explanation };
}

/** Owners are shown as clients know them: of `sub::username` the last part. */
export function displaying({ shared, typeName, fieldName, resolve }: Site): Resolver {
  const show = (value: unknown): unknown =>
    shared.policy.displayed(typeName, { [fieldName]: value })[fieldName];
  if (show("stored::shown") !== "shown") return resolve;
  return (source, args, context, info) => whenThere(resolve(source, args, context, info), show);
}
