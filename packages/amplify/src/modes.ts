import {
  apiKey,
  type ApiKeyOptions,
  type AuthMode,
  hashApiKey,
  iam,
  type IamOptions,
  type Identity,
  lambda,
  type LambdaOptions,
  type MaybePromise,
  none,
  oidc,
  type OidcOptions,
  type OidcTenants,
  userPool,
  type UserPoolOptions,
} from "@authmodes/core";
import { must } from "@authmodes/core/options";
import type { ApiDefinition } from "./formats/definition.ts";
import { Code } from "./text/code.ts";
import { real } from "./formats/placeholder.ts";
import { defined, issuersOf, poolsOf } from "./providers.ts";
import type { ModeName } from "./formats/spellings.ts";

/** What a configuration cannot hold, and what overrides it. `null` omits a mode. */
export interface ModeArguments {
  /**
   * The keys or their finder, as for `apiKey()`. Without it the key in the file is accepted without expiry, because the
   * file does not contain one.
   */
  readonly apiKeys?: ApiKeyOptions["keys"] | null;
  /**
   * `credentials`, the finder for access keys, is required. Region and service come from the file, and so does `guests`: if
   * the identity pool admits no guests, the server rejects them.
   */
  readonly iam?: (Omit<IamOptions, "region"> & Partial<Pick<IamOptions, "region">>) | null;
  /**
   * Overrides the file's options of its pool; a list replaces them.
   *
   * `tokenUse` is `both` for AppSync, which accepts ID and access tokens. For REST it is `access`, which Amplify's mobile
   * clients send. API Gateway's authorizers without scopes accept ID tokens: write `tokenUse: "id"` for those.
   */
  readonly userPool?: Partial<UserPoolOptions> | readonly UserPoolOptions[] | null;
  /** Overrides the file's options of its issuer; a list replaces them. Client files have no issuer. */
  readonly oidc?: Partial<OidcOptions> | readonly OidcOptions[] | OidcTenants | null;
  /** `authorizer` is required, and for REST the kind of its `event`. */
  readonly lambda?: LambdaOptions | null;
  /** Whether `NONE` in the file accepts callers without credentials. */
  readonly none?: true | null;
}

/** The argument of `fromAmplify` for each mode. */
export const argumentOf: Record<ModeName, keyof ModeArguments> = {
  apiKey: "apiKeys",
  iam: "iam",
  userPool: "userPool",
  oidc: "oidc",
  lambda: "lambda",
  none: "none",
};

type Build = (api: ApiDefinition, given: ModeArguments) => MaybePromise<AuthMode<Identity>>;

/** Creates each mode from the file and the arguments. Each function throws a TypeError that names what is missing. */
export const builders: Record<ModeName, Build> = {
  async apiKey(api, { apiKeys }) {
    if (apiKeys !== undefined && apiKeys !== null) return apiKey({ keys: apiKeys });
    must(
      api.apiKey !== undefined,
      `fromAmplify(): '${api.name}' takes API keys and the file holds none; give apiKeys: the stored keys ` +
        "(newApiKey and hashApiKey make them) or their finder",
    );
    // The id of a key is logged, and AppSync's keys have no id other than the key.
    return apiKey({ keys: [{ id: api.name, hash: await hashApiKey(real(api.apiKey)), expiresAt: null }] });
  },

  iam(api, { iam: given }) {
    must(
      given !== undefined && given !== null,
      `fromAmplify(): '${api.name}' takes signed requests; give iam: { credentials }, the finder for access keys, ` +
        "or iam: null to leave the mode out",
    );
    const region = given.region ?? (api.region === undefined ? undefined : real(api.region));
    must(
      region !== undefined,
      `fromAmplify(): '${api.name}' takes signed requests and the file names no region; give iam: { region } too`,
    );
    const guests = given.guests ?? api.guests;
    if (guests instanceof Code) {
      throw new TypeError(
        `fromAmplify(): the file says by code on ${guests.place} whether the identity pool admits guests; give iam: { guests }`,
      );
    }
    return iam({ service: api.service, ...given, region, ...defined({ guests }) });
  },

  userPool: (api, { userPool: given }) => userPool(poolsOf(api, given ?? {})),

  oidc: (api, { oidc: given }) => oidc(issuersOf(api, given ?? {})),

  lambda(api, { lambda: given }) {
    must(
      given !== undefined && given !== null,
      `fromAmplify(): '${api.name}' takes tokens for a Lambda authorizer; give lambda: { authorizer }, the function or ` +
        "where it is, or lambda: null to leave the mode out",
    );
    must(
      api.kind === "AppSync" || given.event !== undefined,
      `fromAmplify(): '${api.name}' is a REST API and the file does not tell the kind of its authorizer; give ` +
        "lambda: { event: 'token' } or { event: 'request' } too",
    );
    const { ttlSeconds, ...authorizer } = api.authorizer;
    const ttl = given.ttlSeconds ?? ttlSeconds;
    must(
      !(ttl instanceof Code),
      "fromAmplify(): the file says by code how long answers of the authorizer are remembered; give lambda: { ttlSeconds }",
    );
    return lambda({ ...defined({ ...authorizer, ttlSeconds: ttl }), ...given });
  },

  none(api, { none: given }) {
    must(
      given === true,
      `fromAmplify(): NONE says that the clients of '${api.name}' add no credentials by themselves, not that its server ` +
        "wants none; give none: true to let callers without credentials in, or none: null and name in " +
        "additionalModes what the app adds itself",
    );
    return none();
  },
};
