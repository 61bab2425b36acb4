import { type Auth, createNextAuth, type Identity } from "@authmodes/next";

/** Of the process: Next's bundles would hold a copy. */
function shop() {
  const { realtimeShop } = globalThis as unknown as {
    readonly realtimeShop: {
      readonly auth: Auth<Identity>;
      execute(identity: Identity, body: unknown): Promise<{ readonly status: number; readonly body: string }>;
    };
  };
  return realtimeShop;
}

const { withAuth } = createNextAuth(() => shop().auth);

export const POST = withAuth(async (request, _context: RouteContext<"/graphql">, { identity }) => {
  const { status, body } = await shop().execute(identity, await request.json());
  return new Response(body, { status, headers: { "content-type": "application/json" } });
});
