import { apiKey, createAuth, type IdentityOf, newApiKey } from "@authmodes/core";
import { authenticate, createAllow, fetchView, refusal } from "@authmodes/core/fetch";
import { createAuthFetch, outbound } from "@authmodes/core/outbound";
import { createPolicy } from "@authmodes/rules";
import { parseSchema } from "@authmodes/rules/sdl";
import { type Context, Hono } from "hono";

const { key, stored } = await newApiKey({ expiresInSeconds: 30 * 24 * 3600 });
console.log("shown once:", key);

const policy = createPolicy(
  parseSchema(`type Book @model @auth(rules: [{ allow: public, operations: [read] }]) { title: String }`),
);
const auth = createAuth([apiKey({ keys: [stored] })], { policy });
const allow = createAllow(auth, (c: Context) => c.req.raw);
const books = new Map([["1", { id: "1", title: "Emma" }]]);
const stock = process.env["STOCK_URL"] ?? "https://stock.example.com";

const app = new Hono<{ Variables: { identity: IdentityOf<typeof auth> } }>();
app.onError((error, c) => refusal(error) ?? c.text("The server failed", 500));
app.use(async (c, next) => {
  c.set("identity", await authenticate(auth, c.req.raw));
  await next();
});
app.get("/whoami", (c) => c.json({ mode: c.var.identity.mode, id: c.var.identity.id }));

const load = (c: Context) => books.get(c.req.param("id") ?? "");
const readBook = allow("get", "Book", { load }, ({ record, mask }, c) => c.json(mask(record)));
app.get("/books/:id", readBook);

app.get("/stock", async (c) => {
  const asCaller = createAuthFetch(outbound.forward(fetchView(c.req.raw)), { origins: [stock] });
  return c.json(await (await asCaller(`${stock}/books`)).json());
});

export default app; // Bun, Deno and workers serve it; on Node: serve(app) of @hono/node-server
