import {
  type Access,
  type Auth,
  AuthError,
  type CallContext,
  type IdentityBase,
  type MaybePromise,
  type NodeRequest,
  type RequestView,
  type Requirements,
  type RouteOperation,
} from "@authmodes/core";
import { Adapter, checkRequirements } from "@authmodes/core/adapter";
import { createAllow, refusal } from "@authmodes/core/fetch";
import { checkOptionNames, must } from "@authmodes/core/options";
import type { NextRequest } from "next/server.js";
import type { LazyAuth } from "./next-auth.ts";
import { nextView } from "./view.ts";

/** The context that Next passes to route handlers. Narrow it with Next's own `RouteContext<"/books/[id]">`. */
export interface AnyRouteContext {
  readonly params: Promise<unknown>;
}

/** A route handler as Next calls it. It fits the types that Next generates for a route. */
export type RouteHandler<C> = (request: NextRequest, context: C) => Promise<Response>;

/** The caller of a route. */
export interface Caller<I extends IdentityBase> {
  readonly identity: I;
  /** The request as the modes read it. `outbound.forward` takes it to call another service as the caller. */
  readonly view: RequestView;
}

/** The caller of a route, and what the rules let them do. */
export interface AllowedCaller<I extends IdentityBase> extends Caller<I> {
  readonly access: Access;
}

/** The modes, groups and scopes that a route requires. */
export interface RouteOptions<N extends string> extends Requirements {
  /** The modes that the route accepts; they narrow the type of the identity. Default: all of the auth. */
  readonly modes?: readonly N[];
}

/** Options of a route that rules guard. */
export interface AllowOptions<N extends string, C> extends RouteOptions<N> {
  /** Loads the record that a get, an update or a delete is about. */
  readonly load?: (
    request: NextRequest,
    context: C,
    call: CallContext,
  ) => MaybePromise<object | null | undefined>;
  /** Returns the input of a create or an update. Default: the body as JSON, up to 1 MiB. */
  readonly input?: (request: NextRequest, context: C, call: CallContext) => unknown;
  /** The handler loads the record and calls `access.decide(record)`; without that call a good answer is a 500. Default false. */
  readonly handlerDecides?: boolean;
}

/** A route handler that also gets its caller. */
export type GuardedHandler<C, W> = (request: NextRequest, context: C, caller: W) => MaybePromise<Response>;

export type Of<I, N> = Extract<I, { readonly mode: N }>;

/** Guards a route handler: `export const GET = withAuth({ modes: ["userPool"] }, (request, context, { identity }) => …)` */
export interface WithAuth<I extends IdentityBase> {
  <C extends AnyRouteContext>(handler: GuardedHandler<C, Caller<I>>): RouteHandler<C>;
  <C extends AnyRouteContext, const N extends I["mode"] = I["mode"]>(
    options: RouteOptions<N>,
    handler: GuardedHandler<C, Caller<Of<I, N>>>,
  ): RouteHandler<C>;
}

/** Guards a route handler by the rules, which are asked after the caller is verified. */
export type Allow<I extends IdentityBase> = <
  C extends AnyRouteContext,
  const N extends I["mode"] = I["mode"],
>(
  operation: RouteOperation,
  model: string,
  options: AllowOptions<N, C>,
  handler: GuardedHandler<C, AllowedCaller<Of<I, N>>>,
) => RouteHandler<C>;

type AnyHandler<W> = GuardedHandler<AnyRouteContext, W>;
export type AnyCaller = Caller<IdentityBase>;

/** Answers errors of a handler that are no rejections; undefined leaves them to Next. */
export type ErrorResponse = (error: unknown) => Response | undefined;

export function createWithAuth<I extends IdentityBase>(
  auth: LazyAuth<I>,
  errorResponse?: ErrorResponse,
): WithAuth<I> {
  const withAuth = (first: RouteOptions<string> | AnyHandler<AnyCaller>, second?: AnyHandler<AnyCaller>) => {
    const { options, handler } = argumentsOf("withAuth()", first, second);
    return guarded("withAuth()", auth, options, () => handler, errorResponse);
  };
  return withAuth as WithAuth<I>;
}

export function createRouteAllow<I extends IdentityBase>(
  source: LazyAuth<I>,
  errorResponse?: ErrorResponse,
): Allow<I> {
  const allow = (
    operation: RouteOperation,
    model: string,
    options: AllowOptions<string, AnyRouteContext>,
    handler: AnyHandler<AllowedCaller<IdentityBase>>,
  ) => {
    const where = `allow("${operation}", "${model}")`;
    checkOptionNames(where, options, [...needsNames, "load", "input", "handlerDecides"], needsAliases);
    checkHandler(where, handler);
    const { load, input, handlerDecides, modes, ...needs } = options;
    const deciding = {
      ...(load && { load: withoutCaller(load) }),
      ...(input && { input: withoutCaller(input) }),
      ...(handlerDecides && { handlerDecides }),
    };
    const accepted = source.only(where, modes);
    const byRule = accepted.derive((auth) =>
      createAllow(auth, viewOf)(operation, model, deciding, (access, request, context, caller) =>
        handler(request, context, { ...caller, access }),
      ),
    );
    return guarded(where, accepted, needs, byRule, errorResponse);
  };
  return allow as Allow<I>;
}

/** Drops the caller from a handler's arguments: `load` and `input` do not get it. */
function withoutCaller<T>(ask: (request: NextRequest, context: AnyRouteContext, call: CallContext) => T) {
  return (request: NextRequest, context: AnyRouteContext, _caller: AnyCaller, call: CallContext): T =>
    ask(request, context, call);
}

function viewOf(_request: NextRequest, _context: AnyRouteContext, { view }: AnyCaller): RequestView {
  return view;
}

/** The options and the handler of a guard that takes options or none. */
export function argumentsOf<H extends (...args: never[]) => unknown>(
  where: string,
  first: RouteOptions<string> | H,
  second: H | undefined,
): { readonly options: RouteOptions<string>; readonly handler: H } {
  const [options, handler] = typeof first === "function" ? [{}, first] : [first, second];
  checkOptionNames(where, options, needsNames, needsAliases);
  checkHandler(where, handler);
  must(
    typeof first !== "function" || second === undefined,
    `${where} takes its options before the handler: ${where.slice(0, -1)}{ groups }, handler)`,
  );
  return { options, handler };
}

function guarded(
  where: string,
  auth: LazyAuth<IdentityBase>,
  options: RouteOptions<string>,
  getHandler: () => AnyHandler<AnyCaller>,
  errorResponse: ErrorResponse | undefined,
): RouteHandler<AnyRouteContext> {
  const admit = createAdmit(where, auth, options);
  return async function guarded(request, context) {
    checkRequest(where, request);
    try {
      return await getHandler()(request, context, await admit(request));
    } catch (error) {
      return answered(request, error, errorResponse);
    }
  };
}

/** Verifies a request, and returns its caller. */
type Admit = (request: NextRequest | NodeRequest) => Promise<AnyCaller>;

/** @throws TypeError if an option would guard nothing */
export function createAdmit(
  where: string,
  source: LazyAuth<IdentityBase>,
  { modes, ...needs }: RouteOptions<string>,
): Admit {
  const accepted = source.only(where, modes);
  const asked = checkRequirements(where, needs);
  return async (request) => {
    const auth = accepted.get();
    const identity = await adapter.authenticate(request, { auth, needs: asked });
    const view = nextView(request, auth.publicUrl);
    return identity === undefined ? uncalled(where, auth, request, view) : { identity, view };
  };
}

export const adapter: Adapter<NextRequest | NodeRequest> = new Adapter(nextView, {
  // Next sets the headers for other origins itself.
  corsAdvice: "set the Access-Control- headers in headers() of next.config",
});

/** The caller of a preflight that passes: reading the identity throws, so that no handler takes undefined for a guest. */
function uncalled(
  where: string,
  auth: Auth,
  request: NextRequest | NodeRequest,
  view: RequestView,
): AnyCaller {
  return {
    view,
    get identity() {
      return adapter.identity(request, auth, `${where}: the request was not authenticated`);
    },
  };
}

/** @throws the error, if it is Next's to answer */
export function answered(request: NextRequest, error: unknown, errorResponse?: ErrorResponse): Response {
  if (error instanceof AuthError) return refusal(adapter.rejection(request, error));
  const response = steersNext(error) ? undefined : errorResponse?.(error);
  if (response === undefined) throw error;
  return response;
}

/** Whether it is an error of `redirect()`, `notFound()` and others, whose digest Next reads. */
function steersNext(error: unknown): boolean {
  return typeof error === "object" && error !== null && "digest" in error;
}

const needsNames = ["modes", "groups", "scopes"];
const needsAliases = { role: "groups", roles: "groups", permissions: "scopes" };

function checkHandler<H>(where: string, handler: H | undefined): asserts handler is H {
  must(
    typeof handler === "function",
    `${where}: its last argument is the route handler, (request, context, caller) => Response`,
  );
}

/** @throws TypeError in a page, which Next calls with props, and in an action, which gets a form */
function checkRequest(where: string, request: unknown): void {
  must(
    request instanceof Request,
    `${where} guards route handlers, the GET, POST, … of a route.ts, and was called without a request. ` +
      "In a page, a layout or a server action write: const caller = await identity(). In pages/api write withApiAuth()",
  );
}
