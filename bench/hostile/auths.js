// The servers that the hostile requests are sent to: one mode each, so that its price is its own.
import { apiKey, createAuth, iam, lambda, none, oidc, userPool } from "@authmodes/core";

export const host = "api.example.com";
export const issuer = "https://id.example.com";
export const audience = "https://api.example.com";
export const clientId = "1h57kf5cpq17m0eml12EXAMPLE";
const userPoolId = "us-east-1_Bookstore";
export const poolIssuer = `https://cognito-idp.us-east-1.amazonaws.com/${userPoolId}`;

/** @param {object} jwk of the one key that tokens are checked with */
export function makeAuths(jwk) {
  const keySet = { fetch: async () => Response.json({ keys: [jwk] }) };
  const credentials = () => ({
    secretAccessKey: "the secret that the server knows",
    accountId: "111122223333",
    userArn: "arn:aws:iam::111122223333:user/ci",
  });
  const pool = { userPoolId, clientId, keySet };
  return {
    apiKey: () => createAuth([apiKey({ keys: [] })]),
    iam: () => createAuth([iam({ region: "us-east-1", credentials })]),
    oidc: () => createAuth([oidc({ issuer, audience, clientId: null, jwksUri: `${issuer}/jwks`, keySet })]),
    userPool: () => createAuth([userPool(pool)]),
    cookie: () => createAuth([userPool({ ...pool, from: ["header", { cookie: "session" }] })]),
    amplifyCookies: () => createAuth([userPool({ ...pool, from: ["header", { amplifyCookies: clientId }] })]),
    request: () =>
      createAuth([lambda({ event: "request", authorizer: async () => ({ isAuthorized: false }) })]),
    token: () => createAuth([lambda({ event: "token", authorizer: async () => policy })]),
    appsync: () => createAuth([lambda({ authorizer: async () => ({ isAuthorized: false }) })]),
    none: () => createAuth([apiKey({ keys: [] }), none()]),
  };
}

/** What an authorizer could answer that names paths with patterns. */
const policy = {
  principalId: "user",
  policyDocument: {
    Statement: ["GET/orders/*/lines/*", "*/admin/*", "POST/*"].map((path) => ({
      Action: "execute-api:Invoke",
      Effect: "Deny",
      Resource: `arn:aws:execute-api:*:*:*/*/${path}`,
    })),
  },
};
