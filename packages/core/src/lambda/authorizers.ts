import { crypto } from "#crypto";
import { isPromise } from "../lib/is-promise.ts";
import type { CallContext } from "../types.ts";
import type { AuthorizerEvent } from "./authorizer-events.ts";
import { httpAuthorizer, type HttpAuthorizer } from "./http-authorizer.ts";

/** What Node handlers on Lambda are given beside the event, as far as it exists outside Lambda. */
export interface LambdaContext {
  readonly functionName: string;
  readonly awsRequestId: string;
  callbackWaitsForEmptyEventLoop: boolean;
  /** Until `timeoutSeconds` are over. */
  getRemainingTimeInMillis(): number;
  /** Aborted then. Lambda itself has no such member. */
  readonly signal: AbortSignal;
}

export type LambdaCallback = (error?: Error | string | null, result?: unknown) => void;

// A method, because parameters of methods are compared both ways: a handler that was typed with its own idea of the
// event fits.
interface Handler<Event> {
  handle(event: Event, context: LambdaContext, callback: LambdaCallback): unknown;
}

/** A handler as it runs on Lambda: async, returning, or (declared with three parameters) calling back. */
export type LambdaFunction<Event = AuthorizerEvent> = Handler<Event>["handle"];

/** A function on Lambda, through a client that is yours. */
export interface InvokedAuthorizer {
  /** Takes the event as JSON and returns the answer's JSON. Rejects if the function failed (`FunctionError`). */
  invoke(payload: string, context: CallContext): Promise<string | Uint8Array>;
}

/**
 * Any authorizer: an event goes in, JSON comes out.
 * @param remaining milliseconds until the call is given up
 */
export type Authorizer = (
  event: AuthorizerEvent,
  context: CallContext,
  remaining: () => number,
) => Promise<string>;

export function authorizerOf(given: LambdaFunction | HttpAuthorizer | InvokedAuthorizer): Authorizer {
  if (typeof given === "function") return localAuthorizer(given);
  return "url" in given ? httpAuthorizer(given) : invokedAuthorizer(given);
}

function localAuthorizer(handler: LambdaFunction): Authorizer {
  return async (event, call, remaining) => {
    const result = await callHandler(handler, event, {
      functionName: "authorizer",
      awsRequestId: crypto.randomUUID(),
      callbackWaitsForEmptyEventLoop: true,
      getRemainingTimeInMillis: remaining,
      get signal() {
        return call.signal;
      },
    });
    // As Lambda does: the answer is a copy, and the same whether the function is near or far.
    return JSON.stringify(result) ?? "null";
  };
}

function callHandler(
  handler: LambdaFunction,
  event: AuthorizerEvent,
  context: LambdaContext,
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const callback: LambdaCallback = (error, result) => {
      if (error === undefined || error === null) resolve(result);
      else reject(typeof error === "string" ? new Error(error) : error);
    };
    const returned = handler(event, context, callback);
    if (handler.length < 3 || isPromise(returned)) resolve(returned);
  });
}

function invokedAuthorizer(client: InvokedAuthorizer): Authorizer {
  return async (event, context) => {
    const answer = await client.invoke(JSON.stringify(event), context);
    return typeof answer === "string" ? answer : new TextDecoder().decode(answer);
  };
}
