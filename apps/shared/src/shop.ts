import type {
  AccessKey,
  AppSyncAuthorizerEvent,
  Auth,
  ErrorFormat,
  LambdaFunction,
  StoredApiKey,
} from "@authmodes/core";
import type { Policy } from "@authmodes/rules";
import type { AppName } from "./options.ts";
import type { GraphqlEndpoint } from "./graphql/endpoint.ts";
import type { Listening } from "./listen.ts";
import type { Middleware } from "./middleware.ts";
import type { ShopModel } from "./models.ts";
import type { Supplier } from "./supplier.ts";

/** What the modes of the shop are set up with. */
export interface Settings {
  readonly region: string;
  readonly userPoolId: string;
  readonly userPoolClientId: string;
  /** Where the key set of the embedded user pool is; one of Amazon's needs none. */
  readonly jwksUri: string;
  readonly identityPoolId: string;
  readonly oidcIssuer: string;
  readonly oidcAudience: string;
  readonly findApiKey: (hash: string) => StoredApiKey | undefined;
  readonly findAccessKey: (accessKeyId: string) => AccessKey | undefined;
  readonly authorizer: LambdaFunction<AppSyncAuthorizerEvent>;
}

/** Somebody whom a page of the shop can sign in. */
export interface SampleUser {
  readonly name: string;
  /** What there is to know about them, in a few words. */
  readonly about: string;
  readonly accessToken: string;
}

/** What an instance of the shop works with, whatever the framework. */
export interface Shop extends Settings {
  readonly errorFormat: ErrorFormat;
  /** The rules of `schema.graphql`. */
  readonly policy: Policy;
  /** What the rules are about. */
  readonly models: readonly ShopModel[];
  /** Whom a page signs in without asking for a password, since this is a sample. */
  readonly users: readonly SampleUser[];
  /** The models again, by GraphQL. */
  readonly graphql: GraphqlEndpoint;
  readonly supplier: Supplier;
  /** The page at `/` and what it calls. It comes first: the log and other origins have no part in it. */
  readonly page: Middleware;
  /** Logs the requests behind it. */
  readonly log: (auth: Auth) => Middleware;
}

/** A framework's app. */
export interface App {
  readonly name: AppName;
  /**
   * Serves an instance on 127.0.0.1.
   * @param port 0 for a free one
   */
  serve(shop: Shop, port: number): Promise<Listening>;
}
