import type { ErrorFormat } from "@authmodes/core";
import { reloadablePolicy } from "@authmodes/rules";
import { type Caller, createCallers, createUsers } from "./callers.ts";
import { openDatabase } from "./database.ts";
import { createEndpoint } from "./graphql/endpoint.ts";
import { createSchema } from "./graphql/schema.ts";
import { type DemoCredentials, type IdentityProvider, startIdentityProvider } from "./identity-provider.ts";
import { createModels } from "./models.ts";
import { createPage } from "./page.ts";
import { createShopPolicy, ownSchemaFile, readSchema } from "./policy.ts";
import { reloadRules } from "./reload-rules.ts";
import { RequestLog } from "./request-log.ts";
import { setUpScript } from "./schema.ts";
import type { App, Settings } from "./shop.ts";
import { type CreateStudio, inFront, type Studio } from "./studio.ts";
import { createSupplier, noSupplier } from "./supplier.ts";

export interface StartShopOptions {
  /** What serves the supplier. Default: the app itself. */
  readonly supplier?: App;
  /** Path of the rules. Default: those that the shop comes with. */
  readonly schemaFile?: string | undefined;
  /** Makes the page that shows and changes the rules. Default: there is none. */
  readonly studio?: CreateStudio;
  /** Default 0, a free one. */
  readonly port?: number;
  /** Default `problem`. */
  readonly errorFormat?: ErrorFormat;
  /** Of a PostgreSQL server; default `DATABASE_URL`, else one is embedded. */
  readonly databaseUrl?: string | undefined;
}

/** What clients need to know of a running shop. */
export interface Ready extends Pick<
  Settings,
  "region" | "userPoolId" | "userPoolClientId" | "identityPoolId" | "oidcIssuer"
> {
  readonly url: string;
  readonly app: string;
  readonly service: "execute-api";
  readonly identityPoolEndpoint: null;
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
  /** The link that opens the page that shows and changes the rules, a secret; undefined if there is none. */
  readonly studioUrl: string | undefined;
  /** Reads the rules again. Returns what to tell about it, a line each. */
  reloadRules(): readonly string[];
  /** Lets the requests in flight finish, for ten seconds at most. */
  close(): Promise<void>;
}

/** Starts an app with everything around it: identity provider, database, supplier. Resolves when it serves. */
export async function startShop(app: App, options: StartShopOptions = {}): Promise<RunningShop> {
  const starting = startIdentityProvider();
  const setUp = starting.then(({ kit }) =>
    setUpScript(readSchema(ownSchemaFile), (username) => kit.userPool.sub(username)),
  );
  const database = openDatabase(options.databaseUrl ?? process.env["DATABASE_URL"], setUp);
  const identityProvider = await starting;
  const opened: { close(): Promise<void> }[] = [database, identityProvider];
  // What was opened last goes first: requests in flight still need the database.
  const close = async () => {
    for (const part of opened.toReversed()) await part.close();
  };
  try {
    const log = new RequestLog(identityProvider.names);
    const callers = createCallers(identityProvider);
    const errorFormat = options.errorFormat ?? "problem";
    const settings = settingsOf(identityProvider);
    const { schemaFile = ownSchemaFile } = options;
    const rules = reloadablePolicy(createShopPolicy(ownSchemaFile, settings));
    if (schemaFile !== ownSchemaFile) rules.replace(createShopPolicy(schemaFile, settings));
    const { policy } = rules;
    const models = createModels(policy.schema, database);
    const graphql = createEndpoint(createSchema(policy, models), errorFormat);
    const users = createUsers(identityProvider.credentials);
    const common = { ...settings, errorFormat, policy, models, users, graphql };

    const supplier = await (options.supplier ?? app).serve(
      {
        ...common,
        supplier: noSupplier,
        page: (_request, _response, next) => next(),
        log: (auth) => log.watch("supplier", auth),
      },
      0,
    );
    opened.push(supplier);
    let studio: Studio | undefined;
    const shop = await app.serve(
      {
        ...common,
        supplier: createSupplier(supplier.url, identityProvider),
        page: createPage(callers, log),
        log: (auth) => {
          studio = options.studio?.({ on: true, auth, schemaFile });
          const watching = log.watch("shop", auth);
          return studio === undefined ? watching : inFront(studio, watching);
        },
      },
      options.port ?? 0,
    );
    opened.push(shop);

    const ready = readyOf(shop.url, app, settings, identityProvider);
    // Its start keeps the processor busy: who called meanwhile could take the shop for one that hangs.
    await database.query("select 1");
    return {
      url: shop.url,
      ready,
      errorFormat,
      identityProvider,
      callers,
      log,
      schemaFile,
      studioUrl: studio?.link && `${shop.url}${studio.link}`,
      reloadRules: () => reloadRules(rules, () => createShopPolicy(schemaFile, settings)),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** How the modes of the shop are set up. */
function settingsOf({ kit, region, identityPoolId, jwksUri }: IdentityProvider): Settings {
  return {
    region,
    userPoolId: kit.userPool.userPoolId,
    userPoolClientId: kit.userPool.clientId,
    jwksUri,
    identityPoolId,
    oidcIssuer: kit.oidc.issuer,
    oidcAudience: kit.oidc.audience,
    findApiKey: (hash) => kit.apiKeys.find(hash),
    findAccessKey: kit.accessKeys.find,
    authorizer: kit.authorizer.handler,
  };
}

function readyOf(
  url: string,
  { name: app }: App,
  { region, userPoolId, userPoolClientId, identityPoolId, oidcIssuer }: Settings,
  { credentials }: IdentityProvider,
): Ready {
  return {
    url,
    app,
    region,
    service: "execute-api",
    userPoolId,
    userPoolClientId,
    identityPoolId,
    identityPoolEndpoint: null,
    oidcIssuer,
    credentials,
  };
}
