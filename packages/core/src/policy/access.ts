import type { Auth } from "../auth/auth.ts";
import { AuthError } from "../refusal/error.ts";
import { isProduction } from "../lib/is-production.ts";
import { maxNesting, nestsTooDeeply } from "../lib/json.ts";
import { checkOptionNames, must } from "../lib/options.ts";
import type { AllowedByRule, Condition, Operation, Policy, RuleDecision, Values } from "./policy.ts";
import { checkAuth } from "../auth/requirements.ts";
import type { CallContext, IdentityBase, MaybePromise, RequestView } from "../types.ts";
import { type Wait, waitSeconds, within } from "../lib/within.ts";

// A route that is guarded by rules: what the `allow` of all adapters have in common.

/** What may be guarded by a route. Subscriptions are not requests. */
export type RouteOperation = Exclude<Operation, "listen">;
export type ListOperation = Extract<Operation, "list" | "search" | "sync">;

/** What the rules let the caller of a request do, for its handler. Members may be taken apart. */
export interface Access {
  /** undefined for lists, where each record has its own, and until a handler that decides by itself has done so. */
  readonly decision: AllowedByRule | undefined;
  /** The record that was decided about. */
  readonly record: Values;
  /** Which records of a list the caller gets. */
  readonly filter: Condition;
  /** What is to be written: the input with what the rules add, such as the owner. */
  readonly input: Values;
  /** A record as this caller may see it: hidden fields are null, owners are shown by their names. */
  readonly mask: (record: Values) => Values;
  /**
   * Decides about a record that the handler loaded; null if there is none. A denial is thrown, but does not close the
   * request: a handler that catches it can ask about another record, and knows its caller as before.
   * @throws AuthError `forbidden`, `not_found`
   */
  readonly decide: (record: Values | null) => AllowedByRule;
}

/** A body that is no input for the model: 400. */
export class InputError extends Error {
  override readonly name = "InputError";
  readonly status = 400;
  readonly statusCode = 400;
  readonly expose = true;
}

/** A route with its rules. */
export interface GuardedRoute {
  readonly auth: Auth;
  readonly policy: Policy;
  readonly operation: RouteOperation;
  readonly model: string;
  /** Until the handler called `decide`, no good answer leaves. */
  readonly handlerDecides: boolean;
}

/** What an adapter's `allow` is told of the record, as the user wrote it. */
export interface RouteOptions {
  /** Loads the record. */
  readonly load?: unknown;
  /** Finds what is to be written. */
  readonly input?: unknown;
  readonly handlerDecides?: boolean;
}
/** What a create or an update wants to write. */
export type ReadInput = (context: CallContext) => unknown;
export type LoadRecord = (context: CallContext) => MaybePromise<Values | null | undefined>;

/** It may read the body, for which clients have 300 seconds. */
const inputSeconds = 300 + waitSeconds;

const operations: readonly Operation[] = ["create", "get", "list", "search", "sync", "update", "delete"];

/**
 * For adapters, when a route is built.
 * @throws TypeError if an option is misspelt or undefined, if the auth has no policy, if the policy does not know the
 * model, or if the rules look at the record and nothing loads it
 */
export function guardedRoute<I extends IdentityBase>(
  auth: Auth<I>,
  operation: RouteOperation,
  model: string,
  options: RouteOptions,
): GuardedRoute {
  const call = `allow("${operation}", "${model}")`;
  checkAuth("createAllow(auth): auth", auth);
  checkRouteOptions(call, options);
  const { policy } = auth;
  const { handlerDecides = false } = options;
  const loads = options.load !== undefined;
  must(policy !== undefined, `${call}: this auth has no rules; write createAuth(modes, { policy })`);
  must(operations.includes(operation), `${call}: the operation is one of ${operations.join(", ")}`);
  must(!(loads && handlerDecides), `${call}: write 'load' or 'handlerDecides: true', not both`);
  const needsRecord = policy.needsRecord(model, operation);
  if (isList(operation) || operation === "create") {
    must(!loads && !handlerDecides, `${call} has no record to load or to decide about; lists are filtered`);
  } else {
    must(
      !needsRecord || loads || handlerDecides,
      `${call}: the rules look at the record. Write { load: (request) => record }, ` +
        "or { handlerDecides: true } where the handler calls decide(record) of its access",
    );
  }
  return { auth, policy, operation, model, handlerDecides };
}

function checkRouteOptions(call: string, options: RouteOptions): void {
  checkOptionNames(call, options, ["load", "input", "handlerDecides"], { record: "load", body: "input" });
  const { load, input, handlerDecides } = options;
  must(load === undefined || typeof load === "function", `${call}: load is a function that finds the record`);
  must(input === undefined || typeof input === "function", `${call}: input is a function`);
  must(
    handlerDecides === undefined || typeof handlerDecides === "boolean",
    `${call}: handlerDecides is true or false`,
  );
}

/** A request on a guarded route. For adapters: handlers are given it as `Access`. */
export class RouteAccess implements Access {
  decision: AllowedByRule | undefined;
  readonly #guarded: GuardedRoute;
  readonly #view: RequestView;
  readonly #readInput: ReadInput;
  #body: unknown;
  #record: Values | null | undefined;
  #filter: Condition | undefined;
  #isFilterTaken = false;

  /** @param input called by `admit` for creates and updates */
  constructor(guarded: GuardedRoute, view: RequestView, input: ReadInput) {
    this.#guarded = guarded;
    this.#view = view;
    this.#readInput = input;
  }

  get record(): Values {
    return this.#record ?? misused("record: none was loaded; give allow() a 'load', or call decide(record)");
  }

  get filter(): Condition {
    this.#isFilterTaken = true;
    return this.#filter ?? misused("filter is for lists; allow() was asked for something else");
  }

  get input(): Values {
    if (!isWrite(this.#guarded.operation)) misused("input is for creates and updates");
    if (this.decision === undefined) misused("input: call decide(record) first");
    return { ...this.#known(), ...this.decision.writes };
  }

  readonly mask = (record: Values): Values => {
    const { policy, model, operation } = this.#guarded;
    const identity = this.#identity();
    const seen =
      isWrite(operation) || operation === "delete"
        ? policy.maskWritten(identity, model, record)
        : policy.mask(identity, model, record);
    return policy.displayed(model, seen);
  };

  // A handler that found nothing may pass undefined: it asks about a missing record, not without a record.
  readonly decide = (record: Values | null | undefined): AllowedByRule => this.#decide(record ?? null, false);

  /** @param closes as of `authorize` */
  #decide(record: Values | null | undefined, closes: boolean): AllowedByRule {
    const { auth, policy, operation, model } = this.#guarded;
    if (isWrite(operation) && nestsTooDeeply(this.#body)) {
      throw new InputError(`The body nests deeper than ${maxNesting} levels`);
    }
    const ask = (identity: IdentityBase): RuleDecision => {
      const decided = policy.decide(identity, {
        model,
        operation,
        ...(record !== undefined && { record }),
        ...(isWrite(operation) && { input: this.#known() }),
      });
      if (decided.allowed && record === null) throw noSuchRecord(model);
      return decided;
    };
    const decision = auth.authorize(this.#view, ask, closes);
    // Last, for whoever may not write at all need not learn how to.
    if (isWrite(operation)) checkBody(this.#body, policy.fields(model), model);
    this.#record = record;
    return (this.decision = decision);
  }

  /**
   * Asks the rules before the handler runs; if the handler decides, only whether the caller is known. A denial here
   * closes the request.
   * @param load finds the record that is decided on; undefined if the rules need none
   * @throws AuthError by a denial; as `requireIdentity` before `load` if the caller is not known; `unavailable` if the
   *   input or the record takes too long
   */
  async admit(load: LoadRecord | undefined): Promise<void> {
    const { auth, operation, model, handlerDecides } = this.#guarded;
    const what = `allow("${operation}", "${model}")`;
    auth.requireIdentity(
      this.#view,
      `${what} ran before authenticate() of this auth: mount authenticate(auth) before it`,
    );
    if (isWrite(operation)) {
      const wait = { what: `${what}: input`, reason: "input_timeout", seconds: inputSeconds };
      this.#body = await this.#ask(wait, this.#readInput);
    }
    if (isList(operation)) return this.#decideList(operation);
    if (handlerDecides) return;
    const loaded =
      load && ((await this.#ask({ what: `${what}: load`, reason: "load_timeout" }, load)) ?? null);
    this.#decide(loaded, true);
  }

  /** Asks the developer's code. If it throws an AuthError, that is the answer to the request, and it is reported. */
  async #ask<T>(wait: Wait, ask: (context: CallContext) => MaybePromise<T>): Promise<T> {
    try {
      return await within(wait, ask);
    } catch (error) {
      throw error instanceof AuthError ? this.#reported(error) : error;
    }
  }

  /** Whether a good answer has to be asked about by `objection`: in production lists are not. */
  get isWatched(): boolean {
    const { operation, handlerDecides } = this.#guarded;
    return handlerDecides || (isList(operation) && !isProduction());
  }

  /** @throws AuthError if no rule reaches the caller */
  #decideList(operation: ListOperation): void {
    const { auth, policy, model } = this.#guarded;
    const ask = (identity: IdentityBase): RuleDecision => {
      const decision = policy.decide(identity, { model, operation });
      if (!decision.allowed && decision.reason !== "needs-record") return decision;
      this.#filter = policy.filter(identity, { model, operation });
      return decision.allowed ? decision : filtered(model, this.#filter);
    };
    auth.authorize(this.#view, ask, true);
  }

  /**
   * What speaks against sending a good answer: a list that was not filtered, a record that was not decided about.
   * It is reported, and to be answered instead.
   */
  objection(): AuthError | undefined {
    const { operation, model } = this.#guarded;
    if (isList(operation)) {
      if (this.#isFilterTaken) return undefined;
      return this.#mistake(
        "filter_not_taken",
        `allow("${operation}", "${model}"): the list was answered without the filter of its access, so it was not filtered`,
      );
    }
    if (this.decision !== undefined) return undefined;
    return this.#mistake(
      "handler_did_not_decide",
      `allow("${operation}", "${model}", { handlerDecides: true }): the answer was sent before decide(record) of its access`,
    );
  }

  #mistake(reason: string, detail: string): AuthError {
    return this.#guarded.auth.mistake(this.#view, reason, detail);
  }

  #reported(error: AuthError): AuthError {
    const rejecting = (): never => {
      throw error;
    };
    try {
      this.#guarded.auth.authorize(this.#view, rejecting, true);
    } catch (thrown) {
      if (thrown !== error) throw thrown;
    }
    return error;
  }

  /** The part of the body that rules can speak about. */
  #known(): Values {
    if (!isRecord(this.#body)) return {};
    const fields = this.#guarded.policy.fields(this.#guarded.model);
    return Object.fromEntries(Object.entries(this.#body).filter(([name]) => fields.has(name)));
  }

  #identity(): IdentityBase {
    return this.#guarded.auth.requireIdentity(
      this.#view,
      "mask() of an access was called before authenticate() of this auth ran",
    );
  }
}

function misused(sentence: string): never {
  throw new TypeError(`access: ${sentence}`);
}

export function isList(operation: RouteOperation): operation is ListOperation {
  return operation === "list" || operation === "search" || operation === "sync";
}

export function isWrite(operation: RouteOperation): boolean {
  return operation === "create" || operation === "update";
}

function isRecord(value: unknown): value is Values {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function checkBody(body: unknown, fields: ReadonlySet<string>, model: string): void {
  if (!isRecord(body)) throw new InputError(`Send ${model} as a JSON object`);
  const unknown = Object.keys(body).find((name) => !fields.has(name));
  if (unknown !== undefined) throw new InputError(`${model} has no field ${JSON.stringify(unknown)}`);
}

function noSuchRecord(model: string): AuthError {
  return new AuthError("not_found", "record_missing", { detail: `${model}: no such record` });
}

/** Rules that look at the record let the caller at a part of the list. */
function filtered(model: string, filter: Condition): RuleDecision {
  const fields = [...new Set(fieldsOf(filter))].join(" or ");
  return { allowed: true, rule: "filtered", writes: {}, explanation: `${model}: filtered by ${fields}` };
}

function fieldsOf(condition: Condition): readonly string[] {
  if (condition.kind === "and") return condition.all.flatMap(fieldsOf);
  if (condition.kind === "or") return condition.any.flatMap(fieldsOf);
  return "field" in condition ? [condition.field] : [];
}
