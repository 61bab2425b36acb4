import type { Claims } from "../identity.ts";
import { isPromise } from "../lib/is-promise.ts";
import { must } from "../lib/options.ts";
import type { CallContext, MaybePromise, RequestView } from "../types.ts";
import { type Wait, within } from "../lib/within.ts";
import { isObject } from "../lib/json.ts";
import { refused, shown } from "../refusal/error.ts";

/**
 * Returns whether the client that sent a request holds the key that `cnf` (RFC 7800 §3.1) of its token names. false
 * rejects the request. The answer is 503 if it throws or takes over 5 seconds.
 */
export type ConfirmKey = (cnf: Claims, request: RequestView, context: CallContext) => MaybePromise<boolean>;

/** What to do with tokens that have a `cnf`. */
export type Confirmation = ConfirmKey | "ignore";

/**
 * Checks that a bound token may be on a request, for each request.
 * @throws AuthError
 */
export type RequestCheck = (request: RequestView) => MaybePromise<void>;

const ignoring: RequestCheck = () => {};

const confirmationWait: Wait = { what: "confirmation", reason: "confirmation_timeout" };

/** @throws TypeError */
export function checkConfirmation(where: string, confirmation: Confirmation | undefined): void {
  must(
    confirmation === undefined || confirmation === "ignore" || typeof confirmation === "function",
    `${where}: confirmation is a function (cnf, request) => boolean, or 'ignore' to accept such tokens from any sender`,
  );
}

/**
 * Returns the check for every request with a token; undefined if the token is not bound to a key.
 * @throws AuthError if it is bound, and no `confirmation` is set
 */
export function requestCheckOf(
  { cnf }: Claims,
  confirmation: Confirmation | undefined,
): RequestCheck | undefined {
  if (cnf === undefined) return undefined;
  if (!isObject(cnf)) throw refused("cnf_malformed", `cnf is not an object: ${shown(cnf)}`);
  if (confirmation === "ignore") return ignoring;
  const members = Object.keys(cnf).join(", ");
  if (confirmation === undefined) {
    throw refused(
      "sender_constrained",
      `only the holder of a key may send the token (cnf: ${shown(members)}), and no 'confirmation' is set to check that`,
    );
  }
  const judge = (answer: unknown) => {
    if (answer === true) return;
    const what = answer === false ? "false" : `${typeof answer}, which is not a boolean`;
    throw refused("confirmation_failed", `confirmation returned ${what} for cnf: ${shown(members)}`);
  };
  return (request) => {
    const answer = within(confirmationWait, (context) => confirmation(cnf, request, context));
    return isPromise(answer) ? answer.then(judge) : judge(answer);
  };
}
