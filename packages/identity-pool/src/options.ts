import type { Auth, Clock, OidcIdentity, UserPoolIdentity } from "@authmodes/core";
import {
  closest,
  checkFunction,
  checkOptions,
  checkSeconds,
  type Key,
  must,
  readKeys,
} from "@authmodes/core/options";
import { providerName } from "./logins.ts";
import { checkMapping, type RoleMapping } from "./roles.ts";

/** What `createAuth` returns for `userPool()` and `oidc()`. */
export type Providers = Auth<UserPoolIdentity | OidcIdentity>;

/** Options of `createIdentityPool`. `R` are the names of its roles. */
export interface IdentityPoolOptions<R extends string = string> {
  /** A region and a UUID, such as `us-east-1:5a3c1f0e-…`, as clients have it. A new pool takes any. */
  readonly id: string;
  /** The twelve digits in the ARNs of the roles. Any will do, since no AWS service is called. */
  readonly accountId: string;
  /**
   * The keys that encrypt session tokens: 32 random bytes each in base64, comma separated. The first encrypts, all decrypt:
   * to rotate, put a new one in front, and remove the old one after the lifetime of the credentials. A secret.
   */
  readonly keys: string;
  /**
   * The key from which identity ids are derived: 32 random bytes in base64. Never change it: every user would have another
   * identity id, and guests would lose theirs. A secret.
   */
  readonly identityKey: string;
  /**
   * The roles by name, each with the requests that its credentials may make, as `METHOD /path` with `*` for any text:
   * `["GET /books*"]`. `["* *"]` allows all. Paths are compared as received, with any mount path.
   */
  readonly roles: Readonly<Record<R, readonly string[]>>;
  /** The role of guests. A guest is any caller, without a login. Default: no guests. */
  readonly guests?: NoInfer<R>;
  /** The role of signed-in users. Default: users get a role by `roleMappings` or no credentials. */
  readonly authenticated?: NoInfer<R>;
  /**
   * The auth that verifies logins, with `userPool()`, `oidc()` or both. They accept id tokens: `tokenUse: "id"` for user
   * pools, the client's id as `audience` and `tokenUse: "both"` for OpenID Connect. Default: no logins, only guests.
   */
  readonly providers?: Providers;
  /** Other roles for users, by the provider's name in `Logins`: its issuer without `https://`. Default: none. */
  readonly roleMappings?: Readonly<Record<string, RoleMapping<NoInfer<R>>>>;
  /**
   * How long credentials are valid, in seconds. Default 3600, at least 3000: Amplify JS uses credentials for 50 minutes,
   * whatever their expiry.
   */
  readonly lifetimeSeconds?: number;
  /** Says that no client is an Amplify app: `lifetimeSeconds` can then be less than 3000, down to 60. */
  readonly shortLived?: true;
  /** Default `Date.now`. */
  readonly clock?: Clock;
}

/** The options, checked, with their defaults. */
export interface Settings {
  readonly id: string;
  readonly accountId: string;
  readonly partition: string;
  readonly keys: readonly [Key, ...Key[]];
  readonly identityKey: Key;
  readonly roles: ReadonlyMap<string, readonly string[]>;
  readonly guests: string | undefined;
  readonly authenticated: string | undefined;
  readonly providers: Providers | undefined;
  /** The names of the providers in `Logins`. */
  readonly providerNames: ReadonlySet<string>;
  readonly roleMappings: ReadonlyMap<string, RoleMapping>;
  readonly lifetimeSeconds: number;
  readonly clock: Clock;
}

const where = "createIdentityPool()";
const names = {
  id: ["identityPoolId", "poolId"],
  accountId: ["account"],
  keys: ["encryptionKey", "encryptionKeys", "key"],
  identityKey: [],
  roles: [],
  guests: ["unauthenticated", "allowGuests", "allowUnauthenticatedIdentities"],
  authenticated: [],
  providers: ["logins", "auth"],
  roleMappings: ["mappings"],
  lifetimeSeconds: ["expiresInSeconds", "lifetime"],
  shortLived: [],
  clock: ["now"],
};
const idShape = /^[a-z]{2}(?:-[a-z]+)+-\d+:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const roleShape = /^[\w+=,.@-]{1,64}$/;
/** As in `AccessKey.allow` of core. */
const callShape = /^(?:\*|[A-Z]+) (?:\*|\/[^\s?#]*)$/;
const amplifyCacheSeconds = 3000;

/** @throws TypeError that says what to write instead */
export function settingsOf(options: IdentityPoolOptions): Settings {
  checkOptions(where, options, names);
  const { id, accountId, providers, guests, authenticated, lifetimeSeconds = 3600, shortLived } = options;
  must(
    typeof id === "string" && idShape.test(id),
    `${where}: id is a region and a UUID, such as us-east-1:5a3c1f0e-8d1b-4c5e-9f00-0123456789ab, not '${id}'`,
  );
  must(/^\d{12}$/.test(accountId), `${where}: accountId is a text of twelve digits, such as '123456789012'`);
  const { keys, identityKey } = keysOf(options);
  const roles = rolesOf(options.roles);
  const checkRole = (what: string, role: string) =>
    must(
      roles.has(role),
      `${what} is the name of one of roles (${[...roles.keys()].join(", ")}), not ${JSON.stringify(role)}`,
    );
  must(
    typeof guests !== "boolean",
    `${where}: guests is the name of their role, not ${String(guests)}. Leave it out to give guests no credentials`,
  );
  if (guests !== undefined) checkRole(`${where}: guests`, guests);
  if (authenticated !== undefined) checkRole(`${where}: authenticated`, authenticated);
  const providerNames = new Set(providers === undefined ? [] : checkProviders(providers));
  const roleMappings = new Map(Object.entries(options.roleMappings ?? {}));
  for (const [name, mapping] of roleMappings) {
    checkMappedProvider(name, providerNames);
    checkMapping(`${where}: roleMappings of ${name}`, mapping, checkRole);
  }
  checkSomeoneIsServed(options, roleMappings);
  checkLifetime(lifetimeSeconds, shortLived);
  checkFunction(`${where}: clock`, options.clock, "as Date.now is");
  return {
    id,
    accountId,
    partition: id.startsWith("cn-") ? "aws-cn" : id.startsWith("us-gov-") ? "aws-us-gov" : "aws",
    keys,
    identityKey,
    roles,
    guests,
    authenticated,
    providers,
    providerNames,
    roleMappings,
    lifetimeSeconds,
    clock: options.clock ?? Date.now,
  };
}

function keysOf(options: IdentityPoolOptions): Pick<Settings, "keys" | "identityKey"> {
  const keys = readKeys(`${where}: keys`, options.keys);
  const [identityKey, second] = readKeys(`${where}: identityKey`, options.identityKey);
  must(second === undefined, `${where}: identityKey is one key, which never changes`);
  must(
    !keys.some((key) => key.every((byte, index) => byte === identityKey[index])),
    `${where}: identityKey is one of keys: when these rotate, every user would get another identity id. ` +
      "Make it a key of its own",
  );
  return { keys, identityKey };
}

function rolesOf(roles: IdentityPoolOptions["roles"]): Settings["roles"] {
  must(
    typeof roles === "object" && roles !== null && Object.keys(roles).length > 0,
    `${where}: roles has each role with the requests that it may make, such as { reader: ["GET /books*"] }`,
  );
  for (const [role, calls] of Object.entries(roles)) {
    must(
      roleShape.test(role),
      `${where}: roles: '${role}' is not the name of a role; write the name, not its ARN`,
    );
    must(
      Array.isArray(calls) &&
        calls.length > 0 &&
        calls.every((call) => typeof call === "string" && callShape.test(call)),
      `${where}: roles: ${role} has a list of requests, as 'METHOD /path' without a query, such as ["GET /books*"]; ["* *"] allows all`,
    );
  }
  return new Map(Object.entries(roles).map(([role, calls]) => [role, [...calls]]));
}

/** @returns the providers' names */
function checkProviders(providers: Providers): readonly string[] {
  must(
    typeof providers?.authenticate === "function" && typeof providers.describe === "function",
    `${where}: providers takes what createAuth([userPool({ … }), oidc({ … })]) returns`,
  );
  return providers.describe().flatMap(({ mode, settings, issuers }) => {
    must(
      mode === "userPool" || mode === "oidc",
      `${where}: providers has the mode ${mode}; only userPool() and oidc() verify logins`,
    );
    must(
      (settings["from"] ?? "").split(", ").includes("authorization"),
      `${where}: providers: ${mode}() reads cookies only; remove its 'from'`,
    );
    must(
      issuers.length > 0,
      `${where}: providers: oidc() finds its issuers at run time; list them, since clients name them in Logins`,
    );
    return issuers.map(({ issuer, settings: { tokenUse, audience = "any", profile } }) => {
      must(
        mode === "oidc" || tokenUse?.includes("id") === true,
        `${where}: providers: a login is an id token; write userPool({ …, tokenUse: "id" })`,
      );
      must(
        mode === "userPool" || audience !== "any",
        `${where}: providers: oidc() for ${issuer} needs audience: the id of the client that users sign in to, which ` +
          "id tokens have in 'aud'",
      );
      must(
        mode === "userPool" || (tokenUse === "both" && profile === undefined),
        `${where}: providers: oidc() for ${issuer} needs tokenUse: "both" and no profile, since a login is an id token. ` +
          "The pool rejects access tokens by itself",
      );
      return providerName(issuer);
    });
  });
}

function checkMappedProvider(name: string, known: ReadonlySet<string>): void {
  const meant = closest(name, [...known]) ?? (known.has(providerName(name)) ? providerName(name) : undefined);
  must(
    known.has(name),
    `${where}: roleMappings: '${name}' is no provider; ` +
      (meant === undefined
        ? `it is one of ${[...known].join(", ") || "none: set providers"}`
        : `write '${meant}'`),
  );
}

function checkSomeoneIsServed(
  { providers, authenticated, guests }: IdentityPoolOptions,
  { size }: Settings["roleMappings"],
): void {
  must(
    providers !== undefined || guests !== undefined,
    `${where}: write providers, for signed-in users, or guests, or both; this pool would reject every request`,
  );
  must(
    providers === undefined || authenticated !== undefined || size > 0,
    `${where}: providers needs authenticated, the role of signed-in users`,
  );
  must(providers !== undefined || authenticated === undefined, `${where}: authenticated needs providers`);
}

function checkLifetime(lifetimeSeconds: number, shortLived?: boolean): void {
  must(shortLived !== false, `${where}: shortLived is true or left out, not ${JSON.stringify(shortLived)}`);
  must(
    shortLived === undefined || lifetimeSeconds < amplifyCacheSeconds,
    `${where}: shortLived is for a lifetimeSeconds below ${amplifyCacheSeconds}; remove it`,
  );
  must(
    typeof lifetimeSeconds !== "number" || lifetimeSeconds >= amplifyCacheSeconds || shortLived === true,
    `${where}: lifetimeSeconds is ${lifetimeSeconds}, but Amplify JS uses credentials for 50 minutes, whatever their ` +
      `expiry: write ${amplifyCacheSeconds} or more, or shortLived: true if no client is an Amplify app`,
  );
  checkSeconds(where, "lifetimeSeconds", lifetimeSeconds, 60, 43_200);
}
