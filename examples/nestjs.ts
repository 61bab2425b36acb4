import "reflect-metadata";
import { type Access, Allow, apiKey, AuthModesModule, createAuth, CurrentAccess } from "@authmodes/nestjs";
import { CurrentIdentity, CurrentView, type Identity, newApiKey, type RequestView } from "@authmodes/nestjs";
import { createAuthFetch, outbound } from "@authmodes/nestjs/outbound";
import { createPolicy, matches } from "@authmodes/rules";
import { parseSchema } from "@authmodes/rules/sdl";
import { Controller, Get, Module } from "@nestjs/common";

const { key, stored } = await newApiKey({ expiresInSeconds: 30 * 24 * 3600 });
console.log("shown once:", key);

const policy = createPolicy(
  parseSchema(`type Book @model @auth(rules: [{ allow: public, operations: [read] }]) { title: String }`),
);
const auth = createAuth([apiKey({ keys: [stored] })], { policy });
const books = [{ id: "1", title: "Emma" }];
const stock = process.env["STOCK_URL"] ?? "https://stock.example.com";

@Controller() // every route wants credentials, unless it says @AllowAnonymous()
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
