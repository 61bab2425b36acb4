import { afterAll, beforeAll } from "vitest";
import { bodiesContract } from "./bodies.ts";
import { formatsContract } from "./formats.ts";
import { graphqlContract } from "./graphql.ts";
import { routesContract } from "./routes.ts";
import { rulesContract } from "./rules.ts";
import { open, running, type Start } from "./running.ts";
import { shutdownContract } from "./shutdown.ts";
import { studioContract } from "./studio.ts";

export { pageContract } from "./page.ts";

/** The tests that the bookstore passes on every framework. A test file calls it for one app. */
export function contract(start: Start): void {
  contractOfOne(start);
  formatsContract();
  studioContract(start);
  shutdownContract();
}

/** Those that need one instance of the app, for frameworks that serve no more in a process. */
export function contractOfOne(start: Start): void {
  beforeAll(() => open(start), 60_000); // the very first start makes a database
  afterAll(() => running.shop.close());
  routesContract();
  rulesContract();
  graphqlContract();
  bodiesContract();
}
