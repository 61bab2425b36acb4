import { checkOptionNames, closest, must } from "@authmodes/core/options";
import {
  defaultFieldResolver,
  getNamedType,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  isInterfaceType,
  isObjectType,
} from "graphql";
import { filtered } from "../guards/event-stream.ts";
import { whenThere } from "../guards/resolver-call.ts";
import { argumentOf } from "../schema/aws-directives.ts";
import { copySchema } from "../schema/copy-schema.ts";
import { markPublished, protectedSchemas } from "../schema/marks.ts";
import { isList } from "../schema/record-types.ts";
import { own } from "../schema/rule-fields.ts";
import type { Events } from "./events.ts";
import { Publisher } from "./publisher.ts";

/** Options of `publishMutations`. */
export interface PublishOptions {
  /** What carries the events: `memoryEvents()` for one instance, `redisEvents` or `postgresEvents` for several. */
  readonly events: Events;
  /**
   * The mutations of subscription fields that have neither `@aws_subscribe` nor one of Amplify's names:
   * `{ orderChanged: ["addOrder", "editOrder"] }`.
   */
  readonly subscriptions?: Readonly<Record<string, readonly string[]>>;
}

type Field = GraphQLField<unknown, unknown>;

/**
 * Returns a copy of the schema in which subscriptions receive what mutations return. The given schema does not change. Pass the
 * result to `protect`, which decides about each event and subscriber.
 *
 * The mutations of a subscription field are those of `subscriptions`, of AppSync's `@aws_subscribe(mutations:)`, or the one of
 * Amplify's name (`onCreateOrder` receives `createOrder`). A field with a `subscribe` function of its own is left alone. After
 * the resolver of a mutation succeeded, the record that it returned is published whole; of a list, each element. A write never
 * waits for its event, and never fails because of it: what cannot be published is a line on stderr.
 *
 * Arguments with the names of fields select the events in which the fields have these values; `filter` is Amplify's. A null
 * argument selects nothing.
 * @throws TypeError if a subscription field has no mutation, or one that returns another type, or if its arguments do not fit
 * @example
 * import { protect } from "@authmodes/graphql";
 * import { memoryEvents, publishMutations } from "@authmodes/graphql/events";
 * import type { Identity } from "@authmodes/core";
 * const events = memoryEvents();
 * export const guarded = protect<{ identity: Identity }>(publishMutations(schema, { events }), {
 *   policy,
 *   identity: (context) => context.identity,
 * });
 */
export function publishMutations(schema: GraphQLSchema, options: PublishOptions): GraphQLSchema {
  checkOptionNames("publishMutations()", options, ["events", "subscriptions"]);
  const { events, subscriptions = {} } = options;
  const isEvents = typeof events?.publish === "function" && typeof events.subscribe === "function";
  must(isEvents, "publishMutations(): events is missing. Write { events: memoryEvents() }.");
  const order = "publishMutations() comes before protect(): write protect(publishMutations(schema, …), …).";
  must(!protectedSchemas.has(schema), order);
  const copy = copySchema(schema);
  const fields = copy.getSubscriptionType()?.getFields() ?? {};
  for (const name of Object.keys(subscriptions)) named(fields, name, "there is no subscription");
  const topics = new Map<Field, string[]>();
  for (const field of Object.values(fields)) {
    const mutations = mutationsOf(field, copy.getMutationType(), own(subscriptions, field.name));
    for (const mutation of mutations) topics.set(mutation, [...(topics.get(mutation) ?? []), field.name]);
    if (mutations.length === 0) continue;
    checkArguments(field);
    receive(field, events);
  }
  must(
    topics.size > 0,
    "publishMutations(): the schema has no subscription that a mutation could publish to.",
  );
  const publisher = new Publisher(events);
  for (const [mutation, names] of topics) publish(mutation, names, publisher);
  return copy;
}

function publish(mutation: Field, topics: readonly string[], publisher: Publisher): void {
  const resolve = mutation.resolve ?? defaultFieldResolver;
  const isMany = isList(mutation);
  mutation.resolve = (source, args, context, info) =>
    whenThere<unknown>(resolve(source, args, context, info), (answer) => {
      const records: readonly unknown[] = isMany && Array.isArray(answer) ? answer : [answer];
      for (const topic of topics) for (const record of records) publisher.publish(topic, record);
      return answer;
    });
}

function receive(field: Field, events: Events): void {
  const { name } = field;
  // As the default resolver of the field expects it.
  field.subscribe = async () => filtered(await events.subscribe(name), async (event) => ({ [name]: event }));
  markPublished(field);
}

function checkArguments({ name, type, args }: Field): void {
  const returned = getNamedType(type);
  const known = isObjectType(returned) || isInterfaceType(returned) ? returned.getFields() : {};
  for (const argument of args) {
    const isKnown = argument.name === "filter" || own(known, argument.name) !== undefined;
    const what = `publishMutations(): Subscription.${name}: the argument ${argument.name}`;
    must(isKnown, `${what} is no field of ${returned.name}, so that no event would match.`);
  }
}

/** @returns nothing if the field has a source of its own */
function mutationsOf(
  field: Field,
  type: GraphQLObjectType | null | undefined,
  given: readonly string[] | undefined,
): readonly Field[] {
  const where = `publishMutations(): Subscription.${field.name}`;
  const directive = field.astNode?.directives?.find(({ name }) => name.value === "aws_subscribe");
  const written = given ?? (directive && [argumentOf(directive, "mutations")].flat());
  if (written === undefined && field.subscribe !== undefined) return [];
  must(field.subscribe === undefined, `${where} has mutations and a subscribe function of its own.`);
  const mutations = type?.getFields() ?? {};
  const byName = field.name.replace(/^on(Create|Update|Delete)(?=.)/, (_on, word: string) =>
    word.toLowerCase(),
  );
  const names = written ?? (byName !== field.name && own(mutations, byName) !== undefined ? [byName] : []);
  const advice = `Name its mutations in @aws_subscribe(mutations: […]), or in subscriptions: { ${field.name}: […] }.`;
  must(names.length > 0, `${where}: no mutation publishes to it. ${advice}`);
  return [...new Set(names)].map((name) => {
    const mutation = named(mutations, String(name), `Subscription.${field.name}: there is no mutation`);
    const isSame = getNamedType(field.type) === getNamedType(mutation.type);
    const types = `${where} returns ${String(field.type)}, and Mutation.${mutation.name} ${String(mutation.type)}`;
    must(isSame && !isList(field), `${types}: it has to return what the mutation returns.`);
    return mutation;
  });
}

function named(fields: Readonly<Record<string, Field>>, name: string, problem: string): Field {
  const field = own(fields, name);
  const meant = closest(name, Object.keys(fields));
  const hint = meant === undefined ? "" : ` Did you mean '${meant}'?`;
  must(field !== undefined, `publishMutations(): ${problem} '${name}'.${hint}`);
  return field;
}
