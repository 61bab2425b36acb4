import { AuthError, createNextAuth, type IdentityBase, nextView, type RouteHandler } from "@authmodes/next";
import { Adapter } from "@authmodes/core/adapter";
import { type AuditAllow, auditAnswer, type AuditGuard } from "@authmodes/testing/audits";
import type { NextRequest } from "next/server";
import { auditedApp } from "../../audited.ts";

const adapter = new Adapter<NextRequest>(nextView);

type Context = RouteContext<"/[[...path]]">;

async function answer(request: NextRequest, identity: IdentityBase): Promise<Response> {
  return Response.json(auditAnswer(identity, new Uint8Array(await request.arrayBuffer())));
}

/** A handler that asks for the caller although no guard ran. */
async function unguarded(request: NextRequest): Promise<Response> {
  const { auth } = auditedApp();
  try {
    return await answer(request, adapter.identity(request, auth, "the handler runs without withAuth()"));
  } catch (error) {
    if (!(error instanceof AuthError)) throw error;
    const { status, headers, body } = error.reply;
    return new Response(body, { status, headers });
  }
}

function guardedBy(guards: readonly AuditGuard[]): RouteHandler<Context> {
  return guards.reduceRight<RouteHandler<Context>>(
    (inner, { auth, needs }) =>
      createNextAuth(auth).withAuth(needs ?? {}, async (request, context: Context, { identity }) =>
        inner === unguarded ? answer(request, identity) : inner(request, context),
      ),
    unguarded,
  );
}

function allowedBy(guards: readonly AuditGuard[], allow: AuditAllow): RouteHandler<Context> {
  const [guard] = guards;
  if (guard === undefined) throw new TypeError("a route with rules has a guard");
  const { operation, model, answer, load, ...options } = allow;
  return createNextAuth(guard.auth).allow(
    operation,
    model,
    { ...options, ...(load && { load: (request: NextRequest, _context, call) => load(request.url, call) }) },
    (request, _context: Context, { access }) => Response.json(answer(access, request.url)),
  );
}

async function handle(request: NextRequest, context: Context): Promise<Response> {
  const { pathname } = new URL(request.url);
  const path = pathname.replace(/^\/mounted(?=\/)/, "");
  const route = auditedApp().routes.find((route) => path === route.path || path.startsWith(`${route.path}/`));
  if (route === undefined) return new Response(null, { status: 404 });
  const { guards, allow } = route;
  const guarded = allow === undefined ? guardedBy(guards) : allowedBy(guards, allow);
  return guarded(request, context);
}

export { handle as DELETE, handle as GET, handle as OPTIONS, handle as PATCH, handle as POST, handle as PUT };
