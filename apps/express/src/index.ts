import { type App, listen } from "@authmodes/app-shared";
import { createShopAuth, identifying } from "./auth.ts";
import { createServer } from "./server.ts";

export { createServer };

export const app: App = {
  name: "express",
  serve(shop, port) {
    const auth = createShopAuth(shop);
    return listen(createServer(shop, auth), port, shop.realtime(auth.only(...identifying)));
  },
};
