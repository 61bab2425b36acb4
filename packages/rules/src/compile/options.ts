import { checkOptionNames, list, must } from "@authmodes/core/options";
import { isOfKind, type Kind } from "../check/kinds.ts";
import { unknownSentence } from "../check/spelling.ts";
import type { Provider, RuleSchema } from "../types.ts";
import { rulesOf } from "./roles.ts";
import { providerOf, providers as known } from "./words.ts";

export interface PolicyOptions {
  /**
   * The providers of the API; the first is its default, which root fields without rules are open to.
   * Default: those that the schema names.
   */
  readonly providers?: readonly (Provider | "iam")[];
  /**
   * The issuers behind the token providers, as they stand in `iss`. Tokens of other issuers, which the server may
   * accept for other purposes, then match no rule. Default: every issuer that the server accepts.
   */
  readonly issuers?: {
    readonly userPools?: string | readonly string[];
    readonly oidc?: string | readonly string[];
  };
  /** Several issuers behind one provider with owner or group rules: their names and groups mean the same. */
  readonly sharedNamespace?: boolean;
  /**
   * Whose guests and signed-in users the identity-pool rules are about: the pool's id, the ARNs of its roles (of the
   * role itself or of its sessions), or both. Without it these rules match nobody.
   */
  readonly identityPool?: {
    readonly id?: string;
    readonly authRoleArn?: string;
    readonly unauthRoleArn?: string;
  };
  /** IAM roles and users above all rules: names (exact, never a part) or ARNs. */
  readonly adminRoles?: readonly string[];
  /** Amplify's `enableIamAuthorizationMode`: IAM principals that do not come from an identity pool stand above all rules. */
  readonly iamAccess?: boolean;
  /** Amplify's `populateOwnerFieldForStaticGroupAuth`: fill in the owner where another rule allowed. Default true. */
  readonly populateOwner?: boolean;
  /** Somebody else's record looks as if there were none, to callers who may not get it. Default false. */
  readonly hideAsMissing?: boolean;
  /**
   * Owner fields match by `sub::username`, `sub` or `username`, as in Amplify. With false only by the full stored
   * value, so that a later user of the same name does not inherit records. Default true.
   */
  readonly matchOwnerParts?: boolean;
  /**
   * Inputs may write the records of related models, in Prisma's forms: `{ items: { create: [{ … }] } }`. The rules of the
   * related model are asked for each record. Default false: an input with a relation in it is denied.
   */
  readonly nested?: boolean;
  /** Amplify's ways where ours are safer. All default to false. */
  readonly compat?: Compat;
}

export interface Compat {
  /** Owner rules and groupsField rules on fields outside models are dropped instead of refused. */
  readonly dropDynamicFieldRules?: boolean;
  /** Rules on fields of nested types guard reading alone: everybody who may write the record may write them. */
  readonly openNestedWrites?: boolean;
  /** A second owner field that is filled in allows a create that names somebody else in the first. */
  readonly filledOwnerAllows?: boolean;
  /** Where a part of `sub::username` is missing in the token, the other part is enough to read (not to write). */
  readonly partialClaimsRead?: boolean;
}

/** Options with their defaults. */
export interface ReadyOptions extends Required<
  Omit<PolicyOptions, "providers" | "issuers" | "identityPool" | "adminRoles" | "compat">
> {
  /** The first is the API's default. */
  readonly providers: ReadonlySet<Provider>;
  readonly issuers: { readonly userPools?: readonly string[]; readonly oidc?: readonly string[] };
  readonly identityPool: NonNullable<PolicyOptions["identityPool"]>;
  readonly adminRoles: ReadonlySet<string>;
  readonly compat: Compat;
}

/** @throws TypeError for an option that does not exist or has the wrong kind of value */
export function checkOptions(options: PolicyOptions): void {
  checkKinds("createPolicy()", options, optionKinds);
  checkCallerOptions(options);
  checkKinds("compat", options.compat ?? {}, flagKinds(compatOptions));
  namedProviders(options);
}

/** The options that say whose callers are meant. @throws TypeError */
export function checkCallerOptions({ issuers = {}, identityPool = {} }: PolicyOptions): void {
  checkKinds("issuers", issuers, { userPools: texts, oidc: texts });
  checkKinds("identityPool", identityPool, { id: text, authRoleArn: text, unauthRoleArn: text });
}

/** Options that were checked, for a schema that was validated. */
export function readOptions(options: PolicyOptions, schema: RuleSchema): ReadyOptions {
  const { issuers = {}, identityPool = {}, adminRoles = [] } = options;
  const { authRoleArn, unauthRoleArn } = identityPool;
  return {
    ...flags,
    compat: {},
    ...options,
    providers: namedProviders(options) ?? providersOf(schema, options),
    issuers: {
      ...(issuers.userPools !== undefined && { userPools: list(issuers.userPools) }),
      ...(issuers.oidc !== undefined && { oidc: list(issuers.oidc) }),
    },
    identityPool: {
      ...identityPool,
      ...(authRoleArn !== undefined && { authRoleArn: sessionArn(authRoleArn) }),
      ...(unauthRoleArn !== undefined && { unauthRoleArn: sessionArn(unauthRoleArn) }),
    },
    adminRoles: new Set(list(adminRoles).map(withoutPath)),
  };
}

const text = "text that is not empty";
const texts = "a list of texts that are not empty";

/** What is on or off. */
const flags = {
  sharedNamespace: false,
  iamAccess: false,
  populateOwner: true,
  hideAsMissing: false,
  matchOwnerParts: true,
  nested: false,
};

const optionKinds: Readonly<Record<string, Kind>> = {
  providers: texts,
  issuers: "object",
  identityPool: "object",
  adminRoles: texts,
  compat: "object",
  ...flagKinds(Object.keys(flags)),
};

const compatOptions: readonly (keyof Compat)[] = [
  "dropDynamicFieldRules",
  "openNestedWrites",
  "filledOwnerAllows",
  "partialClaimsRead",
];

function flagKinds(names: readonly string[]): Readonly<Record<string, Kind>> {
  return Object.fromEntries(names.map((name) => [name, "true or false"]));
}

/**
 * An unset variable must not take away what an option limits: `issuers: { userPools: process.env.ISSUER }`.
 * @throws TypeError for an option that does not exist, has the wrong kind of value or is undefined
 */
export function checkKinds(where: string, options: object, kinds: Readonly<Record<string, Kind>>): void {
  checkOptionNames(where, options, Object.keys(kinds));
  for (const [name, value] of Object.entries(options)) {
    const kind = kinds[name];
    if (kind === undefined || isOfKind[kind](value)) continue;
    throw new TypeError(`${where}: ${name} is ${kind}, not ${String(value)}.`);
  }
}

/**
 * The providers that the user named; undefined where none were.
 * @throws TypeError for one that does not exist
 */
export function namedProviders({ providers }: PolicyOptions): ReadonlySet<Provider> | undefined {
  if (providers === undefined) return undefined;
  return new Set(
    list(providers).map((name) => {
      const provider = name === "iam" ? "identityPool" : name;
      must(known.includes(provider), `providers: ${unknownSentence("provider", name, known)}`);
      return provider;
    }),
  );
}

/** The providers that the schema names, or that an option is about. */
function providersOf(schema: RuleSchema, options: PolicyOptions): ReadonlySet<Provider> {
  const named = new Set(rulesOf(schema).map(providerOf));
  if (schema.sandbox === true) named.add("apiKey");
  if (options.iamAccess === true || options.adminRoles !== undefined) named.add("identityPool");
  return named;
}

/**
 * The ARN that callers of a role have. A role's own ARN, as consoles and stacks show it, is turned into that of the
 * sessions that identity pools open.
 */
export function sessionArn(arn: string): string {
  const role = /^arn:([^:]+):iam::(\d+):role\/(?:.*\/)?([^/]+)$/.exec(arn);
  if (role === null) return arn;
  return `arn:${role[1]}:sts::${role[2]}:assumed-role/${role[3]}/CognitoIdentityCredentials`;
}

/** A session's ARN does not tell the path of its role. */
function withoutPath(name: string): string {
  return name.replace(/^(arn:[^:]+:iam::\d*:role\/).*\/([^/]+)$/, "$1$2");
}
