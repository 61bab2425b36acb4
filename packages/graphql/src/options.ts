import type { CallContext, Clock, Identity, MaybePromise } from "@authmodes/core";
import { checkOptionNames, must } from "@authmodes/core/options";
import type { Decision, Operation, Policy, Provider, Values } from "@authmodes/rules";
import { checkProviders } from "./schema/aws-directives.ts";
import { isModel } from "./schema/rule-fields.ts";
import type { RecordTypes } from "./schema/record-types.ts";

/** A root field that does something with a model under another name than Amplify's. */
export interface ModelField {
  readonly model: string;
  readonly operation: Operation;
  /** The index that a list is queried by, as the rules name it. */
  readonly index?: string;
  /** The argument of a mutation that holds what is written. Default: `input`, or without it the arguments themselves. */
  readonly input?: string;
  /**
   * Arguments of a mutation, or members of its input, that are not written: `["notify"]`. Relay's `clientMutationId` and
   * Amplify's `condition` are known.
   */
  readonly ignore?: readonly string[];
}

export type RootName = "Query" | "Mutation" | "Subscription";

/** A decision on a root field of a model, or a refusal of any field: for logs. */
export interface DecisionMade<TContext = unknown> {
  readonly identity: Identity;
  /** Of the request that asked. */
  readonly context: TContext;
  readonly type: string;
  readonly field: string;
  readonly model?: string;
  readonly operation?: Operation;
  readonly decision: Decision;
}

export interface ProtectOptions<TContext> {
  readonly policy: Policy;
  /** The identity of the caller, as the server put it into the context. Called for every field: it should only look it up. */
  readonly identity: (context: TContext) => Identity;
  /** Root fields with other names than `getBook`, `listBooks`, `createBook`, `onCreateBook` …, by type and field. */
  readonly operations?: Readonly<Partial<Record<RootName, Readonly<Record<string, ModelField>>>>>;
  /** Types of the schema that are records of a model of another name: `{ Article: "Post" }`. */
  readonly types?: Readonly<Record<string, string>>;
  /**
   * Loads the stored record that an update or a delete is decided on, by model; undefined or null if there is none.
   * Needed if a rule depends on the record. If it takes over 5 seconds, the field fails with an AuthError `unavailable`.
   */
  readonly load?: Readonly<
    Record<
      string,
      (key: Values, context: TContext, call: CallContext) => MaybePromise<Values | null | undefined>
    >
  >;
  /**
   * Reads AppSync's `@aws_…` directives. The providers of the API, its default first: it is what fields and types without
   * a directive are open to. Default: the directives are not read.
   */
  readonly awsDirectives?: { readonly providers: readonly Provider[] };
  /** A list resolver that does not take its condition is an error. Default: unless NODE_ENV is `production`. */
  readonly development?: boolean;
  /** Says when subscriptions end: with the credentials, and after 24 hours. */
  readonly clock?: Clock;
  /** Called with what was decided. What it throws is ignored. */
  readonly onDecision?: (made: DecisionMade<TContext>) => void;
}

/** The options with their defaults, and the types that are records: shared by all guards of a schema. */
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
  "development",
  "clock",
  "onDecision",
];

/** @throws TypeError for an option that does not exist, or that guards nothing as it is */
export function checkOptions<TContext>(options: ProtectOptions<TContext>): void {
  checkOptionNames("protect()", options, optionNames);
  const { policy, identity, operations = {}, awsDirectives, load = {}, types = {} } = options;
  checkOptionNames("protect(): operations", operations, ["Query", "Mutation", "Subscription"]);
  if (awsDirectives !== undefined) {
    checkOptionNames("protect(): awsDirectives", awsDirectives, ["providers"]);
    checkProviders(awsDirectives.providers);
  }
  const isFunction = typeof identity === "function";
  must(isFunction, "protect(): identity is a function from the context to the caller's identity.");
  for (const model of Object.keys(load)) {
    must(isModel(policy, model), `protect(): load names '${model}', which is no model of the rules.`);
  }
  for (const [type, model] of Object.entries(types)) {
    const mapping = `protect(): types maps ${type} to`;
    must(isModel(policy, model), `${mapping} '${model}', which is no model of the rules.`);
    must(type === model || !isModel(policy, type), `${mapping} ${model}, but ${type} is a model itself.`);
  }
}
