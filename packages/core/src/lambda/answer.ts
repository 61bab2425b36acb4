import { type AuthError, unavailable } from "../refusal/error.ts";
import type { LambdaIdentity } from "../identity.ts";
import { deepFreeze, isObject, type JsonObject } from "../lib/json.ts";
import { askable } from "../auth/recheck.ts";
import type { RequestView } from "../types.ts";

/** The answer of an authorizer, checked. It can be cached: it holds nothing of the request. */
export interface Answer {
  /** How long to cache it, in seconds; undefined if the authorizer does not say. */
  readonly ttlOverride?: number | undefined;
  /**
   * Applies the answer to a request.
   * @throws AuthError if it rejects the request; a new error each time, because an error belongs to one request
   */
  decide(request: RequestView): LambdaIdentity;
}

/**
 * Parses the object that an authorizer answered with.
 * @throws Error with the message of a Lambda function that failed
 * @throws AuthError `authorizer_answer_malformed`
 */
export function parseAnswer(text: string): JsonObject {
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch (cause) {
    throw malformed("it is not JSON", cause);
  }
  if (!isObject(answer)) throw malformed("it is not an object");
  // Lambda's answer for a function that threw, if the client ignored `FunctionError`.
  if (typeof answer["errorMessage"] === "string") throw new Error(answer["errorMessage"]);
  return answer;
}

export function malformed(what: string, cause?: unknown): AuthError {
  return unavailable("authorizer_answer_malformed", `the authorizer's answer is unusable: ${what}`, cause);
}

/** An object, or null or undefined for none. */
export function optionalRecord(value: unknown, name: string): JsonObject {
  if (value === undefined || value === null) return {};
  if (!isObject(value)) throw malformed(`${name} is not an object`);
  return value;
}

export function lambdaIdentity(
  principalId: string | null,
  resolverContext: JsonObject,
  deniedFields: readonly string[] = [],
): LambdaIdentity {
  const identity: LambdaIdentity = {
    mode: "lambda",
    id: principalId,
    principalId,
    resolverContext,
    deniedFields,
    groups: [],
    scopes: [],
    expiresAt: null,
  };
  return deepFreeze(askable(identity));
}
