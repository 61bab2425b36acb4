import { type App, listen } from "@authmodes/app-shared";
import { createServer } from "./server.ts";

export { createServer };

export const app: App = {
  name: "express",
  serve: (shop, port) => listen(createServer(shop), port),
};
