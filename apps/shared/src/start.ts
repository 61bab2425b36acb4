import type { ErrorFormat } from "@authmodes/core";
import { reloadablePolicy } from "@authmodes/rules";
import { type Caller, createCallers, createUsers } from "./identity/callers.ts";
import { openDatabase } from "./data/database.ts";
import { openEvents, publishing } from "./data/events.ts";
import { createEndpoint } from "./graphql/endpoint.ts";
import { createRealtimeEndpoint } from "./graphql/realtime.ts";
import { createSchema } from "./graphql/schema.ts";
import {
  type DemoCredentials,
  type IdentityProvider,
  startIdentityProvider,
} from "./identity/identity-provider.ts";
import { identityPoolPath, poolInFront } from "./identity/identity-pool.ts";
import { freePort } from "./http/listen.ts";
import type { McpEndpoint } from "./mcp.ts";
import { createModels } from "./data/models.ts";
import { createPage } from "./page/page.ts";
import { createShopPolicy, ownSchemaFile, readSchema } from "./rules/policy.ts";
import { reloadRules } from "./rules/reload-rules.ts";
import { RequestLog } from "./page/request-log.ts";
import { setUpScript } from "./data/tables.ts";
import type { App, Settings } from "./shop.ts";
import { type CreateStudio, inFront, type Studio, studioPath } from "./rules/studio.ts";
import { createSupplier, noSupplier } from "./supplier.ts";

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
  /** URL of a PostgreSQL server. Default: `DATABASE_URL`, else an embedded one. */
  readonly databaseUrl?: string | undefined;
  /** Where keys, revocations and events are: a file, `redis://…` or `postgres://…`. Default: the memory of this process. */
  readonly store?: string | undefined;
}

/** What clients need to know of a running shop. */
export interface Ready extends Pick<
  Settings,
  "region" | "userPoolId" | "userPoolClientId" | "identityPoolId" | "oidcIssuer"
> {
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
 * Starts an app with its identity provider, database and supplier. Resolves when it serves.
 * @throws StoreUnusable
 */
export async function startShop(app: App, options: StartShopOptions = {}): Promise<RunningShop> {
  const { schemaFile = ownSchemaFile, errorFormat = "problem" } = options;
  const starting = startIdentityProvider(options.store);
  const setUp = starting.then(({ kit }) =>
    setUpScript(readSchema(ownSchemaFile), (username) => kit.userPool.sub(username)),
  );
  setUp.catch(() => undefined); // start throws it
  const database = openDatabase(options.databaseUrl ?? process.env["DATABASE_URL"], setUp);
  const opened: { close(): Promise<void> }[] = [database];
  // In reverse: requests in flight still need the database.
  const close = async () => {
    for (const part of opened.toReversed()) await part.close();
  };
  try {
    const identityProvider = await starting;
    opened.push(identityProvider);
    const { credentials } = identityProvider;
    const settings = settingsOf(identityProvider);
    const rules = reloadablePolicy(createShopPolicy(ownSchemaFile, settings));
    if (schemaFile !== ownSchemaFile) rules.replace(createShopPolicy(schemaFile, settings));
    const { policy } = rules;
    const shared = await openEvents(options.store);
    opened.push(shared);
    const { events } = shared;
    const tables = createModels(policy.schema, database);
    const schema = createSchema(policy, tables, events);
    const models = tables.map((model) => publishing(model, events));
    const mcp: McpEndpoint = async (...request) =>
      (await import("./mcp.ts")).createMcpEndpoint(models)(...request);
    const log = new RequestLog(identityProvider.names);
    const common = {
      ...settings,
      errorFormat,
      policy,
      models,
      users: createUsers(credentials),
      publicKey: credentials.apiKey,
      graphql: createEndpoint(schema, errorFormat),
      realtime: createRealtimeEndpoint(schema),
      mcp,
      studioPath: options.studio && `${studioPath}/`,
      recent: log.recent,
    };
    const callers = createCallers(identityProvider);

    const supplierPort = await freePort();
    const supplier = await (options.supplier ?? app).serve(
      {
        ...common,
        mcpUrl: mcpUrl(supplierPort),
        supplier: noSupplier,
        page: (_request, _response, next) => next(),
        log: (auth) => log.watch("supplier", auth),
      },
      supplierPort,
    );
    opened.push(supplier);
    let studio: Studio | undefined;
    const port = options.port || (await freePort());
    const shop = await app.serve(
      {
        ...common,
        mcpUrl: mcpUrl(port),
        supplier: createSupplier(supplier.url, identityProvider),
        page: createPage({ app: app.name, callers, log, studioPath: common.studioPath }),
        log: (auth) => {
          studio = options.studio?.({ on: true, auth, schemaFile, printLink: false });
          const watching = poolInFront(identityProvider.pool, log.watch("shop", auth));
          return studio === undefined ? watching : inFront(studio, watching);
        },
      },
      port,
    );
    opened.push(shop);

    // Its start keeps the processor busy: until then the shop would seem to hang.
    await database.query("select 1");
    const { region, userPoolId, userPoolClientId, identityPoolId, oidcIssuer } = settings;
    const { url } = shop;
    return {
      url,
      ready: {
        url,
        app: app.name,
        region,
        service: "execute-api",
        userPoolId,
        userPoolClientId,
        identityPoolId,
        identityPoolEndpoint: url + identityPoolPath,
        oidcIssuer,
        credentials,
      },
      errorFormat,
      identityProvider,
      callers,
      log,
      schemaFile,
      studioUrl: studio?.link && `${url}${studio.link}`,
      reloadRules: () => reloadRules(rules, () => createShopPolicy(schemaFile, settings)),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function mcpUrl(port: number): string {
  return `http://127.0.0.1:${port}/mcp`;
}

/** The settings of the shop's modes. */
function settingsOf({ kit, keys, pool, region, identityPoolId, jwksUri }: IdentityProvider): Settings {
  const { stored: old } = kit.apiKeys.expired;
  return {
    region,
    userPoolId: kit.userPool.userPoolId,
    userPoolClientId: kit.userPool.clientId,
    jwksUri,
    identityPoolId,
    oidcIssuer: kit.oidc.issuer,
    oidcAudience: kit.oidc.audience,
    // The table shows what an old key gets. A store makes none that has expired.
    findApiKey: (hash) => (hash === old.hash ? old : keys.findApiKey(hash)),
    // Temporary keys come with a session token. The store would be asked for each of them: it may have it since a moment.
    findAccessKey: (id, context) =>
      context.sessionToken === undefined ? keys.findAccessKey(id) : pool(id, context),
    revoked: keys.isRevoked,
    usage: keys.usage,
    authorizer: kit.authorizer.handler,
  };
}
