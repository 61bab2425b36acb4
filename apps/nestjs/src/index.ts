import { type App, type RunningShop, startShop, type StartShopOptions } from "@authmodes/app-shared";
import { serve } from "./server.ts";

export { createShopAuth } from "./auth.ts";
export { ShopModule } from "./shop.module.ts";

export const nestjsApp: App = { name: "nestjs", serve };

/** The shop on NestJS with its identity provider, database and supplier, for tests and scripts. */
export function start(options?: StartShopOptions): Promise<RunningShop> {
  return startShop(nestjsApp, options);
}
