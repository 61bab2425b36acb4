import { must } from "../lib/options.ts";
import type { CallContext, LookUp, MaybePromise, RequestView, TokenFacts } from "../types.ts";
import { AuthError } from "../refusal/error.ts";
import { globMatches, pathOf, refuseAmbiguousPath } from "../lambda/policy.ts";
import { isObject, isText } from "../lib/json.ts";
import { checkExpiry, checkStored, latestSecond, storedMembers } from "../lib/stored-key.ts";

/**
 * The record of an access key: its owner, and the secret that verifies its signatures. Other members are ignored, except
 * those that look like one of these (`expires_at`, `revoked`, `status`): they are an error.
 */
export interface AccessKey {
  readonly secretAccessKey: string;
  readonly accountId: string;
  /** Such as `arn:aws:iam::123456789012:user/alice`. */
  readonly userArn: string;
  /** Default: the last part of the ARN. */
  readonly username?: string;
  /** For temporary credentials: requests must carry exactly this token. */
  readonly sessionToken?: string;
  /** Seconds since 1970; null for a key that does not expire. Required with a session token. */
  readonly expiresAt?: number | null;
  /** Whether the key is rejected, as an unknown one is. Default false. */
  readonly disabled?: boolean;
  /**
   * The requests that the key may make, as `METHOD /path` with `*` for any text: `GET /books*`, `* /orders/*`. The path is
   * compared as received, with any mount path and without the query. Other requests are a 403. Default: all.
   */
  readonly allow?: readonly string[];
  /** For credentials of an identity pool. */
  readonly cognito?: {
    readonly identityId: string;
    readonly identityPoolId: string;
    readonly authType: "authenticated" | "unauthenticated";
    /** Such as `cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Ab1:CognitoSignIn:<sub>`. */
    readonly authProvider?: string;
    /** Seconds since 1970, for `revoked`. Default: unknown, so that a revocation of earlier credentials includes these. */
    readonly issuedAt?: number;
    /** The token with which the user signed in: if it was revoked, the key is rejected. Default: `revoked` is not asked for it. */
    readonly login?: TokenFacts;
  };
}

/** The last argument of `FindAccessKey`. */
export interface AccessKeyContext extends CallContext {
  /**
   * The session token of the request, from its header or query. It is not verified: a key that is found by it must have
   * exactly this `sessionToken`. undefined for a request with a long-term key.
   */
  readonly sessionToken: string | undefined;
}

/**
 * Finds an access key by its id, or from the session token if that contains the key. The answer is 503 if it throws or
 * takes over 5 seconds.
 */
export type FindAccessKey = LookUp<
  (accessKeyId: string, context: AccessKeyContext) => MaybePromise<AccessKey | undefined>
>;

/** Makes the context of one call. */
export class KeyContext implements AccessKeyContext {
  readonly sessionToken: string | undefined;
  readonly #context: CallContext;

  constructor(context: CallContext, sessionToken: string | undefined) {
    this.#context = context;
    this.sessionToken = sessionToken;
  }

  get signal(): AbortSignal {
    return this.#context.signal;
  }
}

const members = storedMembers(
  [
    "secretAccessKey",
    "accountId",
    "userArn",
    "username",
    "sessionToken",
    "expiresAt",
    "disabled",
    "allow",
    "cognito",
  ],
  { disabled: ["status"], sessionToken: ["securityToken"] },
);

/**
 * Checks a stored key. An incomplete one must not be accepted: any client can sign with an empty secret.
 * @throws TypeError
 */
export function checkAccessKey(key: AccessKey, accessKeyId: string): void {
  const where = `iam(): the key that credentials() gave for ${accessKeyId}`;
  const text = (name: string, value: unknown) => {
    if (!isText(value)) throw new TypeError(`${where} has no ${name}`);
  };
  must(typeof key === "object", `${where} is not an object`);
  checkStored(where, key, members);
  text("secretAccessKey", key.secretAccessKey);
  text("accountId", key.accountId);
  text("userArn", key.userArn);
  const { expiresAt, cognito } = key;
  if (key.username !== undefined) text("username", key.username);
  if (key.sessionToken !== undefined) {
    text("sessionToken", key.sessionToken);
    must(
      expiresAt !== undefined,
      `${where} is temporary (it has a sessionToken) and needs expiresAt in seconds since 1970`,
    );
  }
  if (expiresAt !== undefined) checkExpiry(where, expiresAt);
  if (key.allow !== undefined) checkAllow(where, key.allow);
  if (cognito === undefined) return;
  text("cognito.identityId", cognito.identityId);
  text("cognito.identityPoolId", cognito.identityPoolId);
  must(
    cognito.authType === "authenticated" || cognito.authType === "unauthenticated",
    `${where} has a cognito.authType that is neither 'authenticated' nor 'unauthenticated'`,
  );
  // In milliseconds it would be later than every revocation.
  must(
    cognito.issuedAt === undefined || (cognito.issuedAt >= 0 && cognito.issuedAt <= latestSecond),
    `${where}: cognito.issuedAt is ${cognito.issuedAt}; write seconds since 1970`,
  );
  if (cognito.login !== undefined) checkLogin(`${where}: cognito.login`, cognito.login);
}

const loginTexts: ReadonlySet<string> = new Set(["iss", "jti", "originJti", "sid", "sub"]);

/** In another form, as a column of text or the claims themselves, no revocation would be about it. */
function checkLogin(where: string, login: unknown): void {
  if (!isObject(login)) throw new TypeError(`${where} is an object such as { iss, sub, iat }`);
  for (const [name, value] of Object.entries(login)) {
    if (value === undefined || (loginTexts.has(name) && typeof value === "string")) continue;
    if (name === "iat" && typeof value === "number" && value >= 0 && value <= latestSecond) continue;
    throw new TypeError(
      `${where}.${name} is none of the texts ${[...loginTexts].join(", ")}, nor iat in seconds since 1970`,
    );
  }
}

/** A path has neither query nor fragment. */
const allowShape = /^(?:\*|[A-Z]+) (?:\*|\/[^\s?#]*)$/;

function checkAllow(where: string, allow: readonly string[]): void {
  must(
    Array.isArray(allow) && allow.every((entry) => typeof entry === "string" && allowShape.test(entry)),
    `${where} has an allow that is not a list of 'METHOD /path' without a query, such as ['GET /books*'] or ['* *']`,
  );
}

/** @throws AuthError `forbidden` if the key may not make this request, or its path could be read in two ways */
export function checkAllowed(request: RequestView, { allow, userArn }: AccessKey): void {
  if (allow === undefined) return;
  refuseAmbiguousPath(request);
  const path = pathOf(request);
  const allows = (entry: string) => {
    const [method, pattern = ""] = entry.split(" ");
    return (method === "*" || method === request.method) && globMatches(pattern, path);
  };
  if (allow.some(allows)) return;
  throw new AuthError("forbidden", "access_key_not_allowed", {
    detail: `${userArn} may call ${allow.join(", ") || "nothing"}`,
  });
}
