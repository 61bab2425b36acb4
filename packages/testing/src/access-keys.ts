import { randomUUID } from "node:crypto";
import type { AccessKey, Clock } from "@authmodes/core";
import { newAccessKeyId, newSecret, uuidOf } from "./names.ts";

/** A long-term access key. */
export interface TestAccessKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** What an identity pool gives: every AWS signer takes it as it is. */
export interface TemporaryCredentials extends TestAccessKey {
  readonly sessionToken: string;
  readonly identityId: string;
  readonly expiration: Date;
}

/** Options of `accessKeys.issue`. */
export interface IssueOptions {
  /** `unauthenticated` for a guest. */
  readonly authType: "authenticated" | "unauthenticated";
  /** Default: one that stands for the user's name, or a new one. */
  readonly identityId?: string;
  /** The user of the pool that signed in; of no meaning for guests. */
  readonly username?: string;
  /** Default 3600; negative for credentials that have ended. */
  readonly expiresInSeconds?: number;
}

export interface TestAccount {
  readonly region: string;
  readonly accountId: string;
  readonly identityPoolId: string;
  readonly userPoolId: string;
}

/** Access keys and the finder that knows them. */
export class TestAccessKeys {
  /** Long-term, of an admin role, without an identity of an identity pool. */
  readonly machine: TestAccessKey;
  /** Temporary, of the unauthenticated role. */
  readonly guest: TemporaryCredentials;
  /** Temporary, of the authenticated role: alice of the user pool. */
  readonly user: TemporaryCredentials;
  /** For `iam()`: region, services and `find`. */
  readonly options: {
    readonly region: string;
    readonly service: readonly string[];
    readonly credentials: (accessKeyId: string) => AccessKey | undefined;
  };
  /** Finds what the server keeps of a key. */
  readonly find = (accessKeyId: string): AccessKey | undefined => this.#keys.get(accessKeyId);
  readonly #account: TestAccount;
  readonly #clock: Clock;
  readonly #keys = new Map<string, AccessKey>();

  constructor(account: TestAccount, clock: Clock) {
    this.#account = account;
    this.#clock = clock;
    this.options = { region: account.region, service: ["execute-api", "appsync"], credentials: this.find };
    this.machine = this.add("Admin");
    this.guest = this.issue({ authType: "unauthenticated" });
    this.user = this.issue({ authType: "authenticated", username: "alice" });
  }

  /** A new long-term key of a role. */
  add(role: string): TestAccessKey {
    const key = { accessKeyId: newAccessKeyId("AKIA"), secretAccessKey: newSecret(30) };
    const { accountId } = this.#account;
    this.#keys.set(key.accessKeyId, {
      secretAccessKey: key.secretAccessKey,
      accountId,
      userArn: `arn:aws:sts::${accountId}:assumed-role/${role}/machine`,
    });
    return key;
  }

  /** New temporary credentials, as an identity pool gives them to guests and users. */
  issue(options: IssueOptions): TemporaryCredentials {
    const { authType, username } = options;
    const { region, accountId, identityPoolId } = this.#account;
    const expiresAt = Math.floor(this.#clock() / 1000) + (options.expiresInSeconds ?? 3600);
    const credentials = {
      accessKeyId: newAccessKeyId("ASIA"),
      secretAccessKey: newSecret(30),
      sessionToken: newSecret(192),
      identityId:
        options.identityId ??
        `${region}:${username === undefined ? randomUUID() : uuidOf(`identity ${username}`)}`,
      expiration: new Date(expiresAt * 1000),
    };
    const role = authType === "authenticated" ? "AuthenticatedRole" : "UnauthenticatedRole";
    this.#keys.set(credentials.accessKeyId, {
      secretAccessKey: credentials.secretAccessKey,
      sessionToken: credentials.sessionToken,
      expiresAt,
      accountId,
      userArn: `arn:aws:sts::${accountId}:assumed-role/${role}/CognitoIdentityCredentials`,
      cognito: {
        identityId: credentials.identityId,
        identityPoolId,
        authType,
        ...(authType === "authenticated" && { authProvider: this.#provider(username ?? "alice") }),
      },
    });
    return credentials;
  }

  /** The text by which IAM callers are told to be a user of the pool: it ends with the user's `sub`. */
  #provider(username: string): string {
    const { region, userPoolId } = this.#account;
    const pool = `cognito-idp.${region}.amazonaws.com/${userPoolId}`;
    return `${pool},${pool}:CognitoSignIn:${uuidOf(username)}`;
  }
}
