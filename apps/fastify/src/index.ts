import { type App, listen, type RunningShop, startShop, type StartShopOptions } from "@authmodes/bookstore";
import { createServer } from "./server.ts";

export { createServer };

export const fastifyApp: App = {
  name: "fastify",
  async serve(shop, port) {
    const app = createServer(shop);
    await app.ready();
    return listen(app.routing, port);
  },
};

/** The shop on Fastify with its identity provider, database and supplier, for tests and scripts. */
export function start(options?: StartShopOptions): Promise<RunningShop> {
  return startShop(fastifyApp, options);
}
