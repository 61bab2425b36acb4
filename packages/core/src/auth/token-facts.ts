import type { IdentityBase } from "../types.ts";

/** What `revoked` is asked about a token. Members are undefined where the token lacks the claim. */
export interface TokenFacts {
  readonly iss: string | undefined;
  readonly jti: string | undefined;
  /** Cognito's id of the session that a token belongs to. */
  readonly originJti: string | undefined;
  readonly sub: string | undefined;
  /** Seconds since 1970. */
  readonly iat: number | undefined;
}

/** What names a token, of an identity that was proven by one. */
export function tokenFacts(identity: IdentityBase): TokenFacts | undefined {
  if (!("claims" in identity) || typeof identity.claims !== "object" || identity.claims === null)
    return undefined;
  const claims = new Map<string, unknown>(Object.entries(identity.claims));
  const text = (name: string) => {
    const value = claims.get(name);
    return typeof value === "string" ? value : undefined;
  };
  const iat = claims.get("iat");
  return {
    iss: text("iss"),
    jti: text("jti"),
    originJti: text("origin_jti"),
    sub: text("sub"),
    iat: typeof iat === "number" ? iat : undefined,
  };
}
