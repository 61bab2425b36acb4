import type { App } from "@authmodes/app-shared";
import { serve } from "./server.ts";

export { createShopAuth } from "./auth.ts";
export { ShopModule } from "./shop.module.ts";

export const app: App = { name: "nestjs", serve };
