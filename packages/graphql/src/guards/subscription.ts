import { AuthError } from "@authmodes/core";
import { maxNesting, nestsTooDeeply } from "@authmodes/core/adapter";
import { getNamedType, isAbstractType, isObjectType } from "graphql";
import { type Allowed, type Condition, matches, type Values } from "@authmodes/rules";
import { type ArgumentTest, argumentTests, type EventType, FilterMistake } from "../events/event-filter.ts";
import { EventsLost } from "../events/events.ts";
import { credentialsEnded, eventsLost, invalidInput, notAuthorized, refusalOf } from "../field-refusal.ts";
import type { ModelField } from "../options.ts";
import { answerWritten } from "./answered-records.ts";
import { Ended, EndingStream, filtered, isStream } from "./event-stream.ts";
import { own } from "../schema/rule-fields.ts";
import { guard, guardField } from "./field-guards.ts";
import { checkConditions, checkEventArguments } from "./hidden-fields.ts";
import { checkRecord, isRecord, type GuardedField, type Resolver, ResolverCall } from "./resolver-call.ts";

// Subscribers receive the events that the rules allow at the time of the event, until the rules or the credentials no longer
// admit them. Of a record they see the fields that the rules show them, as in the answer to a write of their own.

/** An event that the rules allow. No other reaches the answer. */
class LetThrough {
  readonly record: Values;

  constructor(record: Values) {
    this.record = record;
  }
}

type Tests = ReadonlyMap<string, ArgumentTest>;

/**
 * Guards the resolvers that open the stream and answer an event.
 * @param use undefined if the subscription is not about a model, so that its own rules decide
 * @param isPublished whether the arguments select events of `publishMutations`
 */
export function guardSubscription(
  field: GuardedField,
  use: ModelField | undefined,
  subscribe: Resolver,
  isPublished: boolean,
): Record<"subscribe" | "resolve", Resolver> {
  const answerEvent = guardField(field);
  const guarded = {
    subscribe: guard(field, async (call) => {
      const decision = use && admit(call, use);
      if (decision !== undefined) call.report(decision, use);
      if (isPublished && use === undefined) checkEventArguments(call);
      const tests = isPublished ? testsOf(call, use) : new Map<string, ArgumentTest>();
      const events = filtered(await open(call, subscribe), async (event) => {
        // The rules may have been replaced since the last event.
        const current = new ResolverCall(field, event, call.args, call.context, call.info);
        current.enter();
        if (use !== undefined) return letThrough(current, use, tests);
        if (isPublished) checkEventArguments(current);
        return selects(current, tests, isRecord(event) ? event[field.fieldName] : event) ? event : undefined;
      });
      return new EndingStream(events, call.identity, field.options.clock);
    }),
    resolve(event, args, context, info) {
      if (event instanceof Ended) {
        const { reason } = event;
        if (reason instanceof EventsLost) throw eventsLost(reason, info);
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

function testsOf(call: ResolverCall, use: ModelField | undefined): Tests {
  const { args, info } = call;
  if (nestsTooDeeply(args)) throw invalidInput(`The arguments nest deeper than ${maxNesting} levels`, info);
  try {
    return argumentTests(args, eventTypeOf(call, use));
  } catch (error) {
    throw error instanceof FilterMistake ? invalidInput(error.message, info) : error;
  }
}

/** The fields of the type that clients see, and of its model: no rule hides others, such as further columns of a table. */
function eventTypeOf({ policy, info }: ResolverCall, use: ModelField | undefined): EventType {
  const type = getNamedType(info.returnType);
  const types = isAbstractType(type) ? info.schema.getPossibleTypes(type) : [type];
  const isShown = (field: string) =>
    types.every((one) => isObjectType(one) && own(one.getFields(), field) !== undefined);
  const isRuled = (field: string) => use === undefined || policy.fields(use.model).has(field);
  return { name: type.name, has: (field) => isShown(field) && isRuled(field) };
}

async function letThrough(
  call: ResolverCall,
  use: ModelField,
  tests: Tests,
): Promise<LetThrough | undefined> {
  const decision = admit(call, use);
  const record: unknown = await call.resolve();
  if (record === null || record === undefined) return undefined;
  checkRecord(call, record, use.model);
  const isSent = decision === undefined || matches(decision.filter)(record);
  return isSent && selects(call, tests, record, use, decision?.filter) ? new LetThrough(record) : undefined;
}

/** Whether the arguments select the event. Asked after the rules, so that the answer tells nothing that they hide. */
function selects(
  { args, policy }: ResolverCall,
  tests: Tests,
  record: unknown,
  use?: ModelField,
  filter?: Condition,
): boolean {
  if (tests.size === 0) return true;
  if (!isRecord(record)) return false;
  const shown = use === undefined ? record : policy.displayed(use.model, record);
  return [...tests].every(([name, test]) => {
    const ofCaller = filter && conditionOfCaller(filter, name, args[name]);
    return ofCaller === undefined ? test(record, shown) : args[name] === "" || matches(ofCaller)(record);
  });
}

/**
 * @returns undefined if the model's subscriptions are public
 * @throws FieldRefusal if no rule admits the caller
 */
function admit(call: ResolverCall, use: ModelField): Allowed | undefined {
  const { policy, identity, args, info } = call;
  const level = policy.schema.models[use.model]?.subscriptions;
  if (level === "off") throw notAuthorized(info);
  const decision =
    level === "public" ? undefined : policy.decide(identity, { model: use.model, operation: "listen", args });
  if (decision?.allowed === false) throw call.denied(decision, use, refusalOf(decision, info));
  const others = Object.entries(args).filter(
    ([name, value]) =>
      decision === undefined || conditionOfCaller(decision.filter, name, value) === undefined,
  );
  checkConditions(call, use, Object.fromEntries(others));
  return decision;
}

/** The part of the filter that an argument only repeats, as `owner: "alice"` from Alice does. */
function conditionOfCaller(condition: Condition, field: string, value: unknown): Condition | undefined {
  if (condition.kind === "and" || condition.kind === "or") {
    const parts = condition.kind === "and" ? condition.all : condition.any;
    return parts.map((part) => conditionOfCaller(part, field, value)).find((found) => found !== undefined);
  }
  if (condition.kind !== "equals" || condition.field !== field) return undefined;
  return value === "" || condition.anyOf.some((own) => own === value) ? condition : undefined;
}

async function open(
  { source, args, context, info, name }: ResolverCall,
  subscribe: Resolver,
): Promise<AsyncIterable<unknown>> {
  let events: unknown;
  try {
    events = await subscribe(source, args, context, info);
  } catch (error) {
    throw error instanceof EventsLost ? eventsLost(error, info) : error;
  }
  if (isStream(events)) return events;
  throw new TypeError(`${name}: subscribe did not return an async iterable.`);
}
