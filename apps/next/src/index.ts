import { expressApp } from "@authmodes/app-express";
import { type App, type RunningShop, startShop, type StartShopOptions } from "@authmodes/app-shared";
import { serve } from "./server.ts";

export const nextApp: App = { name: "next", serve };

/** The shop on Next with its identity provider, database and supplier, which is on Express: one Next a process. */
export function start(options?: StartShopOptions): Promise<RunningShop> {
  return startShop(nextApp, { supplier: expressApp, ...options });
}
