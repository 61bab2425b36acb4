import { withAuth } from "../../lib/auth.ts";
import { jsonBody } from "../../lib/models.ts";
import { noSuchRoute, toResponse } from "../../lib/replies.ts";
import { bookstore } from "../../src/bookstore.ts";

export const POST = withAuth(async (request, _context, { view }) => {
  const { shop, auth } = bookstore();
  return toResponse(await shop.graphql(auth, view, await jsonBody(request)));
});

export const GET = withAuth(noSuchRoute);
