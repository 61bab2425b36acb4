import { AuthError } from "@authmodes/core";
import { type Allowed, type Condition, matches, type Values } from "@authmodes/rules";
import { credentialsEnded, notAuthorized, refusalOf } from "../field-refusal.ts";
import type { ModelField } from "../options.ts";
import { answerWritten } from "./answered-records.ts";
import { Ended, EndingStream, filtered, isStream } from "./event-stream.ts";
import { guard, guardField } from "./field-guards.ts";
import { checkConditions } from "./hidden-fields.ts";
import { checkRecord, type GuardedField, type Resolver, ResolverCall } from "./resolver-call.ts";

// Subscribers receive the events that the rules allow at the time of the event, until the rules or the credentials no longer
// admit them. Of a record they see the fields that the rules show them, as in the answer to a write of their own.

/** An event that the rules allow. No other reaches the answer. */
class LetThrough {
  readonly record: Values;

  constructor(record: Values) {
    this.record = record;
  }
}

/**
 * Guards the resolvers that open the stream and answer an event.
 * @param use undefined if the subscription is not about a model, so that its own rules decide
 */
export function guardSubscription(
  field: GuardedField,
  use: ModelField | undefined,
  subscribe: Resolver,
): Record<"subscribe" | "resolve", Resolver> {
  const answerEvent = guardField(field);
  const guarded = {
    subscribe: guard(field, async (call) => {
      const decision = use && admit(call, use);
      if (decision !== undefined) call.report(decision, use);
      const events = filtered(await open(call, subscribe), async (event) => {
        // The rules may have been replaced since the last event.
        const current = new ResolverCall(field, event, call.args, call.context, call.info);
        current.enter();
        return use === undefined ? (event ?? null) : letThrough(current, use);
      });
      return new EndingStream(events, call.identity, field.options.clock);
    }),
    resolve(event, args, context, info) {
      if (event instanceof Ended) {
        const { reason } = event;
        throw reason instanceof AuthError ? credentialsEnded(reason, info) : reason;
      }
      if (use === undefined) return answerEvent(event, args, context, info);
      // If the document is executed as a query, there is no event, but there may be a root value.
      if (!(event instanceof LetThrough)) throw notAuthorized(info);
      return answerWritten(new ResolverCall(field, event, args, context, info), use, event.record);
    },
  } satisfies Record<string, Resolver>;
  watched.add(guarded.subscribe);
  return guarded;
}

/** The resolvers that end their stream when the credentials of the caller expire or are revoked. */
const watched = new WeakSet<object>();

/** Whether the guard of a field watches its caller. A resolver that was wrapped again counts as not watched. */
export function isWatched({ subscribe }: { readonly subscribe?: object | undefined }): boolean {
  return subscribe !== undefined && watched.has(subscribe);
}

async function letThrough(call: ResolverCall, use: ModelField): Promise<LetThrough | undefined> {
  const decision = admit(call, use);
  const record: unknown = await call.resolve();
  if (record === null || record === undefined) return undefined;
  checkRecord(call, record, use.model);
  const isSent = decision === undefined || matches(decision.filter)(record);
  return isSent ? new LetThrough(record) : undefined;
}

/**
 * @returns undefined if the model's subscriptions are public
 * @throws FieldRefusal if no rule admits the caller
 */
function admit(call: ResolverCall, use: ModelField): Allowed | undefined {
  const { policy, identity, args, info } = call;
  const level = policy.schema.models[use.model]?.subscriptions;
  if (level === "public") return undefined;
  if (level === "off") throw notAuthorized(info);
  const decision = policy.decide(identity, { model: use.model, operation: "listen", args });
  if (!decision.allowed) throw call.denied(decision, use, refusalOf(decision, info));
  const others = Object.entries(args).filter(([name, value]) => !isOfCaller(decision.filter, name, value));
  checkConditions(call, use, Object.fromEntries(others));
  return decision;
}

/** Whether an argument only repeats the filter, as `owner: "alice"` from Alice does. */
function isOfCaller(condition: Condition, field: string, value: unknown): boolean {
  if (condition.kind === "and" || condition.kind === "or") {
    const parts = condition.kind === "and" ? condition.all : condition.any;
    return parts.some((part) => isOfCaller(part, field, value));
  }
  if (condition.kind !== "equals" || condition.field !== field) return false;
  return value === "" || condition.anyOf.some((own) => own === value);
}

async function open(
  { source, args, context, info, name }: ResolverCall,
  subscribe: Resolver,
): Promise<AsyncIterable<unknown>> {
  const events: unknown = await subscribe(source, args, context, info);
  if (isStream(events)) return events;
  throw new TypeError(`${name}: subscribe did not return an async iterable.`);
}
