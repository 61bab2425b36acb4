import { withAuth } from "../../lib/auth.ts";
import { jsonBody } from "../../lib/models.ts";
import { toResponse } from "../../lib/replies.ts";
import { bookstore } from "../../src/bookstore.ts";

const mcp = withAuth(async (request, _context, { view }) => {
  const { shop, auth } = bookstore();
  return toResponse(await shop.mcp(auth, view, await jsonBody(request)));
});

export { mcp as DELETE, mcp as GET, mcp as POST };
