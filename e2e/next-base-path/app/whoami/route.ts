import { withAuth } from "../../lib/auth.ts";
import { countCall } from "../../lib/calls.ts";

export const GET = withAuth((request, _context, { identity, view }) => {
  countCall();
  return Response.json({
    id: identity.id,
    path: request.nextUrl.pathname,
    target: view.target,
    exact: view.exact,
  });
});
export const POST = withAuth(async (request, _context, { identity }) =>
  Response.json({ id: identity.id, body: await request.text() }),
);
