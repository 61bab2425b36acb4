import { createAuthFetch, outbound } from "@authmodes/fastify/outbound";
import { apiKey, authModes, type AuthTypeProvider, createAllow, createAuth } from "@authmodes/fastify";
import { getAccess, getView, userPool } from "@authmodes/fastify";
import { createPolicy, matches } from "@authmodes/rules";
import { parseSchema } from "@authmodes/rules/sdl";
import Fastify from "fastify";

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

const app = Fastify().withTypeProvider<AuthTypeProvider<typeof auth>>();
await app.register(authModes, { auth });
app.get("/whoami", async ({ identity }) => {
  const { mode, id } = identity; // ApiKeyIdentity | UserPoolIdentity
  return { mode, id };
});
app.get("/books", { preHandler: allow("list", "Book") }, async (request) => {
  const { filter, mask } = getAccess(request);
  return books.filter(matches(filter)).map(mask);
});
app.get("/stock", async (request) => {
  const asCaller = createAuthFetch(outbound.forward(getView(request)), { origins: [stock] });
  return (await asCaller(`${stock}/books`)).json();
});

export default app;
