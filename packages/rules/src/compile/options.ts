import { checkOptionNames, list, must } from "@authmodes/core/options";
import { isOfKind, type Kind } from "../check/kinds.ts";
import { unknownSentence } from "../check/spelling.ts";
import type { Provider, RuleSchema } from "../types.ts";
import { rulesOf } from "./roles.ts";
import { providerOf, providers as known, unaliased } from "./words.ts";

/** Options of `createPolicy`. */
export interface PolicyOptions {
  /**
   * The providers of the API. The first is the default provider: root fields without rules are open to it.
   * Default: the providers that the rules name.
   */
  readonly providers?: readonly (Provider | "iam")[];
  /**
   * The issuers of the token providers, as in the claim `iss`. Tokens of other issuers that the server accepts match no
   * rule. Default: all issuers that the server accepts.
   */
  readonly issuers?: {
    readonly userPools?: string | readonly string[];
    readonly oidc?: string | readonly string[];
  };
  /** Allows owner and groups rules for a provider with several issuers, whose names and groups mean the same. Default false. */
  readonly sharedNamespace?: boolean;
  /**
   * The identity pool that rules with provider `identityPool` are about: its id, the ARNs of its roles (of the role or of
   * its sessions), or both. Without it these rules never apply.
   */
  readonly identityPool?: {
    readonly id?: string;
    readonly authRoleArn?: string;
    readonly unauthRoleArn?: string;
  };
  /** IAM roles and users that the rules do not apply to, as exact names or ARNs: they may do everything. */
  readonly adminRoles?: readonly string[];
  /**
   * Amplify's `enableIamAuthorizationMode`: IAM principals from outside identity pools may do everything. Default false.
   */
  readonly iamAccess?: boolean;
  /** Amplify's `populateOwnerFieldForStaticGroupAuth`: fills in the owner if another rule allowed. Default true. */
  readonly populateOwner?: boolean;
  /** Answers "not found" instead of "forbidden" for records that the caller may not get. Default false. */
  readonly hideAsMissing?: boolean;
  /**
   * Matches owner fields by `sub::username`, `sub` or `username`, as in Amplify. With false, only by the full stored
   * value, so that a later user of the same name does not inherit records. Default true.
   */
  readonly matchOwnerParts?: boolean;
  /**
   * Lets inputs write related records in Prisma's syntax, `{ items: { create: [{ … }] } }`, if the rules of the related
   * model allow each one. Default false: an input with a relation is denied.
   */
  readonly nested?: boolean;
  /** Amplify's behaviour in cases that are safer here. All default to false. */
  readonly compat?: Compat;
}

/** Behaviours of Amplify that are less safe than the defaults here. */
export interface Compat {
  /** Drops owner and groupsField rules on fields outside models instead of rejecting them. */
  readonly dropDynamicFieldRules?: boolean;
  /** Applies rules on fields of nested types to reads only: callers that may write the record may write them. */
  readonly openNestedWrites?: boolean;
  /** Allows a create that names another user in the first owner field if the second one is filled in. */
  readonly filledOwnerAllows?: boolean;
  /** If the token lacks a part of `sub::username`, the other part is enough to read (not to write). */
  readonly partialClaimsRead?: boolean;
}

/** The options with their defaults. */
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

/** @throws TypeError if an option is unknown or has a value of the wrong kind */
export function checkOptions(options: PolicyOptions): void {
  checkKinds("createPolicy()", options, optionKinds);
  checkCallerOptions(options);
  checkKinds("compat", options.compat ?? {}, flagKinds(compatOptions));
  namedProviders(options);
}

/** Checks the options about issuers and identity pools. @throws TypeError */
export function checkCallerOptions({ issuers = {}, identityPool = {} }: PolicyOptions): void {
  checkKinds("issuers", issuers, { userPools: texts, oidc: texts });
  checkKinds("identityPool", identityPool, { id: text, authRoleArn: text, unauthRoleArn: text });
}

/** Reads checked options, for a validated schema. */
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

/** Options that are on or off, with their defaults. */
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
  issuers: "an object",
  identityPool: "an object",
  adminRoles: texts,
  compat: "an object",
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
 * An undefined option is an error: in `issuers: { userPools: process.env.ISSUER }` an unset variable would lift the limit.
 * @throws TypeError if an option is unknown, undefined or has a value of the wrong kind
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
 * The providers that the options name; undefined if they name none.
 * @throws TypeError for an unknown provider
 */
export function namedProviders({ providers }: PolicyOptions): ReadonlySet<Provider> | undefined {
  if (providers === undefined) return undefined;
  return new Set(
    list(providers).map((name) => {
      const provider = unaliased(name);
      must(known.includes(provider), `providers: ${unknownSentence("provider", name, known)}`);
      return provider;
    }),
  );
}

/** The providers that the schema names or an option needs. */
function providersOf(schema: RuleSchema, options: PolicyOptions): ReadonlySet<Provider> {
  const named = new Set(rulesOf(schema).map(providerOf));
  if (schema.sandbox === true) named.add("apiKey");
  if (options.iamAccess === true || options.adminRoles !== undefined) named.add("identityPool");
  return named;
}

/**
 * Returns the ARN that callers with a role of an identity pool have. The role's own ARN, as consoles and stacks show it,
 * becomes that of its sessions; any other text is returned as it is.
 * @example
 * import { sessionArn } from "@authmodes/rules";
 * export const caller = sessionArn("arn:aws:iam::123456789012:role/authenticated");
 * // arn:aws:sts::123456789012:assumed-role/authenticated/CognitoIdentityCredentials
 */
export function sessionArn(arn: string): string {
  const role = /^arn:([^:]+):iam::(\d+):role\/(?:.*\/)?([^/]+)$/.exec(arn);
  if (role === null) return arn;
  return `arn:${role[1]}:sts::${role[2]}:assumed-role/${role[3]}/CognitoIdentityCredentials`;
}

/** The ARN of a session does not contain the path of its role. */
function withoutPath(name: string): string {
  return name.replace(/^(arn:[^:]+:iam::\d*:role\/).*\/([^/]+)$/, "$1$2");
}
