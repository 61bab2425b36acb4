import { createAuthFetch, outbound } from "@authmodes/fastify/outbound";
import { apiKey, authModes, type AuthTypeProvider, createAllow, createAuth } from "@authmodes/fastify";
import { getAccess, getView, newApiKey, userPool } from "@authmodes/fastify";
import { createPolicy, matches } from "@authmodes/rules";
import { parseSchema } from "@authmodes/rules/sdl";
import Fastify from "fastify";

const { key, stored } = await newApiKey({ expiresInSeconds: 30 * 24 * 3600 });
console.log("shown once:", key);

const schema = `type Book @model # public-api-key: callers with a key can read titles, until it expires
  @auth(rules: [{ allow: public, operations: [read] }, { allow: groups, groups: ["Staff"] }]) {
  title: String, cost: Int @auth(rules: [{ allow: groups, groups: ["Staff"] }])
}`;
const pool = userPool({ userPoolId: "us-east-1_Bookstore", clientId: "1h57kf5cpq17m0eml12EXAMPLE" });
const auth = createAuth([apiKey({ keys: [stored] }), pool], { policy: createPolicy(parseSchema(schema)) });
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
