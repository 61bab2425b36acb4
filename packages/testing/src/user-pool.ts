import { randomUUID } from "node:crypto";
import type { Clock, UserPoolOptions } from "@authmodes/core";
import type { TokenClaims } from "./forge.ts";
import { scopeText, TestIssuer, type TokenOptions } from "./issuer.ts";
import { KeySet } from "./key-set.ts";
import { uuidOf } from "./names.ts";

/** Claims of a token of the user pool. */
export interface UserPoolTokenOptions extends TokenOptions {
  /** Default `access`. */
  readonly use?: "access" | "id";
  /** Default `alice`. */
  readonly username?: string;
  /** Default: a UUID that stands for the user's name. */
  readonly sub?: string;
}

/** A Cognito user pool: issuer, key ids and claims as Amazon's (Cognito developer guide, "Understanding the tokens"). */
export class TestUserPool extends TestIssuer<"access" | "id"> {
  readonly userPoolId: string;
  readonly clientId: string;
  /** For `userPool()`: this pool and client, its key set served in process. */
  readonly options: UserPoolOptions & { readonly userPoolId: string; readonly clientId: string };

  private constructor(userPoolId: string, clientId: string, clock: Clock, keys: KeySet<"access" | "id">) {
    super(issuerOf(userPoolId), clock, keys);
    this.userPoolId = userPoolId;
    this.clientId = clientId;
    this.options = { userPoolId, clientId, keySet: { fetch: this.fetch } };
  }

  static async create(userPoolId: string, clientId: string, clock: Clock): Promise<TestUserPool> {
    const keys = await KeySet.create(issuerOf(userPoolId), { access: "RS256", id: "RS256" });
    return new TestUserPool(userPoolId, clientId, clock, keys);
  }

  /** The `sub` of a user. */
  sub(username: string): string {
    return uuidOf(username);
  }

  /** A token of a user, an access token unless `use` says otherwise. */
  token(options: UserPoolTokenOptions = {}): Promise<string> {
    const { use = "access", username = "alice", groups = [] } = options;
    const claims: TokenClaims = {
      sub: options.sub ?? this.sub(username),
      ...(groups.length > 0 && { "cognito:groups": groups }),
      token_use: use,
      auth_time: this.now(),
      jti: randomUUID(),
      origin_jti: randomUUID(),
      event_id: randomUUID(),
      ...(use === "access" ? this.#accessClaims(username, options) : this.#idClaims(username)),
    };
    return this.sign(use, claims, options);
  }

  #accessClaims(username: string, options: UserPoolTokenOptions): TokenClaims {
    const scope = scopeText(options.scope ?? "aws.cognito.signin.user.admin");
    return { client_id: this.clientId, username, scope };
  }

  #idClaims(username: string): TokenClaims {
    return {
      aud: this.clientId,
      "cognito:username": username,
      email: `${username}@example.com`,
      email_verified: true,
    };
  }
}

function issuerOf(userPoolId: string): string {
  const region = userPoolId.split("_", 1)[0] ?? "";
  return `https://cognito-idp.${region}.amazonaws.com/${userPoolId}`;
}
