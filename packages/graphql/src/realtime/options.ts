import type { IncomingMessage } from "node:http";
import {
  type Auth,
  AuthError,
  type Clock,
  type Identity,
  type MaybePromise,
  type RequestView,
} from "@authmodes/core";
import { checkAuth } from "@authmodes/core/adapter";
import { checkFunction, checkOptions, checkSeconds, must } from "@authmodes/core/options";
import { type GraphQLSchema, isSchema, type ValidationRule } from "graphql";
import { isPublishedToAll } from "../schema/marks.ts";

/** A message that starts a subscription, once its sender was verified. */
export interface SubscriptionStart {
  /** The message as modes saw it: the headers that the client put into it. `outbound.forward` takes it. */
  readonly view: RequestView;
  /** The request that opened the WebSocket. Its cookies and headers identify no caller. */
  readonly request: IncomingMessage;
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** Options of `createRealtime`. */
export interface RealtimeOptions<TContext> {
  /** Verifies each connection and each subscription: `createAuth(…)`. */
  readonly auth: Auth;
  /** The schema under `protect()`, or a function that returns the schema of the next subscription. */
  readonly schema: GraphQLSchema | (() => GraphQLSchema);
  /** Makes the context of a subscription. It fails after 5 seconds, together with the `subscribe` of the field. */
  readonly context: (identity: Identity, start: SubscriptionStart) => MaybePromise<TContext>;
  /**
   * The path of the HTTP endpoint, for which clients sign. WebSockets are accepted there and at `<path>/realtime`. Default
   * `/graphql`.
   */
  readonly path?: string;
  /** The largest message of a client, in bytes. A larger one closes its socket with 1009. Default 262,144, as AppSync's. */
  readonly maxFrameBytes?: number;
  /** How many subscriptions a socket may have, from 1 to 10,000. Default 100, as AppSync's. */
  readonly maxSubscriptions?: number;
  /** How often clients hear that the socket is alive, in seconds. Default 60, at most 300. */
  readonly keepAliveSeconds?: number;
  /** How long a client waits for a sign of life before it connects again, in milliseconds. Default 300,000. */
  readonly connectionTimeoutMs?: number;
  /** Rules for documents besides those of the GraphQL specification, such as a limit of depth. Default none. */
  readonly validationRules?: readonly ValidationRule[];
  /**
   * Called with an error of a resolver, of the context or of a source of events, of which the client learns no more than
   * "Internal failure". Default: one line on stderr, without the error's message.
   */
  readonly onError?: (error: unknown) => void;
  /** The clock by which sockets end when the credentials expire. Default `Date.now`. */
  readonly clock?: Clock;
}

/** The options with their defaults. */
export interface Settings extends Required<Omit<RealtimeOptions<unknown>, "schema">> {
  readonly schema: () => GraphQLSchema;
  /** `path` as clients see it, below the prefix of `publicUrl`. */
  readonly signedPath: string;
}

const names = {
  auth: [],
  schema: [],
  context: ["contextValue"],
  path: ["endpoint", "url"],
  maxFrameBytes: ["maxPayload", "maxPayloadLength"],
  maxSubscriptions: [],
  keepAliveSeconds: ["keepAlive", "keepAliveInterval"],
  connectionTimeoutMs: ["connectionTimeout"],
  validationRules: ["rules"],
  onError: ["logger"],
  clock: ["now"],
};

/** @throws TypeError for an option that is missing, misspelt or wrong */
export function settingsOf<TContext>(options: RealtimeOptions<TContext>): Settings {
  const where = "createRealtime()";
  checkOptions(where, options, names);
  const { auth, schema, context, path = "/graphql" } = options;
  const { maxFrameBytes = 256 * 1024, maxSubscriptions = 100, validationRules = [] } = options;
  const { keepAliveSeconds = 60, connectionTimeoutMs = 300_000 } = options;
  const { onError = reportName, clock = Date.now } = options;
  checkAuth(`${where}: auth`, auth);
  must(typeof context === "function", `${where}: context is a function, (identity) => ({ identity })`);
  must(
    typeof schema === "function" || (isSchema(schema) && Boolean(schema.getSubscriptionType())),
    `${where}: schema is an executable schema with a type Subscription, or a function that returns one`,
  );
  if (typeof schema !== "function") ruledSchema(schema);
  must(
    typeof path === "string" && /^(?:\/[\w.~-]+)+$/.test(path) && !/\/\.\.?(?:\/|$)/.test(path),
    `${where}: path is the path of the HTTP endpoint, such as '/graphql', not '${path}'`,
  );
  must(
    !path.endsWith("/realtime"),
    `${where}: path is that of the HTTP endpoint; clients add '/realtime' to it themselves`,
  );
  checkNumber("maxFrameBytes", maxFrameBytes, 1024, 64 * 1024 * 1024);
  checkNumber("maxSubscriptions", maxSubscriptions, 1, 10_000);
  checkSeconds(where, "keepAliveSeconds", keepAliveSeconds, 1, 300);
  checkNumber("connectionTimeoutMs", connectionTimeoutMs, 1000, 86_400_000);
  must(
    connectionTimeoutMs > keepAliveSeconds * 1000,
    `${where}: connectionTimeoutMs is longer than keepAliveSeconds, or clients would give up between two signs of life`,
  );
  const isList = Array.isArray(validationRules);
  must(isList, `${where}: validationRules is a list of rules, as graphql's validate takes`);
  for (const rule of validationRules)
    checkFunction(`${where}: each of validationRules`, rule, "(context) => visitor");
  checkFunction(`${where}: onError`, onError, "(error) => …");
  checkFunction(`${where}: clock`, clock, "which returns milliseconds since 1970");
  return {
    auth,
    schema: typeof schema === "function" ? () => ruledSchema(schema()) : () => schema,
    // A context is only passed on to the resolvers.
    context,
    path,
    signedPath: (auth.publicUrl?.prefix ?? "") + path,
    maxFrameBytes,
    maxSubscriptions,
    keepAliveSeconds,
    connectionTimeoutMs,
    validationRules,
    onError,
    clock,
  };
}

/** @throws TypeError if events of `publishMutations` would reach clients without rules */
function ruledSchema(schema: GraphQLSchema): GraphQLSchema {
  const open = Object.values(schema.getSubscriptionType()?.getFields() ?? {}).find(isPublishedToAll);
  must(
    open === undefined,
    `createRealtime(): no rules decide about the events of Subscription.${open?.name}. Pass the schema that protect(publishMutations(…), …) returned.`,
  );
  return schema;
}

function checkNumber(name: string, value: number, min: number, max: number): void {
  must(
    Number.isSafeInteger(value) && value >= min && value <= max,
    `createRealtime(): ${name} is a whole number from ${min} to ${max}, not ${String(value)}`,
  );
}

/** Without the message, which may quote what a record holds. */
function reportName(error: unknown): void {
  const name = error instanceof Error ? error.name : "something that is not an Error";
  const known = error instanceof AuthError ? `${name} ${error.reason}` : name;
  console.error(`authmodes: a subscription failed with ${known}; createRealtime({ onError }) gets the error`);
}
