import { apiKey, createAuth, type IdentityOf, userPool } from "@authmodes/core";
import { authenticate, createAllow, fetchView, refusal } from "@authmodes/core/fetch";
import { createAuthFetch, outbound } from "@authmodes/core/outbound";
import { createPolicy, matches } from "@authmodes/rules";
import { parseSchema } from "@authmodes/rules/sdl";
import { type Context, Hono } from "hono";

// The hash of a key of newApiKey(); for keys with a life: docs/guides/api-keys.md
const key = { id: "partner", hash: process.env["API_KEY_HASH"] ?? "", expiresAt: null };

const schema = `type Book @model # public-api-key: callers with the key can read titles
  @auth(rules: [{ allow: public, operations: [read] }, { allow: groups, groups: ["Staff"] }]) {
  title: String, cost: Int @auth(rules: [{ allow: groups, groups: ["Staff"] }])
}`;
const pool = userPool({ userPoolId: "us-east-1_Bookstore", clientId: "1h57kf5cpq17m0eml12EXAMPLE" });
const auth = createAuth([apiKey({ keys: [key] }), pool], { policy: createPolicy(parseSchema(schema)) });
const allow = createAllow(auth, (c: Context) => c.req.raw);
const books = [{ id: "1", title: "Emma", cost: 3 }];
const stock = process.env["STOCK_URL"] ?? "https://stock.example.com";

const app = new Hono<{ Variables: { identity: IdentityOf<typeof auth> } }>();
app.onError((error, c) => refusal(error, c.req.raw) ?? c.text("The server failed", 500));
app.use(async (c, next) => {
  c.set("identity", await authenticate(auth, c.req.raw));
  await next();
});
app.get("/whoami", (c) => c.json({ mode: c.var.identity.mode, id: c.var.identity.id }));

const list = allow("list", "Book", {}, ({ filter, mask }, c) =>
  c.json(books.filter(matches(filter)).map(mask)),
);
app.get("/books", list);
app.get("/stock", async (c) => {
  const asCaller = createAuthFetch(outbound.forward(fetchView(c.req.raw)), { origins: [stock] });
  return c.json(await (await asCaller(`${stock}/books`)).json());
});

export default app; // Bun, Deno and workers serve it; on Node: serve(app) of @hono/node-server
