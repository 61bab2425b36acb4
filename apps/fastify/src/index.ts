import { type App, listen } from "@authmodes/app-shared";
import { createShopAuth, identifying } from "./auth.ts";
import { createServer } from "./server.ts";

export { createServer };

export const app: App = {
  name: "fastify",
  async serve(shop, port) {
    const auth = createShopAuth(shop);
    const server = createServer(shop, auth);
    await server.ready();
    return listen(
      (request, response) => server.routing(request, response),
      port,
      shop.realtime(auth.only(...identifying)),
    );
  },
};
