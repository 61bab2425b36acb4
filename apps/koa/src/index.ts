import { type App, listen, type RunningShop, startShop, type StartShopOptions } from "@authmodes/app-shared";
import { createServer } from "./server.ts";

export { createServer };

export const koaApp: App = {
  name: "koa",
  serve: (shop, port) => listen(createServer(shop).callback(), port),
};

/** The shop on Koa with its identity provider, database and supplier, for tests and scripts. */
export function start(options?: StartShopOptions): Promise<RunningShop> {
  return startShop(koaApp, options);
}
