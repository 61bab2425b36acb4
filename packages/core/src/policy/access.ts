import { AuthError, invalidInput } from "../refusal/error.ts";
import { isProduction } from "../lib/log.ts";
import { isObject, maxNesting, nestsTooDeeply } from "../lib/json.ts";
import { type Wait, waitSeconds, within } from "../lib/promises.ts";
import type { CallContext, IdentityBase, MaybePromise, RequestView } from "../types.ts";
import { type GuardedRoute, isList, isWrite } from "./guarded-route.ts";
import type { AllowedByRule, Condition, Masked, Question, RuleDecision, Values } from "./policy.ts";

/** What the rules let the caller of a request do, for its handler. Members can be destructured. */
export interface Access {
  /** undefined for lists, whose records have one each, and until a handler with `handlerDecides` called `decide`. */
  readonly decision: AllowedByRule | undefined;
  /** The record that was loaded. Throws a TypeError if there is none. */
  readonly record: Values;
  /**
   * Lists: the condition that selects the records that the caller may read. Updates and deletes: the condition that the
   * record met when it was decided about. Put it into the statement, so that a record whose owner has changed since then
   * is not written.
   */
  readonly filter: Condition;
  /** What to write: the input with the values that the rules add, such as the owner. */
  readonly input: Values;
  /**
   * Returns a record as this caller may see it: hidden fields are null, owners are shown by their names. In the answer to a
   * write, a caller who may not read the record sees the fields that no rule guards.
   */
  readonly mask: <T extends object>(record: T) => Masked<T>;
  /**
   * Decides about a record that the handler loaded; null if there is none. A denial is thrown, but does not close the
   * request: a handler that catches it can decide about another record, for the same caller.
   * @throws AuthError `forbidden`, `not_found`, `invalid_input`
   */
  readonly decide: (record: object | null) => AllowedByRule;
}

/** Returns the input of a create or an update. */
export type ReadInput = (context: CallContext) => unknown;
export type LoadRecord = (context: CallContext) => MaybePromise<object | null | undefined>;

/** `input` may read the body, for which clients have 300 seconds. */
const inputSeconds = 300 + waitSeconds;

/**
 * A request on a guarded route. For adapters: handlers get it as `Access`.
 * @example
 * import type { Access } from "@authmodes/core";
 * import { RouteAccess } from "@authmodes/core/adapter";
 *
 * export function failsUnlessFiltered(access: Access): void {
 *   const objection = access instanceof RouteAccess ? access.objection() : undefined;
 *   if (objection !== undefined) throw objection;
 * }
 */
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
    const { operation } = this.#guarded;
    if (operation === "get" || operation === "create") misused(`filter is not for a ${operation}`);
    if (this.#filter !== undefined) return this.#filter;
    return (this.decision ?? misused("filter: call decide(record) first")).filter ?? { kind: "always" };
  }

  get input(): Values {
    if (!isWrite(this.#guarded.operation)) misused("input is for creates and updates");
    if (this.decision === undefined) misused("input: call decide(record) first");
    return { ...this.#known(), ...this.decision.writes };
  }

  readonly mask = <T extends object>(record: T): Masked<T> => {
    const { policy, model, operation } = this.#guarded;
    const early = "mask() of an access was called before authenticate() of this auth ran";
    const identity = this.#guarded.auth.requireIdentity(this.#view, early);
    const seen =
      isWrite(operation) || operation === "delete"
        ? policy.maskWritten(identity, model, byName(record))
        : policy.mask(identity, model, byName(record));
    return policy.displayed(model, seen) as Masked<T>;
  };

  // A handler that found no record may pass undefined: it means a missing record, as null does.
  readonly decide = (record: object | null | undefined): AllowedByRule =>
    this.#decide(record ? byName(record) : null, false);

  /** @param closes as of `authorize` */
  #decide(record: Values | null | undefined, closes: boolean): AllowedByRule {
    const { auth, policy, operation, model } = this.#guarded;
    const writes = isWrite(operation);
    const question: Question<Values> = {
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
      if (decided.allowed && record === null) {
        throw new AuthError("not_found", "record_missing", { detail: `${model}: no such record` });
      }
      // Last, so that a caller who may not write does not learn the fields.
      if (decided.allowed && writes) checkBody(this.#body, policy.fields(model), model);
      return decided;
    };
    const decision = auth.authorize(this.#view, ask, closes, question);
    this.#record = record;
    return (this.decision = decision);
  }

  /**
   * Evaluates the rules before the handler runs; with `handlerDecides`, only checks that the caller is known. A denial
   * here closes the request.
   * @param load loads the record that the rules look at; undefined if they need none
   * @throws AuthError for a denial; as `requireIdentity`, before `load`, if the caller is not known; `unavailable` if the
   *   input or the record takes too long
   */
  async admit(load: LoadRecord | undefined): Promise<void> {
    const { auth, policy, operation, model, handlerDecides } = this.#guarded;
    const what = `allow("${operation}", "${model}")`;
    auth.requireIdentity(
      this.#view,
      `${what} ran before authenticate() of this auth: mount authenticate(auth) before it`,
    );
    if (isWrite(operation)) {
      const wait = { what: `${what}: input`, reason: "input_timeout", seconds: inputSeconds };
      this.#body = await this.#ask(wait, this.#readInput);
    }
    if (isList(operation)) {
      const question = { model, operation };
      const ask = (identity: IdentityBase) => policy.list(identity, question);
      this.#filter = auth.authorize(this.#view, ask, true, question).filter;
      return;
    }
    if (handlerDecides) return;
    const loaded =
      load && ((await this.#ask({ what: `${what}: load`, reason: "load_timeout" }, load)) ?? null);
    this.#decide(loaded && byName(loaded), true);
  }

  /** Calls the developer's code. An AuthError that it throws is reported, and answers the request. */
  async #ask<T>(wait: Wait, ask: (context: CallContext) => MaybePromise<T>): Promise<T> {
    try {
      return await within(wait, ask);
    } catch (error) {
      const rejecting = (): never => {
        throw error;
      };
      // Reports the error, closes the request, and throws the error.
      if (error instanceof AuthError) this.#guarded.auth.authorize(this.#view, rejecting, true);
      throw error;
    }
  }

  /** Whether to call `objection` before an answer below 400 is sent. In production lists are not watched. */
  get isWatched(): boolean {
    const { operation, handlerDecides } = this.#guarded;
    return handlerDecides || (isList(operation) && !isProduction());
  }

  /**
   * The error to send in place of an answer below 400: for a list that was not filtered, or a record that was not
   * decided about. It is reported.
   */
  objection(): AuthError | undefined {
    const { auth, operation, model } = this.#guarded;
    if (isList(operation)) {
      if (this.#isFilterTaken) return undefined;
      return auth.mistake(
        this.#view,
        "filter_not_taken",
        `allow("${operation}", "${model}"): the list was answered without the filter of its access, so it was not filtered`,
      );
    }
    if (this.decision !== undefined) return undefined;
    return auth.mistake(
      this.#view,
      "handler_did_not_decide",
      `allow("${operation}", "${model}", { handlerDecides: true }): the answer was sent before decide(record) of its access`,
    );
  }

  /** The members of the body that are fields of the model. */
  #known(): Values {
    if (!isObject(this.#body)) return {};
    const fields = this.#guarded.policy.fields(this.#guarded.model);
    return Object.fromEntries(Object.entries(this.#body).filter(([name]) => fields.has(name)));
  }
}

/** Interfaces and classes have no index signature, but the fields of any object can be read by name. */
function byName(record: object): Values {
  return record as Values;
}

function misused(sentence: string): never {
  throw new TypeError(`access: ${sentence}`);
}

function checkBody(body: unknown, fields: ReadonlySet<string>, model: string): void {
  if (!isObject(body)) throw invalidInput("input_not_object", `Send ${model} as a JSON object`);
  const unknown = Object.keys(body).find((name) => !fields.has(name));
  if (unknown !== undefined) {
    throw invalidInput("field_unknown", `${model} has no field ${JSON.stringify(unknown)}`);
  }
}
