import { withAuth } from "../../../lib/auth.ts";

export const GET = withAuth((_request, _context, { identity }) => Response.json({ mode: identity.mode }));
