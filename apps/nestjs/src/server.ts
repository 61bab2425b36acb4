import "reflect-metadata";
import type { IncomingMessage, Server } from "node:http";
import type { AddressInfo } from "node:net";
import { cors, drainable, type Listening, maxBodyBytes, mcpMetadata, type Shop } from "@authmodes/app-shared";
import { corsHeaders } from "@authmodes/nestjs";
import { NestFactory } from "@nestjs/core";
import type { NestExpressApplication } from "@nestjs/platform-express";
import { createShopAuth } from "./auth.ts";
import { ShopErrorFilter } from "./error-filter.ts";
import { ShopModule } from "./shop.module.ts";

/** Serves the bookstore on NestJS, on 127.0.0.1 only. */
export async function serve(shop: Shop, port: number): Promise<Listening> {
  const auth = createShopAuth(shop);
  const app = await NestFactory.create<NestExpressApplication>(ShopModule.forRoot(shop, auth), {
    logger: ["error"],
    abortOnError: false,
    bodyParser: false,
  });
  app.disable("x-powered-by").disable("etag");
  app.use(shop.page, shop.log(auth), cors(corsHeaders(auth)));
  app.use(mcpMetadata(auth, shop.errorFormat).node);
  app.useBodyParser("json", { limit: maxBodyBytes, type: isForModels });
  app.useGlobalFilters(new ShopErrorFilter(shop.errorFormat));
  const server: Server = app.getHttpServer();
  const realtime = shop.realtime(auth);
  realtime.attach(server);
  const drain = drainable(server);
  await app.listen(port, "127.0.0.1");
  const { port: taken } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${taken}`,
    async close() {
      await Promise.all([realtime.close(), drain()]);
      await app.close();
    },
  };
}

/** `/whoami` counts the bytes of each body itself. */
function isForModels({ url = "", headers }: IncomingMessage): boolean {
  return !url.startsWith("/whoami") && /^application\/json\b/i.test(headers["content-type"] ?? "");
}
