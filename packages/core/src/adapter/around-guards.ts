import type { OutgoingHttpHeader, ServerResponse } from "node:http";
import type { AuthError } from "../refusal/error.ts";
import { isForBrowsers } from "../refusal/reply.ts";
import { opened } from "../auth/accepted-modes.ts";
import type { Auth } from "../auth/auth.ts";
import type { AllowedByRule, RuleDecision } from "../policy/policy.ts";
import type { IdentityBase, MaybePromise, Requirements, RequestView } from "../types.ts";

// For servers that need more than a guard at one place: before it, to know something of a request, and after it.

/** Whether a request carries something that a mode of this auth reads. Nothing is verified or reported. */
export function carriesCredentials(auth: Auth, view: RequestView): boolean {
  return opened(auth).carriesCredentials(view);
}

/**
 * Whether `authenticate` will let the request pass, for servers that wait for bodies before they ask it. It verifies, and
 * reads the body only if the mode does. Nothing is reported.
 */
export function admits(auth: Auth, view: RequestView, needs?: Requirements): MaybePromise<boolean> {
  return opened(auth).admits(view, needs);
}

/** Whether a mode of this auth reads bodies; else there is nothing to verify ahead. */
export function readsBody(auth: Auth): boolean {
  return opened(auth).readsBody;
}

/**
 * For servers that parse bodies before they authenticate: verifies what reads the body while it is there. `authenticate`
 * then rejects by what was found. Returns undefined if no body is needed.
 * @returns false if the body stopped arriving: call `authenticate` then, since a parser would wait for the rest
 */
export function verifyAhead(auth: Auth, view: RequestView): Promise<boolean> | undefined {
  return opened(auth).verifyAhead(view);
}

/**
 * Reports what the rules say about a request whose caller is known, under the id of the request: for servers that ask
 * them more than once for a request, such as those of GraphQL.
 * @param decide asks the rules; if it throws an AuthError, that is reported
 * @throws AuthError `forbidden` or `not_found` by a denial, which does not close the request; as `Adapter.identity` if
 *   the caller is not known
 */
export function authorize(
  auth: Auth,
  view: RequestView,
  decide: (identity: IdentityBase) => RuleDecision,
): AllowedByRule {
  return opened(auth).authorize(view, decide);
}

/**
 * Asks once more when a good answer is about to be sent: an objection replaces it, whatever the handler goes on to
 * write. Nothing is thrown, for it might be a stream that writes.
 */
export function guardAnswer(response: ServerResponse, objection: () => AuthError | undefined): void {
  const writeHead = response.writeHead.bind(response);
  const write = response.write.bind(response);
  const end = response.end.bind(response);
  let replaced = false;

  /** @param written the headers that are given to `writeHead` alone, as Fastify does it */
  function passes(status: unknown, written?: unknown): boolean {
    if (replaced || response.headersSent) return !replaced;
    const error = Number(status) < 400 ? objection() : undefined;
    if (error === undefined) return true;
    replaced = true;
    for (const name of response.getHeaderNames()) {
      if (!isForBrowsers(name)) response.removeHeader(name);
    }
    for (const [name, value] of Object.entries<OutgoingHttpHeader>(Object(written))) {
      if (isForBrowsers(name.toLowerCase())) response.setHeader(name, value);
    }
    Object.assign(response, { writeHead, write, end });
    const { status: replacement, headers, body } = error.reply;
    response.writeHead(replacement, headers).end(body);
    Object.assign(response, { write: () => true, end: () => response });
    return false;
  }

  Object.assign(response, {
    writeHead: (status: unknown, ...rest: readonly unknown[]): unknown =>
      passes(status, rest.at(-1)) ? Reflect.apply(writeHead, response, [status, ...rest]) : response,
    write: (...chunk: readonly unknown[]): unknown =>
      passes(response.statusCode) ? Reflect.apply(write, response, chunk) : true,
    end: (...chunk: readonly unknown[]): unknown =>
      passes(response.statusCode) ? Reflect.apply(end, response, chunk) : response,
  });
}
