import { createAuthFetch, outbound } from "@authmodes/express/outbound";
import { apiKey, authenticate, authErrorHandler, createAllow, createAuth } from "@authmodes/express";
import { getAccess, getIdentity, getView, userPool } from "@authmodes/express";
import { createPolicy, matches } from "@authmodes/rules";
import { parseSchema } from "@authmodes/rules/sdl";
import express from "express";

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

const app = express();
app.use(authenticate(auth));
app.get("/whoami", (request, response) => {
  const { mode, id } = getIdentity(request, auth); // ApiKeyIdentity | UserPoolIdentity
  response.json({ mode, id });
});
app.get("/books", allow("list", "Book"), (request, response) => {
  const { filter, mask } = getAccess(request);
  response.json(books.filter(matches(filter)).map(mask));
});
app.get("/stock", async (request, response) => {
  const asCaller = createAuthFetch(outbound.forward(getView(request)), { origins: [stock] });
  response.json(await (await asCaller(`${stock}/books`)).json());
});
app.use(authErrorHandler());

export default app;
