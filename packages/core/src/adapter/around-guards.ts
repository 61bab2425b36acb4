import type { OutgoingHttpHeader, ServerResponse } from "node:http";
import { isPromise } from "../lib/promises.ts";
import { AuthError } from "../refusal/error.ts";
import { isPreflight } from "../refusal/preflight.ts";
import { isForBrowsers } from "../refusal/reply.ts";
import { opened } from "../auth/accepted-modes.ts";
import type { Auth } from "../auth/auth.ts";
import type { AuthListener } from "../auth/events.ts";
import { meets } from "../auth/requirements.ts";
import { verificationOf } from "../auth/verification.ts";
import type { AllowedByRule, RuleDecision } from "../policy/policy.ts";
import type { IdentityBase, MaybePromise, Requirements, RequestView } from "../types.ts";

// For servers that ask about a request before its guard runs, or check its answer afterwards.

/**
 * Whether a request carries credentials that a mode of this auth reads. Verifies and reports nothing.
 * @example
 * import { type Auth, nodeView, type NodeRequest } from "@authmodes/core";
 * import { carriesCredentials } from "@authmodes/core/adapter";
 *
 * export function isPublicCacheable(auth: Auth, request: NodeRequest): boolean {
 *   return !carriesCredentials(auth, nodeView(request, auth.publicUrl));
 * }
 */
export function carriesCredentials(auth: Auth, view: RequestView): boolean {
  const { shared, accepted } = opened(auth);
  const found = verificationOf(shared, view).detect();
  return found.some(({ mode, detection }) => detection.place !== null && accepted.includes(mode));
}

/**
 * Writes rejections to the log of a framework instead of stderr, for as long as the auth has no listener that logs.
 * @example
 * import { type Auth, logLine } from "@authmodes/core";
 * import { logRejections } from "@authmodes/core/adapter";
 *
 * export function useLogger(auth: Auth, logger: { warn(line: string): void }): void {
 *   logRejections(auth, (event) => logger.warn(logLine(event)));
 * }
 */
export function logRejections(auth: Auth, write: AuthListener): void {
  opened(auth).shared.listeners.fallback = write;
}

/**
 * Whether `authenticate` will accept the request, for servers that wait for bodies before they call it. Verifies, and
 * reads the body only if the mode does; reports nothing.
 * @example
 * import { type Auth, nodeView, type NodeRequest } from "@authmodes/core";
 * import { admits } from "@authmodes/core/adapter";
 *
 * export async function mayUpload(auth: Auth, request: NodeRequest): Promise<boolean> {
 *   return admits(auth, nodeView(request, auth.publicUrl), { scopes: ["files/write"] });
 * }
 */
export function admits(auth: Auth, view: RequestView, needs?: Requirements): MaybePromise<boolean> {
  const modes = opened(auth);
  if (modes.shared.reportOnly || isPreflight(view)) return true;
  try {
    const proven = modes.prove(verificationOf(modes.shared, view));
    if (!isPromise(proven)) return meets(proven, needs);
    return proven.then(
      (identity) => meets(identity, needs),
      () => false,
    );
  } catch {
    return false;
  }
}

/**
 * Whether a mode of this auth reads bodies. If not, `verifyAhead` has nothing to do.
 * @example
 * import { createAuth, none } from "@authmodes/core";
 * import { readsBody } from "@authmodes/core/adapter";
 *
 * console.log(readsBody(createAuth([none()]))); // false
 */
export function readsBody(auth: Auth): boolean {
  return opened(auth).accepted.some((mode) => mode.readsBody === true);
}

/**
 * Verifies a request whose mode reads the body, for servers that parse bodies before they authenticate. `authenticate`
 * then uses the result.
 * @returns undefined if no body is needed; false if the body stopped arriving: call `authenticate` then, since a parser
 *   would wait for the rest
 * @example
 * import { type Auth, nodeView, type NodeRequest } from "@authmodes/core";
 * import { verifyAhead } from "@authmodes/core/adapter";
 *
 * export async function beforeParsing(auth: Auth, request: NodeRequest): Promise<void> {
 *   const hasArrived = await verifyAhead(auth, nodeView(request, auth.publicUrl));
 *   if (hasArrived === false) await auth.authenticate(nodeView(request, auth.publicUrl)); // throws a 408
 * }
 */
export function verifyAhead(auth: Auth, view: RequestView): Promise<boolean> | undefined {
  if (isPreflight(view)) return undefined;
  const verification = verificationOf(opened(auth).shared, view);
  try {
    const chosen = verification.choose();
    if (chosen.mode.readsBody !== true) return undefined;
    return Promise.resolve(verification.verify(chosen)).then(
      () => true,
      (error: unknown) => !(error instanceof AuthError && error.code === "body_timeout"),
    );
  } catch {
    return undefined;
  }
}

/**
 * Evaluates rules for a request whose caller is known, and reports the decision under the id of the request: for servers
 * that do so more than once per request, such as those of GraphQL.
 * @param decide evaluates the rules; an AuthError that it throws is reported too
 * @throws AuthError `forbidden` or `not_found` for a denial, which does not close the request; as `Adapter.identity` if
 *   the caller is not known
 * @example
 * import { type Auth, type Policy, type RequestView } from "@authmodes/core";
 * import { authorize } from "@authmodes/core/adapter";
 *
 * export function mayRead(auth: Auth, policy: Policy, view: RequestView, record: { owner: string }) {
 *   return authorize(auth, view, (identity) =>
 *     policy.decide(identity, { model: "Order", operation: "get", record }),
 *   );
 * }
 */
export function authorize(
  auth: Auth,
  view: RequestView,
  decide: (identity: IdentityBase) => RuleDecision,
): AllowedByRule {
  return opened(auth).authorize(view, decide);
}

/**
 * Calls `objection` when an answer with a status below 400 is about to be sent. If it returns an error, that is sent
 * instead, whatever the handler writes afterwards. Never throws, since the writer may be a stream.
 * @example
 * import { AuthError } from "@authmodes/core";
 * import { guardAnswer } from "@authmodes/core/adapter";
 * import type { ServerResponse } from "node:http";
 *
 * export function requireDecision(response: ServerResponse, isDecided: () => boolean): void {
 *   guardAnswer(response, () => (isDecided() ? undefined : new AuthError("misconfigured", "not_decided")));
 * }
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
