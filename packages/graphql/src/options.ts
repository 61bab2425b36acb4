import type { CallContext, Clock, Identity, MaybePromise } from "@authmodes/core";
import type { Decision, Operation, Policy, Provider, Values } from "@authmodes/rules";

/** A root field that does something with a model under another name than Amplify's. */
export interface ModelField {
  readonly model: string;
  readonly operation: Operation;
  /** The index that a list is queried by, as the rules name it. */
  readonly index?: string;
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
  /** Who calls: what the server put into the context. Asked for every field, so that it should only look it up. */
  readonly identity: (context: TContext) => Identity;
  /** Root fields with other names than `getBook`, `listBooks`, `createBook`, `onCreateBook` …, by type and field. */
  readonly operations?: Readonly<Partial<Record<RootName, Readonly<Record<string, ModelField>>>>>;
  /**
   * Loads the stored record that an update or a delete is decided on, by model; undefined or null where there is none.
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
  /** A list resolver that leaves its condition lying is an error. Default: unless NODE_ENV is `production`. */
  readonly development?: boolean;
  /** Tells when subscriptions end. */
  readonly clock?: Clock;
  /** Is told what was decided. What it throws changes nothing. */
  readonly onDecision?: (made: DecisionMade<TContext>) => void;
}

const optionNames: Readonly<Record<keyof ProtectOptions<unknown>, true>> = {
  policy: true,
  identity: true,
  operations: true,
  load: true,
  awsDirectives: true,
  development: true,
  clock: true,
  onDecision: true,
};

/** @throws TypeError for an option that does not exist, or that guards nothing as it is */
export function checkOptions<TContext>(options: ProtectOptions<TContext>): void {
  for (const name of Object.keys(options)) {
    if (Object.hasOwn(optionNames, name)) continue;
    throw new TypeError(
      `protect(): there is no option '${name}'. There are ${Object.keys(optionNames).join(", ")}.`,
    );
  }
  if (typeof options.identity !== "function") {
    throw new TypeError("protect(): identity is a function that takes the context and returns who calls.");
  }
  for (const model of Object.keys(options.load ?? {})) {
    if (!Object.hasOwn(options.policy.schema.models, model)) {
      throw new TypeError(`protect(): load names '${model}', which is no model of the rules.`);
    }
  }
}

export function isDevelopment(): boolean {
  return globalThis.process?.env?.["NODE_ENV"] !== "production";
}
