import type { App } from "@authmodes/app-shared";
import { serve } from "./server.ts";

/** One per process, so its supplier is another app. */
export const app: App = { name: "next", serve };
