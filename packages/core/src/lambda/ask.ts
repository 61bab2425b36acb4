import { AuthError } from "../refusal/error.ts";
import type { Answer } from "./answer.ts";
import type { AuthorizerEvent } from "./authorizer-events.ts";
import { authorizerOf } from "./authorizers.ts";
import { bounded } from "./bounded.ts";
import { waitSeconds } from "../lib/within.ts";
import type { Contract } from "./contract.ts";
import type { AnyLambdaOptions } from "./options.ts";

/** Asks the authorizer; whatever goes wrong with it is a 503 that lets nobody in. */
export function askerOf(
  { authorizer, timeoutSeconds = waitSeconds, maxConcurrent = 100 }: AnyLambdaOptions,
  contract: Contract,
): (event: AuthorizerEvent) => Promise<Answer> {
  const call = bounded(authorizerOf(authorizer), { timeoutSeconds, maxConcurrent });
  return async (event) => {
    try {
      return contract.answer(await call(event));
    } catch (thrown) {
      throw failure(thrown, contract);
    }
  };
}

function failure(thrown: unknown, contract: Contract): AuthError {
  if (thrown instanceof AuthError) return thrown;
  const refusal = thrown instanceof Error ? contract.refusal(thrown.message) : undefined;
  if (refusal !== undefined) return refusal;
  // The message is for `cause` alone: it may quote the token.
  const name = thrown instanceof Error ? thrown.name : "something that is not an Error";
  return new AuthError("unavailable", "authorizer_failed", {
    detail: `the authorizer threw ${name}`,
    retryAfter: 5,
    cause: thrown,
  });
}
