import { decodeJwt } from "jose";
import { expect } from "vitest";
import type { Bookstore } from "./app.ts";

/** What `/whoami` says of the callers whose credentials the bookstore prints. */
export function callersOf({ credentials, identityPoolId, userPoolId, oidcIssuer }: Bookstore) {
  const ofIdentityPool = (identityId: string, authType: "authenticated" | "unauthenticated") => ({
    mode: "iam",
    id: identityId,
    cognitoIdentityId: identityId,
    cognitoIdentityPoolId: identityPoolId,
    cognitoIdentityAuthType: authType,
  });
  const { sub } = decodeJwt(credentials.alice.accessToken);
  return {
    apiKey: { mode: "apiKey", id: expect.stringMatching(/./) as string },
    machine: {
      mode: "iam",
      id: expect.stringMatching(/^arn:aws:sts::\d{12}:assumed-role\/Admin\//) as string,
      cognitoIdentityId: null,
      cognitoIdentityPoolId: null,
      cognitoIdentityAuthType: null,
    },
    guest: ofIdentityPool(credentials.guest.identityId, "unauthenticated"),
    /** alice with the credentials that the identity pool gave her. */
    aliceSigning: ofIdentityPool(credentials.alice.aws.identityId, "authenticated"),
    /** alice with a token of the user pool. */
    alice: {
      mode: "userPool",
      id: sub,
      sub,
      username: "alice",
      issuer: `https://cognito-idp.us-east-1.amazonaws.com/${userPoolId}`,
    },
    otto: { mode: "oidc", id: "otto", sub: "otto", issuer: oidcIssuer },
    lambda: { mode: "lambda", deniedFields: ["Report.profit"] },
  } as const;
}
