import { withAuth } from "../../../lib/auth.ts";
import { bookstore } from "../../../src/bookstore.ts";

type Context = RouteContext<"/suppliers/[mode]">;

export const GET = withAuth(
  { modes: ["userPool"], groups: ["Librarians"] },
  async (_request, { params }: Context, { view }) => {
    const { mode } = await params;
    return Response.json(await bookstore().shop.askSupplier(mode, view));
  },
);
