import type {
  AppSyncAuthorizerEvent,
  Auth,
  AuthOptions,
  ErrorFormat,
  FindAccessKey,
  Identity,
  LambdaFunction,
  MaybePromise,
  RequestView,
  StoredApiKey,
} from "@authmodes/core";
import type { Policy } from "@authmodes/rules";
import type { AppName } from "./command/options.ts";
import type { RealtimeEndpoint } from "./graphql/realtime.ts";
import type { HttpReply } from "./http/http-error.ts";
import type { Listening, Port } from "./http/listen.ts";
import type { Middleware } from "./http/middleware.ts";
import type { ShopModel } from "./data/models.ts";
import type { RequestLog } from "./page/request-log.ts";
import type { Supplier } from "./supplier.ts";

/** What clients need to know to sign in and to sign requests. */
export interface ClientSettings {
  readonly region: string;
  readonly userPoolId: string;
  readonly userPoolClientId: string;
  readonly identityPoolId: string;
  readonly oidcIssuer: string;
}

/** The settings of the shop's modes. */
export interface Settings extends ClientSettings {
  readonly oidcAudience: string;
  /** URL of the embedded user pool's key set. Amazon's need none. */
  readonly jwksUri: string;
  readonly findApiKey: (hash: string) => MaybePromise<StoredApiKey | undefined>;
  readonly findAccessKey: FindAccessKey;
  /** Whether a token or a session of the identity pool was revoked. */
  readonly revoked: NonNullable<AuthOptions["revoked"]>;
  /** Counts the requests with API keys. */
  readonly usage: NonNullable<AuthOptions["usage"]>;
  readonly authorizer: LambdaFunction<AppSyncAuthorizerEvent>;
}

/** A user that a page of the shop can sign in. */
export interface SampleUser {
  readonly name: string;
  /** A few words about them. */
  readonly about: string;
  readonly accessToken: string;
}

/** What an instance of the shop needs on every framework. */
export interface Shop extends Settings {
  readonly errorFormat: ErrorFormat;
  /** The rules of `schema.graphql`. */
  readonly policy: Policy;
  /** The models that the rules cover. */
  readonly models: readonly ShopModel[];
  /** The users that a page signs in without a password, since this is a sample. */
  readonly users: readonly SampleUser[];
  /** An API key for what every visitor may read. */
  readonly publicKey: string;
  /** The same models by GraphQL. */
  readonly graphql: Endpoint;
  /** Their subscriptions. */
  readonly realtime: RealtimeEndpoint;
  /** Some of them as tools of the Model Context Protocol. */
  readonly mcp: Endpoint;
  /** URL of `/mcp`, as clients call it. */
  readonly mcpUrl: string;
  readonly supplier: Supplier;
  /** Path of the studio; undefined if it is off. */
  readonly studioPath: string | undefined;
  /** Serves the page at `/`. Mount it first: its requests are not logged and not for other origins. */
  readonly page: Middleware;
  /** Logs the requests after it. */
  readonly log: (auth: Auth) => Middleware;
  /** The last requests that were authenticated or rejected, newest last. */
  readonly recent: RequestLog["recent"];
}

/**
 * Answers a request of a verified caller.
 * @param auth that accepted the caller
 * @param body parsed JSON; undefined if it was not JSON
 */
export type Endpoint = (auth: Auth<Identity>, view: RequestView, body: unknown) => Promise<HttpReply>;

/** A framework's app. */
export interface App {
  readonly name: AppName;
  /** Serves an instance on 127.0.0.1. */
  serve(shop: Shop, port: Port): Promise<Listening>;
}
