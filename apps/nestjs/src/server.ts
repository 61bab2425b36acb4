import "reflect-metadata";
import type { IncomingMessage, RequestListener } from "node:http";
import { cors, listen, type Listening, maxBodyBytes, type Port, type Shop } from "@authmodes/app-shared";
import { corsHeaders, protectedResource } from "@authmodes/nestjs";
import { NestFactory } from "@nestjs/core";
import type { NestExpressApplication } from "@nestjs/platform-express";
import { createShopAuth, identifying } from "./auth.ts";
import { ShopErrorFilter } from "./error-filter.ts";
import { ShopModule } from "./shop.module.ts";

/** Serves the bookstore on NestJS. */
export async function serve(shop: Shop, port: Port): Promise<Listening> {
  const auth = createShopAuth(shop);
  const app = await NestFactory.create<NestExpressApplication>(ShopModule.forRoot(shop, auth), {
    logger: ["error"],
    abortOnError: false,
    bodyParser: false,
  });
  app.disable("x-powered-by").disable("etag");
  app.use(shop.page, shop.log(auth)); // of the demo
  app.use(cors(corsHeaders(auth)));
  // Tells MCP clients how to sign in.
  if (shop.errorFormat !== "appsync") app.use(protectedResource(auth).node);
  app.useBodyParser("json", { limit: maxBodyBytes, type: isForModels });
  app.useGlobalFilters(new ShopErrorFilter(shop.errorFormat));
  await app.init();
  const handler: RequestListener = app.getHttpAdapter().getInstance();
  const listening = await listen(handler, port, shop.realtime(auth.only(...identifying)));
  return {
    url: listening.url,
    async close() {
      await listening.close();
      await app.close();
    },
  };
}

/** `/whoami` counts the bytes of each body itself. */
function isForModels({ url = "", headers }: IncomingMessage): boolean {
  return !url.startsWith("/whoami") && /^application\/json\b/i.test(headers["content-type"] ?? "");
}
