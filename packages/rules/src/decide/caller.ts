import type { IamIdentity, Identity } from "@authmodes/core";
import { isText } from "../check/kinds.ts";
import { checkIdentity } from "../check/question.ts";
import type { ReadyOptions } from "../compile/options.ts";
import { providerOfMode } from "../compile/words.ts";
import type { Provider } from "../types.ts";
import type { Claims } from "./role-condition.ts";

// The caller, as rules see it.

/** Why the rules do not apply to a caller. */
export type Bypass = "admin-role-bypass" | "generic-iam-bypass";

export interface Caller {
  /** undefined if no rule can cover this caller. */
  readonly provider: Provider | undefined;
  /** For explanations. */
  readonly name: string;
  readonly mode: string;
  readonly bypass: Bypass | undefined;
  /** Signed in with the identity pool. `guest` is a guest of it. */
  readonly signedIn: boolean;
  readonly guest: boolean;
  /** The name of the role of a signed-in identity of the pool. */
  readonly role: string | undefined;
  readonly claims: Claims;
  /** The fields that an authorizer denied, as `Type.field`. */
  readonly deniedFields: ReadonlySet<string>;
}

const noClaims: Claims = Object.freeze({});
const nothingDenied: ReadonlySet<string> = new Set();

/** @throws TypeError if the identity is incomplete */
export function callerOf(identity: Identity, options: ReadyOptions): Caller {
  checkIdentity(identity);
  const provider = providerOfIdentity(identity, options);
  const isIam = identity.mode === "iam" && provider !== undefined;
  const signedIn = isIam && isSignedIn(identity, options);
  return {
    provider,
    name: nameOf(identity),
    mode: identity.mode,
    bypass: isIam ? bypassOf(identity, options) : undefined,
    signedIn,
    guest: isIam && isGuest(identity, options),
    role: signedIn ? /^arn:[^:]+:sts::\d*:assumed-role\/([^/]+)\//.exec(identity.userArn)?.[1] : undefined,
    claims: identity.mode === "userPool" || identity.mode === "oidc" ? identity.claims : noClaims,
    deniedFields: identity.mode === "lambda" ? new Set(identity.deniedFields) : nothingDenied,
  };
}

/** undefined for custom modes too: no rule covers them. */
function providerOfIdentity(identity: Identity, options: ReadyOptions): Provider | undefined {
  const provider = providerOfMode.get(identity.mode);
  if (provider === undefined || !options.providers.has(provider)) return undefined;
  if (identity.mode !== "userPool" && identity.mode !== "oidc") return provider;
  const issuers = options.issuers[identity.mode === "userPool" ? "userPools" : "oidc"];
  return issuers === undefined || issuers.includes(identity.issuer) ? provider : undefined;
}

function nameOf(identity: Identity): string {
  if (identity.mode === "userPool") return identity.username;
  if (identity.mode === "iam") return identity.username || identity.id;
  if (identity.mode === "oidc") {
    const name = identity.claims["username"];
    return isText(name) ? name : identity.sub;
  }
  return identity.id ?? `a caller of mode ${identity.mode}`;
}

function bypassOf(identity: IamIdentity, options: ReadyOptions): Bypass | undefined {
  if (isAdmin(identity.userArn, options)) return "admin-role-bypass";
  const isOfPool = identity.cognitoIdentityPoolId !== null || identity.cognitoIdentityId !== null;
  return options.iamAccess && !isOfPool ? "generic-iam-bypass" : undefined;
}

/** The pool's authenticated role, or any role of a signed-in identity of the pool, such as the role of a group. */
function isSignedIn(identity: IamIdentity, { identityPool }: ReadyOptions): boolean {
  if (identityPool.authRoleArn !== undefined && identity.userArn === identityPool.authRoleArn) return true;
  return isOfThisPool(identity, identityPool.id) && identity.cognitoIdentityAuthType === "authenticated";
}

/** The pool's unauthenticated role if the options name it, otherwise any guest of the pool. */
function isGuest(identity: IamIdentity, { identityPool }: ReadyOptions): boolean {
  if (identityPool.unauthRoleArn !== undefined) return identity.userArn === identityPool.unauthRoleArn;
  return isOfThisPool(identity, identityPool.id) && identity.cognitoIdentityAuthType === "unauthenticated";
}

function isOfThisPool(identity: IamIdentity, id: string | undefined): boolean {
  return id !== undefined && identity.cognitoIdentityPoolId === id;
}

function isAdmin(userArn: string, { adminRoles, identityPool }: ReadyOptions): boolean {
  if (adminRoles.size === 0) return false;
  if (userArn === identityPool.authRoleArn || userArn === identityPool.unauthRoleArn) return false;
  return namesOfPrincipal(userArn).some((name) => adminRoles.has(name));
}

/**
 * The names under which `adminRoles` can list a principal: its ARN, the ARN of its role, the name of the role or user, the
 * name of the role with that of the session. Never the name of the session alone, which the caller chooses.
 */
function namesOfPrincipal(userArn: string): readonly string[] {
  const principal = /^arn:([^:]+):(?:sts|iam)::(\d*):(assumed-role|role|user)\/(.+)$/.exec(userArn);
  if (principal === null) return [userArn];
  const [, partition = "", account = "", kind, path = ""] = principal;
  const parts = path.split("/");
  if (kind !== "assumed-role") return [userArn, parts.at(-1) ?? path];
  const role = parts[0] ?? path;
  return [userArn, `arn:${partition}:iam::${account}:role/${role}`, role, path];
}
