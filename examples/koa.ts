import { createAuthFetch, outbound } from "@authmodes/koa/outbound";
import { apiKey, authenticate, type AuthState, createAllow, createAuth } from "@authmodes/koa";
import { getAccess, getView, userPool } from "@authmodes/koa";
import { createPolicy, matches } from "@authmodes/rules";
import { parseSchema } from "@authmodes/rules/sdl";
import { Router } from "@koa/router";
import Koa from "koa";

// The hash of a key of newApiKey(); for keys with a life: docs/guides/api-keys.md
const key = { id: "partner", hash: process.env["API_KEY_HASH"] ?? "", expiresAt: null };

const schema = `type Book @model # public-api-key: callers with the key can read titles
  @auth(rules: [{ allow: public, operations: [read] }, { allow: groups, groups: ["Staff"] }]) {
  title: String, cost: Int @auth(rules: [{ allow: groups, groups: ["Staff"] }])
}`;
const pool = userPool({ userPoolId: "us-east-1_Bookstore", clientId: "1h57kf5cpq17m0eml12EXAMPLE" });
const auth = createAuth([apiKey({ keys: [key] }), pool], { policy: createPolicy(parseSchema(schema)) });
const allow = createAllow(auth);
const books = [{ id: "1", title: "Emma", cost: 3 }];
const stock = process.env["STOCK_URL"] ?? "https://stock.example.com";

const router = new Router<AuthState<typeof auth>>();
router.get("/whoami", (ctx) => {
  const { mode, id } = ctx.state.identity; // ApiKeyIdentity | UserPoolIdentity
  ctx.body = { mode, id };
});
router.get("/books", allow("list", "Book"), (ctx) => {
  const { filter, mask } = getAccess(ctx);
  ctx.body = books.filter(matches(filter)).map(mask);
});
router.get("/stock", async (ctx) => {
  const asCaller = createAuthFetch(outbound.forward(getView(ctx)), { origins: [stock] });
  ctx.body = await (await asCaller(`${stock}/books`)).json();
});

export default new Koa().use(authenticate(auth)).use(router.routes());
