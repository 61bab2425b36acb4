import { withAnyCaller } from "../../../lib/auth.ts";

export const GET = withAnyCaller((_request, _context, { identity }) =>
  Response.json({ mode: identity.mode }),
);
