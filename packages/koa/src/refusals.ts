import { AuthError } from "@authmodes/core";
import { AdapterSlot, isForBrowsers, stateOf } from "@authmodes/core/adapter";
import type { ExtendableContext } from "koa";
import { adapter, requestOf } from "./adapter.ts";

// Rejections are thrown, so that the app's error handling sees them. If no middleware catches them, Koa's `ctx.onerror`
// removes all headers, those of CORS too, and writes the message as plain text. So `onerror` is overridden for this request:
// an error-handling middleware would have to be mounted first, and apps forget that.

/** The context that answers. */
const answering = new AdapterSlot<ExtendableContext>();

/**
 * Makes Koa answer the rejections of this request in the format of the auth. Called when there is one: an `onerror` for each
 * request takes longer than the verification.
 */
function answerRefusals(ctx: ExtendableContext): void {
  const state = stateOf(ctx.req);
  if (answering.get(state) === ctx) return;
  answering.set(state, ctx);
  const byKoa = ctx.onerror.bind(ctx);
  ctx.onerror = (error) => {
    if (!(error instanceof AuthError) || ctx.headerSent || !ctx.writable) return byKoa(error);
    ctx.app.emit("error", error, ctx);
    // Drop the answer that a handler began.
    for (const name of ctx.res.getHeaderNames()) if (!isForBrowsers(name)) ctx.remove(name);
    ctx.set({ ...error.headers });
    ctx.status = error.status;
    const { body } = error.reply;
    ctx.length = Buffer.byteLength(body);
    ctx.res.end(body);
  };
}

/**
 * Prepares an error that goes on to the app and to Koa. Koa assigns `status` to the errors that it answers, and CORS
 * middlewares `headers` to those that pass them.
 */
export function passedOn(error: unknown, ctx: ExtendableContext): unknown {
  if (!(error instanceof AuthError)) return error;
  const rejection = adapter.rejection(requestOf(ctx), error);
  answerRefusals(ctx);
  if (Object.hasOwn(rejection, "headers")) return rejection;
  const { status, headers } = rejection;
  return Object.defineProperties(rejection, {
    status: { value: status, writable: true },
    headers: { value: { ...headers }, writable: true },
  });
}
