import { AuthError } from "@authmodes/core";
import { type Allowed, type Condition, matches, type Predicate, type Values } from "@authmodes/rules";
import type { GraphQLResolveInfo } from "graphql";
import { checkReadable } from "./write.ts";
import type { ModelField } from "../options.ts";
import { openPlace } from "./response-position.ts";
import { credentialsEnded, notAuthorized, refusalOf } from "../field-refusal.ts";
import { mustBeRecord } from "./read.ts";
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
import { Ended, filtered, untilEnded } from "./event-stream.ts";

// Subscribers are sent the events that the rules let through when the event happens, until the rules or the credentials
// no longer admit them. What they are sent of a record is what the answer to a write shows.

/** An event that was let through: no other reaches the answer. */
class LetThrough {
  readonly record: object & Values;

  constructor(record: object & Values) {
    this.record = record;
  }
}

export interface Listening {
  readonly site: Site;
  readonly use: ModelField;
  readonly ruled: boolean;
  /** What opens the stream. */
  readonly subscribe: Resolver;
}

export interface GuardedStream {
  readonly subscribe: Resolver;
  readonly resolve: Resolver;
}

export function guardListen(listening: Listening): GuardedStream {
  const { site, use } = listening;
  return {
    subscribe: async (source, args, context, info) => {
      const { caller, decision } = admit(listening, args, context, info);
      if (decision !== undefined) report(site, caller, decision, use);
      const events = asEvents(site, await listening.subscribe(source, args, context, info));
      const letThrough = filtered(events, async (event) => {
        // The rules may have been replaced since the last event.
        const { isSent } = admit(listening, args, context, info);
        const record: unknown = await site.resolve(event, args, context, info);
        if (record === null || record === undefined) return undefined;
        mustBeRecord(site, record, use.model);
        return isSent(record) ? new LetThrough(record) : undefined;
      });
      return untilEnded(letThrough, caller.identity, site.shared.clock);
    },
    resolve: orEnd((event, _args, context, info) => {
      // A document that is run as a query has no event, but perhaps a root value.
      if (!(event instanceof LetThrough)) throw notAuthorized(info);
      const { record } = event;
      const identity = site.shared.identity(context);
      const hidden = site.shared.policy.nullFieldsAfterWrite(identity, use.model, record);
      openPlace(info.path).records.set(record, { hidden, written: true });
      return record;
    }),
  };
}

interface Admitted {
  readonly caller: Caller;
  /** undefined: the model's subscriptions are public. */
  readonly decision?: Allowed;
  readonly isSent: Predicate;
}

const everything: Predicate = () => true;

/** @throws FieldRefusal if the rules let the caller hear of nothing */
function admit(listening: Listening, args: Args, context: unknown, info: GraphQLResolveInfo): Admitted {
  const { site, use, ruled } = listening;
  const { policy } = site.shared;
  const caller = ruled ? enterByRules(site, context, info) : enter(site, context, info);
  const level = policy.schema.models[use.model]?.subscriptions;
  if (level === "public") return { caller, isSent: everything };
  if (level === "off") throw notAuthorized(info);
  const decision = policy.decide(caller.identity, { model: use.model, operation: "listen", args });
  if (!decision.allowed) throw refused(site, caller, decision, info, refusalOf(decision, info), use);
  const others = Object.entries(args).filter(([name, value]) => !isOfCaller(decision.filter, name, value));
  checkReadable(site, caller, use, [Object.fromEntries(others)], info);
  return { caller, decision, isSent: matches(decision.filter) };
}

/** Whether an argument asks for what the caller is sent in any case, as `owner: "alice"` by Alice. */
function isOfCaller(condition: Condition, field: string, value: unknown): boolean {
  if (condition.kind === "and" || condition.kind === "or") {
    const parts = condition.kind === "and" ? condition.all : condition.any;
    return parts.some((part) => isOfCaller(part, field, value));
  }
  if (condition.kind !== "equals" || condition.field !== field) return false;
  return value === "" || condition.anyOf.some((own) => own === value);
}

/** A subscription that is about no model: by its own rules, while they and the credentials admit the caller. */
export function guardOtherStream(site: Site, subscribe: Resolver, ruled: boolean): Resolver {
  const enterBy = ruled ? enterByRules : enter;
  return async (source, args, context, info) => {
    const caller = enterBy(site, context, info);
    const events = asEvents(site, await subscribe(source, args, context, info));
    const admit = (): void => void enterBy(site, context, info);
    return untilEnded(events, caller.identity, site.shared.clock, admit);
  };
}

/** Throws why a stream ended, as its last result. */
export function orEnd(resolve: Resolver): Resolver {
  return (source, args, context, info) => {
    if (source instanceof Ended) throw reasonOf(source, info);
    return resolve(source, args, context, info);
  };
}

function reasonOf({ reason }: Ended, info: GraphQLResolveInfo): Error {
  return reason instanceof AuthError ? credentialsEnded(reason, info) : reason;
}

function asEvents({ typeName, fieldName }: Site, events: unknown): AsyncIterable<unknown> {
  if (typeof events === "object" && events !== null && Symbol.asyncIterator in events) {
    return events as AsyncIterable<unknown>;
  }
  throw new TypeError(`${typeName}.${fieldName}: subscribe returned no stream of events.`);
}
