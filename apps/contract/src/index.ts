import { type App, startShop } from "@authmodes/app-shared";
import { afterAll, beforeAll, describe, it } from "vitest";
import { bodiesContract } from "./bodies.ts";
import { fieldsContract } from "./fields.ts";
import { formatsContract } from "./formats.ts";
import { graphqlListsContract } from "./graphql-lists.ts";
import { graphqlContract } from "./graphql.ts";
import { listsContract } from "./lists.ts";
import { mcpContract } from "./mcp.ts";
import { pageContract } from "./page.ts";
import { realtimeContract } from "./realtime.ts";
import { routesContract } from "./routes.ts";
import { rulesContract } from "./rules.ts";
import { open, running } from "./running.ts";
import { shutdownContract } from "./shutdown.ts";
import { studioContract } from "./studio.ts";
import { tableContract } from "./table.ts";
import { whoamiContract } from "./whoami.ts";

type PartName =
  | "routes"
  | "whoami"
  | "rules"
  | "fields"
  | "lists"
  | "graphql"
  | "graphql lists"
  | "mcp"
  | "realtime"
  | "bodies"
  | "page"
  | "formats"
  | "studio"
  | "shutdown"
  | "table";

const parts: Readonly<Record<PartName, (app: App) => void>> = {
  routes: routesContract,
  whoami: whoamiContract,
  rules: rulesContract,
  fields: fieldsContract,
  lists: listsContract,
  graphql: graphqlContract,
  "graphql lists": graphqlListsContract,
  mcp: mcpContract,
  realtime: realtimeContract,
  bodies: bodiesContract,
  page: pageContract,
  formats: formatsContract,
  studio: studioContract,
  shutdown: shutdownContract,
  table: tableContract,
};

export interface ContractOptions {
  /** Serves the supplier. Default: the app itself. */
  readonly supplier?: App;
  /** The parts that do not apply to an app, and why. They are reported as skipped. */
  readonly exceptions?: Readonly<Partial<Record<PartName, { readonly because: string }>>>;
}

/**
 * Defines the tests that the bookstore passes on every framework. A test file calls it for one app.
 * @throws TypeError for exceptions of parts that do not exist
 */
export function contract(app: App, { supplier, exceptions = {} }: ContractOptions = {}): void {
  const excepted = Object.entries(exceptions);
  const unknown = excepted.find(([name]) => !Object.hasOwn(parts, name));
  if (unknown !== undefined) throw new TypeError(`contract(): there is no part '${unknown[0]}'`);
  beforeAll(() => open((options) => startShop(app, { ...(supplier && { supplier }), ...options })), 60_000); // the very first start makes a database
  afterAll(() => running.shop.close());
  const passed = Object.entries(parts).filter(([name]) => !Object.hasOwn(exceptions, name));
  for (const [name, test] of passed)
    describe(name, () => {
      test(app);
    });
  for (const [name, { because }] of excepted) it(name, ({ skip }) => skip(because));
}
