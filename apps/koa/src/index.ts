import { type App, listen } from "@authmodes/app-shared";
import { createServer } from "./server.ts";

export { createServer };

export const app: App = {
  name: "koa",
  serve: (shop, port) => listen(createServer(shop).callback(), port),
};
