import { type App, listen, type RunningShop, startShop, type StartShopOptions } from "@authmodes/app-shared";
import { createServer } from "./server.ts";

export { createServer };

export const expressApp: App = {
  name: "express",
  serve: (shop, port) => listen(createServer(shop), port),
};

/** The shop on Express with its identity provider, database and supplier, for tests and scripts. */
export function start(options?: StartShopOptions): Promise<RunningShop> {
  return startShop(expressApp, options);
}
