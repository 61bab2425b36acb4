import type { OidcOptions, OidcTenants, UserPoolOptions } from "@authmodes/core";
import { must } from "@authmodes/core/options";
import type { ApiDefinition, IssuerDefinition, PoolDefinition } from "./formats/definition.ts";
import { real } from "./formats/placeholder.ts";
import type { Value } from "./formats/section.ts";
import { Code } from "./text/code.ts";

// Pools and issuers: the options of the file, overridden by the arguments.

/** @throws TypeError if a required option is in neither */
export function poolsOf(
  api: ApiDefinition,
  given: Partial<UserPoolOptions> | readonly UserPoolOptions[],
): readonly UserPoolOptions[] {
  if (isList(given)) return given;
  return each(api.userPools, given, "userPool").map((pool) => poolOf(api, pool, given));
}

function poolOf(
  api: ApiDefinition,
  pool: PoolDefinition | undefined,
  given: Partial<UserPoolOptions>,
): UserPoolOptions {
  const userPoolId = given.userPoolId ?? (pool?.userPoolId && real(pool.userPoolId));
  must(
    userPoolId !== undefined,
    `fromAmplify(): '${api.name}' takes tokens of a user pool and the file names none; ` +
      "give userPool: { userPoolId, clientId }, or userPool: null to leave the mode out",
  );
  const clientId = given.clientId === undefined ? clientsOf(pool?.clientId) : given.clientId;
  must(
    clientId !== undefined,
    "fromAmplify(): the file names no client of the user pool; give userPool: { clientId }, or in words " +
      "clientId: null for all clients of the pool",
  );
  return { tokenUse: api.kind === "AppSync" ? "both" : "access", ...given, userPoolId, clientId };
}

/** @throws TypeError if a required option is in neither */
export function issuersOf(
  api: ApiDefinition,
  given: Partial<OidcOptions> | readonly OidcOptions[] | OidcTenants,
): readonly OidcOptions[] | OidcTenants {
  if (isList(given) || "issuers" in given) return given;
  return each(api.issuers, given, "oidc").map((provider) => issuerOf(api, provider, given));
}

function issuerOf(
  api: ApiDefinition,
  provider: IssuerDefinition | undefined,
  given: Partial<OidcOptions>,
): OidcOptions {
  const issuer = given.issuer ?? (provider?.issuer && real(provider.issuer));
  must(
    issuer !== undefined,
    `fromAmplify(): '${api.name}' takes tokens of an OIDC issuer and the file names none; give ` +
      "oidc: { issuer, audience } or oidc: { issuer, clientId }, or oidc: null to leave the mode out",
  );
  const ages = {
    maxTokenAgeSeconds: ageOf("maxTokenAgeSeconds", provider, given),
    maxAuthAgeSeconds: ageOf("maxAuthAgeSeconds", provider, given),
  };
  // Amplify's clients may send either token.
  const options = { tokenUse: "both" as const, ...defined(ages), ...given, issuer };
  const clientId = given.clientId === undefined ? clientsOf(provider?.clientId) : given.clientId;
  if (clientId !== undefined) return { ...options, clientId };
  const { audience } = given;
  must(
    audience !== undefined,
    "fromAmplify(): the file names no client of the OIDC issuer; give oidc: { clientId } or oidc: { audience }, or in " +
      "words audience: null for all tokens of the issuer",
  );
  return { ...options, audience };
}

/** A limit in the file is never dropped: if it is computed at run time, an option has to give it. */
function ageOf(
  name: "maxTokenAgeSeconds" | "maxAuthAgeSeconds",
  provider: IssuerDefinition | undefined,
  given: Partial<OidcOptions>,
): number | undefined {
  const age = given[name] ?? provider?.[name];
  if (!(age instanceof Code)) return age;
  throw new TypeError(
    `fromAmplify(): the file limits the age of tokens by code on ${age.place}; give oidc: { ${name} }`,
  );
}

/** Options for one pool or issuer must not apply to another. */
function each<T>(entries: readonly T[], given: object, name: string): readonly (T | undefined)[] {
  must(
    entries.length < 2 || Object.keys(given).length === 0,
    `fromAmplify(): the file has several entries for ${name}; give ${name} a list with the options of each`,
  );
  return entries.length === 0 ? [undefined] : entries;
}

const plainIds = /^[\w.:/@~-]+(?:\|[\w.:/@~-]+)*$/;

/** AppSync has an expression here, usually `one|other`. Such a list is compared literally, so that a dot matches a dot. */
function clientsOf(value: Value | undefined): readonly string[] | RegExp | undefined {
  if (value === undefined) return undefined;
  const text = real(value);
  if (plainIds.test(text)) return text.split("|");
  try {
    return new RegExp(text);
  } catch (cause) {
    throw new TypeError(`fromAmplify(): ${value.path} is neither client ids nor an expression`, { cause });
  }
}

function isList<T>(value: object | readonly T[]): value is readonly T[] {
  return Array.isArray(value);
}

/** Without the members that are undefined. */
export function defined<T extends object>(options: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const entries = Object.entries(options).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]?: Exclude<T[K], undefined> };
}
