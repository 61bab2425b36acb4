import { known, withAuth } from "../../../lib/auth.ts";
import { bookstore } from "../../../src/bookstore.ts";

const whoami = withAuth({ modes: known }, async (request, _context, { identity }) => {
  const { describeIdentity, countBytes } = bookstore();
  const bytes = request.body === null ? 0 : await countBytes(request.body);
  return Response.json({ ...describeIdentity(identity), bytes });
});

export { whoami as DELETE, whoami as GET, whoami as OPTIONS, whoami as PATCH, whoami as POST, whoami as PUT };
