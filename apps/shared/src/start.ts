import type { Server } from "node:http";
import type { ErrorFormat } from "@authmodes/core";
import { reloadablePolicy } from "@authmodes/rules";
import { openDatabase } from "./data/database.ts";
import { openEvents } from "./data/events.ts";
import { createModels } from "./data/models.ts";
import { setUpScript } from "./data/tables.ts";
import { createEndpoint } from "./graphql/endpoint.ts";
import { createRealtimeEndpoint } from "./graphql/realtime.ts";
import { createSchema } from "./graphql/schema.ts";
import { bind, urlOf } from "./http/listen.ts";
import { inOrder } from "./http/middleware.ts";
import { type Caller, createCallers } from "./identity/callers.ts";
import { identityPoolPath, servePool } from "./identity/identity-pool.ts";
import {
  type DemoCredentials,
  type IdentityProvider,
  startIdentityProvider,
} from "./identity/identity-provider.ts";
import { createPage } from "./page/page.ts";
import { RequestLog } from "./page/request-log.ts";
import { createShopPolicy, ownSchemaFile, readSchema } from "./rules/policy.ts";
import { reloadRules } from "./rules/reload-rules.ts";
import { type CreateStudio, type Studio, studioPath } from "./rules/studio.ts";
import type { App, ClientSettings, Shop } from "./shop.ts";
import { createSupplier } from "./supplier.ts";

export interface StartShopOptions {
  /** Serves the supplier. Default: the app itself. */
  readonly supplier?: App;
  /** Path of the rules. Default: the shop's own. */
  readonly schemaFile?: string | undefined;
  /** Makes the page that shows and changes the rules. Default: there is none. */
  readonly studio?: CreateStudio;
  /** Default 0, a free one. */
  readonly port?: number;
  /** Default `problem`. */
  readonly errorFormat?: ErrorFormat;
  /** Where keys, revocations and events are: a file, `redis://…` or `postgres://…`. Default: the memory of this process. */
  readonly store?: string | undefined;
}

/** What clients need to know of a running shop. */
export interface Ready extends ClientSettings {
  readonly url: string;
  readonly app: string;
  readonly service: "execute-api";
  readonly identityPoolEndpoint: string;
  readonly credentials: DemoCredentials;
}

export interface RunningShop {
  readonly url: string;
  readonly ready: Ready;
  readonly errorFormat: ErrorFormat;
  readonly identityProvider: IdentityProvider;
  readonly callers: readonly Caller[];
  readonly log: RequestLog;
  readonly schemaFile: string;
  /** The link that opens the studio, a secret; undefined if there is none. */
  readonly studioUrl: string | undefined;
  /** Reads the rules again. Returns the changes, a line each. */
  reloadRules(): readonly string[];
  /** Lets the requests in flight finish, for ten seconds at most. */
  close(): Promise<void>;
}

/**
 * Starts an app with its identity provider, database and supplier. Resolves when it serves. Records are in the PostgreSQL
 * of `DATABASE_URL`, or in an embedded one.
 * @throws StoreError, PolicyError
 */
export async function startShop(app: App, options: StartShopOptions = {}): Promise<RunningShop> {
  const { schemaFile = ownSchemaFile, errorFormat = "problem" } = options;
  const starting = startIdentityProvider(options.store);
  const setUp = starting.then(({ kit }) =>
    setUpScript(readSchema(ownSchemaFile), (username) => kit.userPool.sub(username)),
  );
  setUp.catch(() => undefined); // start throws it
  const database = openDatabase(process.env["DATABASE_URL"], setUp);
  const opened: { close(): Promise<void> }[] = [database];
  // In reverse: requests in flight still need the database.
  const close = async () => {
    for (const part of opened.toReversed()) await part.close();
  };
  try {
    const identityProvider = await starting;
    opened.push(identityProvider);
    const { client, credentials, settings } = identityProvider;
    const rules = reloadablePolicy(createShopPolicy(ownSchemaFile, client));
    const readRules = () => createShopPolicy(schemaFile, client);
    rules.replace(readRules());
    const { policy } = rules;
    const shared = await openEvents(options.store);
    opened.push(shared);
    const schema = createSchema(policy, createModels(policy.schema, database), shared.events);
    const models = createModels(policy.schema, database, shared.events);
    const log = new RequestLog(identityProvider.names);
    const callers = createCallers(identityProvider);
    const common = {
      ...settings,
      errorFormat,
      policy,
      models,
      users: callers.flatMap(({ name, about, accessToken }) =>
        accessToken === undefined ? [] : [{ name, about, accessToken }],
      ),
      publicKey: credentials.apiKey,
      graphql: createEndpoint(schema, errorFormat),
      realtime: createRealtimeEndpoint(schema),
      mcp: (async (...request) =>
        (await import("./mcp.ts")).createMcpEndpoint(models)(...request)) satisfies Shop["mcp"],
      studioPath: options.studio && `${studioPath}/`,
      recent: log.recent,
    };
    const serve = async (at: Server, served: App, own: Pick<Shop, "supplier" | "page" | "log">) => {
      const listening = await served.serve({ ...common, ...own, mcpUrl: `${urlOf(at)}/mcp` }, at);
      opened.push(listening);
      return listening;
    };

    const supplierServer = await bind();
    const supplier = await serve(supplierServer, options.supplier ?? app, {
      supplier: createSupplier(urlOf(supplierServer), identityProvider), // itself
      page: inOrder(),
      log: (auth) => log.watch("supplier", auth),
    });
    let studio: Studio | undefined;
    const { url } = await serve(await bind(options.port), app, {
      supplier: createSupplier(supplier.url, identityProvider),
      page: createPage({ app: app.name, callers, log, studioPath: common.studioPath }),
      log: (auth) => {
        studio = options.studio?.({ on: true, auth, schemaFile, printLink: false });
        const first = studio === undefined ? [] : [studio.node];
        return inOrder(...first, servePool(identityProvider.pool), log.watch("shop", auth));
      },
    });

    // Its start keeps the processor busy: until then the shop would seem to hang.
    await database.query("select 1");
    const identityPoolEndpoint = url + identityPoolPath;
    return {
      url,
      ready: { url, app: app.name, ...client, service: "execute-api", identityPoolEndpoint, credentials },
      errorFormat,
      identityProvider,
      callers,
      log,
      schemaFile,
      studioUrl: studio?.link && `${url}${studio.link}`,
      reloadRules: () => reloadRules(rules, readRules),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
