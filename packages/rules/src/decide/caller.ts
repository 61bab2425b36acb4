import type { IamIdentity, Identity } from "@authmodes/core";
import { isText } from "../check/kinds.ts";
import { checkIdentity } from "../check/question.ts";
import type { ReadyOptions } from "../compile/options.ts";
import { providerOfMode } from "../compile/words.ts";
import type { Provider } from "../types.ts";
import type { Claims } from "./role-condition.ts";

// Who calls, as rules see it.

/** What stands above all rules. */
export type Bypass = "admin-role-bypass" | "generic-iam-bypass";

export interface Caller {
  /** undefined where no rule can be about this caller. */
  readonly provider: Provider | undefined;
  /** For explanations. */
  readonly name: string;
  readonly mode: string;
  readonly bypass: Bypass | undefined;
  /** Signed in with the identity pool, or a guest of it. */
  readonly signedIn: boolean;
  readonly guest: boolean;
  readonly claims: Claims;
  /** `Type.field`, as an authorizer denied them. */
  readonly deniedFields: ReadonlySet<string>;
}

const noClaims: Claims = Object.freeze({});
const nothingDenied: ReadonlySet<string> = new Set();

/** @throws TypeError for half an identity */
export function callerOf(identity: Identity, options: ReadyOptions): Caller {
  checkIdentity(identity);
  const provider = providerOfIdentity(identity, options);
  const isIam = identity.mode === "iam" && provider !== undefined;
  return {
    provider,
    name: nameOf(identity),
    mode: identity.mode,
    bypass: isIam ? bypassOf(identity, options) : undefined,
    signedIn: isIam && isSignedIn(identity, options),
    guest: isIam && isGuest(identity, options),
    claims: identity.mode === "userPool" || identity.mode === "oidc" ? identity.claims : noClaims,
    deniedFields: identity.mode === "lambda" ? new Set(identity.deniedFields) : nothingDenied,
  };
}

/** undefined also for a mode of the user's own making: no rule can be about it. */
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
  return identity.id ?? `a caller by ${identity.mode}`;
}

function bypassOf(identity: IamIdentity, options: ReadyOptions): Bypass | undefined {
  if (isAdmin(identity.userArn, options)) return "admin-role-bypass";
  const isOfPool = identity.cognitoIdentityPoolId !== null || identity.cognitoIdentityId !== null;
  return options.iamAccess && !isOfPool ? "generic-iam-bypass" : undefined;
}

/** The authenticated role; or any role of a signed-in identity of the pool, such as the role of a group. */
function isSignedIn(identity: IamIdentity, { identityPool }: ReadyOptions): boolean {
  if (identityPool.authRoleArn !== undefined && identity.userArn === identityPool.authRoleArn) return true;
  return isOfThisPool(identity, identityPool.id) && identity.cognitoIdentityAuthType === "authenticated";
}

/** The unauthenticated role, where it is named; else the guests of the pool. */
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
 * Under which names an administrator may be listed: the whole ARN, the role's ARN, the role's or user's name, the
 * role's name with the session's. The session's name alone is chosen by the caller and never counts.
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
