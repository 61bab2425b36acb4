import { type Access, Allow, apiKey, AuthModesModule, createAuth, CurrentAccess } from "@authmodes/nestjs";
import { CurrentIdentity, CurrentView, type Identity, type RequestView, userPool } from "@authmodes/nestjs";
import { createAuthFetch, outbound } from "@authmodes/nestjs/outbound";
import { createPolicy, matches } from "@authmodes/rules";
import { parseSchema } from "@authmodes/rules/sdl";
import { Controller, Get, Module } from "@nestjs/common";

// The hash of a key of newApiKey(); for keys with a life: docs/guides/api-keys.md
const key = { id: "partner", hash: process.env["API_KEY_HASH"] ?? "", expiresAt: null };

const schema = `type Book @model # public-api-key: callers with the key can read titles
  @auth(rules: [{ allow: public, operations: [read] }, { allow: groups, groups: ["Staff"] }]) {
  title: String, cost: Int @auth(rules: [{ allow: groups, groups: ["Staff"] }])
}`;
const pool = userPool({ userPoolId: "us-east-1_Bookstore", clientId: "1h57kf5cpq17m0eml12EXAMPLE" });
const auth = createAuth([apiKey({ keys: [key] }), pool], { policy: createPolicy(parseSchema(schema)) });
const books = [{ id: "1", title: "Emma", cost: 3 }];
const stock = process.env["STOCK_URL"] ?? "https://stock.example.com";

@Controller() // every route needs credentials, unless it says @AllowAnonymous()
class ShopController {
  @Get("whoami")
  whoami(@CurrentIdentity() { mode, id }: Identity): object {
    return { mode, id };
  }

  @Get("books")
  @Allow("list", "Book")
  books(@CurrentAccess() { filter, mask }: Access): object {
    return books.filter(matches(filter)).map(mask);
  }

  @Get("stock")
  async stock(@CurrentView() view: RequestView): Promise<unknown> {
    const asCaller = createAuthFetch(outbound.forward(view), { origins: [stock] });
    return (await asCaller(`${stock}/books`)).json();
  }
}

@Module({ imports: [AuthModesModule.forRoot({ auth })], controllers: [ShopController] })
export default class ShopModule {}
