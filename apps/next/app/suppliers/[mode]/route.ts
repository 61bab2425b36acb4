import { createAuthFetch, outbound } from "@authmodes/next/outbound";
import { withAuth } from "../../../lib/auth.ts";
import { bookstore } from "../../../src/bookstore.ts";

type Context = RouteContext<"/suppliers/[mode]">;

export const GET = withAuth(
  { modes: ["userPool"], groups: ["Librarians"] },
  async (_request, { params }: Context, { view }) => {
    const { mode } = await params;
    const { origin, urlFor, sourceFor } = bookstore().shop.supplier;
    const source = mode === "forward" ? outbound.forward(view) : sourceFor(mode);
    const callSupplier = createAuthFetch(source, { origins: [origin] }); // no other origin gets the credentials
    const answer = await callSupplier(urlFor(mode));
    return Response.json({ status: answer.status, body: await answer.json() });
  },
);
