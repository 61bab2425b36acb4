import { AuthError } from "@authmodes/core";
import type { ExtendableContext } from "koa";

// Refusals are thrown, so that error handling of the app sees them as it sees all else that goes wrong. What nobody
// catches comes to `ctx.onerror`, where Koa takes all headers away, those of CORS too, and writes the message as plain
// text. For refusals it is told better, for this one request: another middleware that answers would have to stand in
// front of the app's own, and somebody would forget it.

// On the context itself: an entry of a WeakSet for each request keeps the garbage collector busy.
const told: unique symbol = Symbol("told");
type ToldContext = ExtendableContext & { [told]?: true };

/** Makes Koa answer the refusals of this request in the format of the auth. */
export function answerRefusals(ctx: ToldContext): void {
  if (ctx[told] === true) return;
  ctx[told] = true;
  const byKoa = ctx.onerror.bind(ctx);
  ctx.onerror = (error) => {
    if (!(error instanceof AuthError) || ctx.headerSent || !ctx.writable) return byKoa(error);
    ctx.app.emit("error", error, ctx);
    // What a handler had begun to answer goes.
    for (const name of ctx.res.getHeaderNames()) if (!isForBrowsers(name)) ctx.remove(name);
    ctx.set({ ...error.headers });
    ctx.status = error.status;
    const { body } = error.reply;
    ctx.length = Buffer.byteLength(body);
    ctx.res.end(body);
  };
}

/** Without these a page of another origin could not read the answer. */
function isForBrowsers(name: string): boolean {
  return name.startsWith("access-control-") || name === "vary";
}

/** Koa assigns `status` to the errors that it answers, and CORS middlewares `headers` to those that pass them. */
export function assignable(error: unknown): unknown {
  if (!(error instanceof AuthError) || Object.hasOwn(error, "headers")) return error;
  const { status, headers } = error;
  return Object.defineProperties(error, {
    status: { value: status, writable: true },
    headers: { value: { ...headers }, writable: true },
  });
}
