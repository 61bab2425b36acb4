import { matches, type Predicate, type Values } from "@authmodes/rules";
import type { GraphQLArgument, GraphQLResolveInfo } from "graphql";
import { checkReadable } from "./mutation.ts";
import type { ModelField } from "./options.ts";
import { openPlace } from "./places.ts";
import { notAuthorized, refusalOf } from "./refusal.ts";
import { mustBeRecord } from "./records.ts";
import {
  type Args,
  type Caller,
  enter,
  enterByRules,
  refused,
  report,
  type Resolver,
  type Site,
} from "./site.ts";
import { filtered, until } from "./stream.ts";

// Subscribers are sent the events that their rules let through, until their credentials end. What they are sent of a
// record is what the answer to a write shows.

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
  readonly definitions: readonly GraphQLArgument[];
  /** What opens the stream. */
  readonly subscribe: Resolver;
}

export interface GuardedStream {
  readonly subscribe: Resolver;
  readonly resolve: Resolver;
}

export function guardListen(listening: Listening): GuardedStream {
  const { site, use, ruled } = listening;
  const isPublic = site.shared.policy.schema.models[use.model]?.subscriptions === "public";
  return {
    subscribe: async (source, args, context, info) => {
      const caller = ruled ? enterByRules(site, context, info) : enter(site, context, info);
      const isSent = isPublic ? everything : decide(listening, caller, args, info);
      const events = asEvents(site, await listening.subscribe(source, args, context, info));
      const letThrough = filtered(events, async (event) => {
        const record: unknown = await site.resolve(event, args, context, info);
        if (record === null || record === undefined) return undefined;
        mustBeRecord(site, record);
        return isSent(record) ? new LetThrough(record) : undefined;
      });
      return until(letThrough, caller.identity.expiresAt, site.shared.clock);
    },
    resolve: (event, _args, context, info) => {
      // Whoever runs the document as a query has no event, but perhaps a root value.
      if (!(event instanceof LetThrough)) throw notAuthorized(info);
      const { record } = event;
      const identity = site.shared.identity(context);
      const hidden = site.shared.policy.nullFieldsAfterWrite(identity, use.model, record);
      openPlace(info.path).records.set(record, { hidden, written: true });
      return record;
    },
  };
}

const everything: Predicate = () => true;

function decide(
  { site, use, definitions }: Listening,
  caller: Caller,
  args: Args,
  info: GraphQLResolveInfo,
): Predicate {
  const { policy } = site.shared;
  const decision = policy.decide(caller.identity, { model: use.model, operation: "listen", args });
  if (!decision.allowed) throw refused(site, caller, decision, info, refusalOf(decision, info), use);
  const inputs = definitions.filter(({ name }) => !policy.fields(use.model).has(name));
  checkReadable(site, caller, use, args, inputs, info);
  report(site, caller, decision, use);
  return matches(decision.filter);
}

/** A subscription that is about no model: by its own rules, until the credentials end. */
export function guardOtherStream(site: Site, subscribe: Resolver, ruled: boolean): Resolver {
  return async (source, args, context, info) => {
    const caller = ruled ? enterByRules(site, context, info) : enter(site, context, info);
    const events = asEvents(site, await subscribe(source, args, context, info));
    return until(events, caller.identity.expiresAt, site.shared.clock);
  };
}

function asEvents({ typeName, fieldName }: Site, events: unknown): AsyncIterable<unknown> {
  if (typeof events === "object" && events !== null && Symbol.asyncIterator in events) {
    return events as AsyncIterable<unknown>;
  }
  throw new TypeError(`${typeName}.${fieldName}: subscribe returned no stream of events.`);
}
