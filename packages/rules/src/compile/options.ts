import { list } from "./lists.ts";
import { providerOf } from "./roles.ts";
import { checkMembers, unknownSentence } from "../check/spelling.ts";
import type { Provider, RuleSchema } from "../types.ts";

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
export interface ReadyOptions {
  /** The first is the API's default. */
  readonly providers: ReadonlySet<Provider>;
  readonly issuers: { readonly userPools?: readonly string[]; readonly oidc?: readonly string[] };
  readonly sharedNamespace: boolean;
  readonly identityPool: {
    readonly id: string | undefined;
    readonly authRoleArn: string | undefined;
    readonly unauthRoleArn: string | undefined;
  };
  readonly adminRoles: ReadonlySet<string>;
  readonly iamAccess: boolean;
  readonly populateOwner: boolean;
  readonly hideAsMissing: boolean;
  readonly matchOwnerParts: boolean;
  readonly nested: boolean;
  readonly compat: Required<Compat>;
}

const providerNames: readonly Provider[] = ["apiKey", "identityPool", "userPools", "oidc", "function"];

/** @throws TypeError for an option that does not exist or has the wrong kind of value */
export function checkOptions(options: PolicyOptions): void {
  checkKinds("createPolicy()", options, optionKinds);
  checkCallerOptions(options);
  checkKinds("compat", options.compat ?? {}, compatKinds);
  namedProviders(options);
}

/** The options that say whose callers are meant. @throws TypeError */
export function checkCallerOptions({ issuers = {}, identityPool = {} }: PolicyOptions): void {
  checkKinds("issuers", issuers, { userPools: "list", oidc: "list" });
  checkKinds("identityPool", identityPool, { id: "string", authRoleArn: "string", unauthRoleArn: "string" });
}

/** Options that were checked, for a schema that was validated. */
export function readOptions(options: PolicyOptions, schema: RuleSchema): ReadyOptions {
  const { issuers = {}, identityPool = {}, compat = {} } = options;
  return {
    providers: namedProviders(options) ?? providersOf(schema, options),
    issuers: {
      ...(issuers.userPools !== undefined && { userPools: list(issuers.userPools) }),
      ...(issuers.oidc !== undefined && { oidc: list(issuers.oidc) }),
    },
    sharedNamespace: options.sharedNamespace ?? false,
    identityPool: {
      id: identityPool.id,
      authRoleArn: identityPool.authRoleArn === undefined ? undefined : sessionArn(identityPool.authRoleArn),
      unauthRoleArn:
        identityPool.unauthRoleArn === undefined ? undefined : sessionArn(identityPool.unauthRoleArn),
    },
    adminRoles: new Set((options.adminRoles ?? []).map(withoutPath)),
    iamAccess: options.iamAccess ?? false,
    populateOwner: options.populateOwner ?? true,
    hideAsMissing: options.hideAsMissing ?? false,
    matchOwnerParts: options.matchOwnerParts ?? true,
    nested: options.nested ?? false,
    compat: {
      dropDynamicFieldRules: compat.dropDynamicFieldRules ?? false,
      openNestedWrites: compat.openNestedWrites ?? false,
      filledOwnerAllows: compat.filledOwnerAllows ?? false,
      partialClaimsRead: compat.partialClaimsRead ?? false,
    },
  };
}

type Kind = "boolean" | "string" | "list" | "object";

const optionKinds: Readonly<Record<keyof PolicyOptions, Kind>> = {
  providers: "list",
  issuers: "object",
  sharedNamespace: "boolean",
  identityPool: "object",
  adminRoles: "list",
  iamAccess: "boolean",
  populateOwner: "boolean",
  hideAsMissing: "boolean",
  matchOwnerParts: "boolean",
  nested: "boolean",
  compat: "object",
};

const compatKinds: Readonly<Record<keyof Compat, Kind>> = {
  dropDynamicFieldRules: "boolean",
  openNestedWrites: "boolean",
  filledOwnerAllows: "boolean",
  partialClaimsRead: "boolean",
};

/**
 * An unset variable must not take away what an option limits: `issuers: { userPools: process.env.ISSUER }`.
 * @throws TypeError for an option that does not exist, has the wrong kind of value or is undefined
 */
export function checkKinds(where: string, options: object, kinds: Readonly<Record<string, Kind>>): void {
  checkMembers(`${where}: `, "option", options, Object.keys(kinds));
  for (const [name, value] of Object.entries(options)) {
    const kind = kinds[name];
    if (kind === undefined || isOfKind(value, kind)) continue;
    if (value === undefined) {
      throw new TypeError(
        `${where}: ${name} is undefined. Is an environment variable missing? Leave an option out for its default.`,
      );
    }
    throw new TypeError(`${where}: ${name} ${kindInWords[kind]}, not ${String(value)}.`);
  }
}

const kindInWords: Readonly<Record<Kind, string>> = {
  boolean: "is true or false",
  string: "is text that is not empty",
  list: "is a list of texts that are not empty",
  object: "is an object",
};

function isOfKind(value: unknown, kind: Kind): boolean {
  if (kind === "boolean") return typeof value === "boolean";
  if (kind === "string") return isText(value);
  if (kind === "list") return list<unknown>(value).every(isText);
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isText(value: unknown): boolean {
  return typeof value === "string" && value !== "";
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
      if (providerNames.includes(provider)) return provider;
      throw new TypeError(`providers: ${unknownSentence("provider", name, providerNames)}`);
    }),
  );
}

/** The providers that the schema names, or that an option is about. */
function providersOf(schema: RuleSchema, options: PolicyOptions): ReadonlySet<Provider> {
  const types = [...Object.values(schema.models), ...Object.values(schema.types ?? {})];
  const rules = types.flatMap((type) => [
    ...(type.rules ?? []),
    ...Object.values(type.fields).flatMap((field) => field.rules ?? []),
  ]);
  const named = new Set(rules.map(providerOf));
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
