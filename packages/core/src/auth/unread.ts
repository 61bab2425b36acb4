import { bearerToken, dpopToken, isJwtShaped, isSignature } from "./credentials.ts";

/** What clients send by mistake in place of a JWT, in the order of the checks. */
const mistakes: readonly (readonly [shape: RegExp, sentence: string])[] = [
  [/^(?:bearer|dpop)?:?$/i, "the Authorization header holds no token"],
  [
    /^(?:undefined|null|NaN|true|false|\[object \w+\])$/,
    "the token is a JavaScript value, such as undefined, as text: the client sends the request before it has a token",
  ],
  [/^["']|["']$/, "the token is in quotation marks; send it without them"],
  [/^bearer[ :]/i, "the Authorization header has 'Bearer' twice or with a colon; send 'Bearer <token>'"],
  [
    /^[\w-]+\.[\w-]*(?:\.[\w-]+){3}$/,
    "the token is encrypted (a JWE, of five parts); request a signed one. Auth0 signs tokens if an audience is requested",
  ],
  [/^basic /i, "the Authorization header holds a user name and a password (Basic), which no mode reads"],
  [/ /, "the Authorization header has a scheme that no mode reads; send 'Bearer <token>'"],
];

const opaque =
  "the Authorization header holds neither a JWT nor a SigV4 signature, and this server has no custom authorizer " +
  "(mode lambda). If the token comes from Auth0, request an audience to get a JWT.";

/**
 * Why no mode reads the credentials of a request, and how to fix it: for the log. Quotes nothing of them.
 * @param authorization undefined if the request is presigned
 */
export function unreadText(authorization: string | undefined): string {
  if (authorization === undefined || isSignature(authorization))
    return "the request has a SigV4 signature, and this server has no mode iam; to accept it, add iam() to createAuth()";
  const token = dpopToken(authorization) ?? bearerToken(authorization);
  if (isJwtShaped(token))
    return "the Authorization header holds a JWT, which no mode reads: add oidc() or userPool(), or 'header' to its 'from'";
  return mistakes.find(([shape]) => shape.test(token))?.[1] ?? opaque;
}
