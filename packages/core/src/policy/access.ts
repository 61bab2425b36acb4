import { AuthError, invalidInput } from "../refusal/error.ts";
import { isProduction } from "../lib/is-production.ts";
import { maxNesting, nestsTooDeeply } from "../lib/json.ts";
import { type Wait, waitSeconds, within } from "../lib/within.ts";
import type { CallContext, IdentityBase, MaybePromise, RequestView } from "../types.ts";
import { type GuardedRoute, isList, isWrite, type ListOperation } from "./guarded-route.ts";
import type {
  AllowedByRule,
  AllowedList,
  Condition,
  DeniedByRule,
  Question,
  RuleDecision,
  Values,
} from "./policy.ts";

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
   * @throws AuthError `forbidden`, `not_found`, `invalid_input`
   */
  readonly decide: (record: Values | null) => AllowedByRule;
}

/** Finds what a create or an update wants to write. */
export type ReadInput = (context: CallContext) => unknown;
export type LoadRecord = (context: CallContext) => MaybePromise<Values | null | undefined>;

/** It may read the body, for which clients have 300 seconds. */
const inputSeconds = 300 + waitSeconds;

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
    const writes = isWrite(operation);
    const question: Question = {
      model,
      operation,
      ...(record !== undefined && { record }),
      ...(writes && { input: this.#known() }),
    };
    const ask = (identity: IdentityBase): RuleDecision => {
      if (writes && nestsTooDeeply(this.#body)) {
        throw invalidInput("input_too_deep", `The body nests deeper than ${maxNesting} levels`);
      }
      const decided = policy.decide(identity, question);
      if (decided.allowed && record === null) throw noSuchRecord(model);
      // Last: a caller who may not write need not learn how to.
      if (decided.allowed && writes) checkBody(this.#body, policy.fields(model), model);
      return decided;
    };
    const decision = auth.authorize(this.#view, ask, closes, question);
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
    const question = { model, operation };
    const ask = (identity: IdentityBase): AllowedList | DeniedByRule => policy.list(identity, question);
    this.#filter = auth.authorize(this.#view, ask, true, question).filter;
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

function isRecord(value: unknown): value is Values {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function checkBody(body: unknown, fields: ReadonlySet<string>, model: string): void {
  if (!isRecord(body)) throw invalidInput("input_not_object", `Send ${model} as a JSON object`);
  const unknown = Object.keys(body).find((name) => !fields.has(name));
  if (unknown !== undefined) {
    throw invalidInput("field_unknown", `${model} has no field ${JSON.stringify(unknown)}`);
  }
}

function noSuchRecord(model: string): AuthError {
  return new AuthError("not_found", "record_missing", { detail: `${model}: no such record` });
}
