import type { CallContext, Clock, Identity, MaybePromise } from "@authmodes/core";
import { checkOptionNames, must } from "@authmodes/core/options";
import type { Decision, Operation, Policy, Provider, Values } from "@authmodes/rules";
import { checkProviders } from "./schema/aws-directives.ts";
import { isModel } from "./schema/rule-fields.ts";
import type { RecordTypes } from "./schema/record-types.ts";

/** What a root field does with a model, if it does not have Amplify's name. */
export interface ModelField {
  readonly model: string;
  readonly operation: Operation;
  /** Lists: the index that is queried, by its name in the rules. */
  readonly index?: string;
  /** Mutations: the argument that holds what is written. Default: `input`, or all arguments if there is no `input`. */
  readonly input?: string;
  /**
   * Mutations: arguments, or fields of the input, that are not written: `["notify"]`. Relay's `clientMutationId` and
   * Amplify's `condition` need not be listed.
   */
  readonly ignore?: readonly string[];
}

/** The root types, by the names that the rules use. */
export type RootName = "Query" | "Mutation" | "Subscription";

/** A decision about a root field of a model, or the denial of any field, as `onDecision` receives it. */
export interface DecisionMade<TContext = unknown> {
  readonly identity: Identity;
  /** The context of the request. */
  readonly context: TContext;
  readonly type: string;
  readonly field: string;
  readonly model?: string;
  readonly operation?: Operation;
  readonly decision: Decision;
}

/** Options of `protect`. */
export interface ProtectOptions<TContext> {
  /** The rules: `createPolicy` of @authmodes/rules. */
  readonly policy: Policy;
  /** Returns the verified identity of the caller from the context. Called for every field, so that it should only look it up. */
  readonly identity: (context: TContext) => Identity;
  /** Root fields that do not have Amplify's names (`getBook`, `listBooks`, `createBook`, `onCreateBook` …), by type and field. */
  readonly operations?: Readonly<Partial<Record<RootName, Readonly<Record<string, ModelField>>>>>;
  /** Types that have another name than their model: `{ Article: "Post" }`. */
  readonly types?: Readonly<Record<string, string>>;
  /**
   * Loads the stored record of an update or a delete, by model; returns undefined or null if there is none. Required for
   * models whose rules depend on the record. After 5 seconds the field fails with an AuthError `unavailable`.
   */
  readonly load?: Readonly<
    Record<
      string,
      (key: Values, context: TContext, call: CallContext) => MaybePromise<object | null | undefined>
    >
  >;
  /**
   * Reads AppSync's `@aws_…` directives. `providers` are those of the API, its default first: fields and types without a
   * directive are open to the default. Without this option the directives have no effect.
   */
  readonly awsDirectives?: { readonly providers: readonly Provider[] };
  /**
   * Set it if something other than this schema sends the answers of mutations to subscribers, as AppSync does. In these
   * answers a field that some reader of the model may not see is then null for every caller, unless the model's
   * `subscriptions` are not `on`. Default false: a subscription of this schema masks each event for its subscriber.
   */
  readonly publishesAnswers?: boolean;
  /** Makes it an error if a list resolver does not call `filterOf(info)`. Default: true unless NODE_ENV is `production`. */
  readonly development?: boolean;
  /** The clock by which subscriptions end: when the credentials expire, at the latest after 24 hours. Default: `Date.now`. */
  readonly clock?: Clock;
  /** Called with each decision, for logs. Errors that it throws are ignored. */
  readonly onDecision?: (made: DecisionMade<TContext>) => void;
}

/** The options with their defaults, and the record types of the schema: shared by all guards. */
export interface GuardOptions extends Omit<ProtectOptions<unknown>, "types"> {
  readonly load: NonNullable<ProtectOptions<unknown>["load"]>;
  readonly development: boolean;
  readonly clock: Clock;
  readonly types: RecordTypes;
}

const optionNames: readonly (keyof ProtectOptions<unknown>)[] = [
  "policy",
  "identity",
  "operations",
  "types",
  "load",
  "awsDirectives",
  "publishesAnswers",
  "development",
  "clock",
  "onDecision",
];

/** @throws TypeError for an unknown option, or one that would have no effect */
export function checkOptions<TContext>(options: ProtectOptions<TContext>): void {
  checkOptionNames("protect()", options, optionNames);
  const { policy, identity, operations = {}, awsDirectives, load = {}, types = {} } = options;
  checkOptionNames("protect(): operations", operations, ["Query", "Mutation", "Subscription"]);
  if (awsDirectives !== undefined) {
    checkOptionNames("protect(): awsDirectives", awsDirectives, ["providers"]);
    checkProviders(awsDirectives.providers);
  }
  const isFunction = typeof identity === "function";
  must(isFunction, "protect(): identity is not a function. Write identity: (context) => context.identity.");
  const { publishesAnswers = false } = options;
  must(typeof publishesAnswers === "boolean", "protect(): publishesAnswers is true or false.");
  for (const model of Object.keys(load)) {
    must(isModel(policy, model), `protect(): load names '${model}', which is not a model of the rules.`);
  }
  for (const [type, model] of Object.entries(types)) {
    const mapping = `protect(): types maps ${type} to`;
    must(isModel(policy, model), `${mapping} '${model}', which is not a model of the rules.`);
    must(type === model || !isModel(policy, type), `${mapping} ${model}, but ${type} is a model itself.`);
  }
}
