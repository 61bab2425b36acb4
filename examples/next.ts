// app/books/route.ts; an app keeps the auth in lib/auth.ts, for pages and proxy.ts too
import { createAuthFetch, outbound } from "@authmodes/next/outbound";
import { apiKey, createAuth, createNextAuth, userPool } from "@authmodes/next";
import { createPolicy, matches } from "@authmodes/rules";
import { parseSchema } from "@authmodes/rules/sdl";

// The hash of a key of newApiKey(); for keys with a life: docs/guides/api-keys.md
const key = { id: "partner", hash: process.env["API_KEY_HASH"] ?? "", expiresAt: null };

const schema = `type Book @model # public-api-key: callers with the key can read titles
  @auth(rules: [{ allow: public, operations: [read] }, { allow: groups, groups: ["Staff"] }]) {
  title: String, cost: Int @auth(rules: [{ allow: groups, groups: ["Staff"] }])
}`;
const clientId = "1h57kf5cpq17m0eml12EXAMPLE";
const pool = userPool({
  userPoolId: "us-east-1_Bookstore",
  clientId,
  from: ["header", { amplifyCookies: clientId }],
});
const auth = createAuth([apiKey({ keys: [key] }), pool], { policy: createPolicy(parseSchema(schema)) });
const { allow, withAuth } = createNextAuth(auth);
const books = [{ id: "1", title: "Emma", cost: 3 }];
const stock = process.env["STOCK_URL"] ?? "https://stock.example.com";

export const GET = allow("list", "Book", {}, (_request, _context, { access: { filter, mask } }) =>
  Response.json(books.filter(matches(filter)).map(mask)),
);

export const POST = withAuth(async (_request, _context, { identity, view }) => {
  const asCaller = createAuthFetch(outbound.forward(view), { origins: [stock] });
  const answer: unknown = await (await asCaller(`${stock}/books`)).json();
  return Response.json({ mode: identity.mode, id: identity.id, answer });
});
