import { must } from "../lib/options.ts";
import type { CallContext, MaybePromise } from "../types.ts";
import { checkExpiry, checkStored, storedMembers } from "../lib/stored-key.ts";

/**
 * The record of an access key: its owner, and the secret that verifies its signatures. Other members are ignored, except
 * those that look like one of these (`expires_at`, `revoked`, `status`): they are an error.
 */
export interface AccessKey {
  readonly secretAccessKey: string;
  /** Changes with the secret, if your store counts versions. Optional: a changed secret is noticed without it. */
  readonly secretVersion?: string;
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
  /** For credentials of an identity pool. */
  readonly cognito?: {
    readonly identityId: string;
    readonly identityPoolId: string;
    readonly authType: "authenticated" | "unauthenticated";
    /** Such as `cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Ab1:CognitoSignIn:<sub>`. */
    readonly authProvider?: string;
  };
}

/** Finds an access key by its id. The answer is 503 if it throws or takes over 5 seconds. */
export type FindAccessKey = (
  accessKeyId: string,
  context: CallContext,
) => MaybePromise<AccessKey | undefined>;

const members = storedMembers(
  [
    "secretAccessKey",
    "secretVersion",
    "accountId",
    "userArn",
    "username",
    "sessionToken",
    "expiresAt",
    "disabled",
    "cognito",
  ],
  { status: "disabled", securityToken: "sessionToken" },
);

/**
 * Checks a stored key. An incomplete one must not be accepted: any client can sign with an empty secret.
 * @throws TypeError
 */
export function checkAccessKey(key: AccessKey, accessKeyId: string): void {
  const where = `iam(): the key that credentials() gave for ${accessKeyId}`;
  const text = (name: string, value: unknown) =>
    must(typeof value === "string" && value !== "", `${where} has no ${name}`);
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
  if (cognito === undefined) return;
  text("cognito.identityId", cognito.identityId);
  text("cognito.identityPoolId", cognito.identityPoolId);
  must(
    cognito.authType === "authenticated" || cognito.authType === "unauthenticated",
    `${where} has a cognito.authType that is neither 'authenticated' nor 'unauthenticated'`,
  );
}
