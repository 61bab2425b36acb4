import { countBytes, describeIdentity } from "@authmodes/app-shared/answers";
import { withAuth } from "../../../lib/auth.ts";

const whoami = withAuth(async (request, _context, { identity }) => {
  const bytes = request.body === null ? 0 : await countBytes(request.body);
  return Response.json({ ...describeIdentity(identity), bytes });
});

export { whoami as DELETE, whoami as GET, whoami as OPTIONS, whoami as PATCH, whoami as POST, whoami as PUT };
