import { type App, listen } from "@authmodes/app-shared";
import { createServer } from "./server.ts";

export { createServer };

export const app: App = {
  name: "fastify",
  async serve(shop, port) {
    const server = createServer(shop);
    await server.ready();
    return listen((request, response) => server.routing(request, response), port);
  },
};
