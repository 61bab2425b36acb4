import type { RequestView } from "../types.ts";

// The shapes of credentials on the wire, whether or not a mode of the server reads them.

/** Three base64url parts. The first starts like an encoded `{`. */
const jwtShape = /^e[w-z0-9_-][A-Za-z0-9_-]*\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*$/;
const signatureShape = /^AWS4-/i;
const bearerPrefix = /^bearer +/i;
const dpopPrefix = /^dpop +/i;
const tokenShape = /^(?:(?:bearer|dpop) |(?!AWS4-)\S+$)/i;
const signedNames = ["algorithm", "credential", "signature", "security-token"];
const signedQuery = new RegExp(
  `${either("?&")}${spelled("x-amz-")}(?:${signedNames.map(spelled).join("|")})(?:${either("=&")}|$)`,
  "i",
);

/** Without the spaces and tabs around a value (RFC 9110 §5.6.3). `trim()` would remove other characters too, such as U+00A0. */
export function trimSpace(text: string): string {
  let start = 0;
  let end = text.length;
  while (text[start] === " " || text[start] === "\t") start += 1;
  while (end > start && (text[end - 1] === " " || text[end - 1] === "\t")) end -= 1;
  return text.slice(start, end);
}

/** The token of an `Authorization` value: the part after `Bearer `, or the whole value (Amplify's clients send it raw). */
export function bearerToken(authorization: string): string {
  // The most frequent spelling; an expression takes its time over a long token.
  const rest = authorization.startsWith("Bearer ")
    ? authorization.slice(7)
    : authorization.replace(bearerPrefix, "");
  return trimSpace(rest);
}

/** The token after `DPoP ` (RFC 9449 §7.1); undefined for other schemes. */
export function dpopToken(authorization: string): string | undefined {
  return dpopPrefix.test(authorization) ? trimSpace(authorization.replace(dpopPrefix, "")) : undefined;
}

/** Whether the value is a token, not credentials of another scheme: raw, or after `Bearer ` or `DPoP `. */
export function hasToken(authorization: string): boolean {
  return tokenShape.test(authorization);
}

export function isJwtShaped(token: string): boolean {
  return jwtShape.test(token);
}

export function isSignature(authorization: string): boolean {
  return signatureShape.test(authorization);
}

/** Whether the query carries any part of a presigned request, in any letter case, escaped or not. */
export function hasSignedQuery(target: string): boolean {
  const start = target.indexOf("?");
  if (start === -1) return false;
  return signedQuery.test(target.slice(start));
}

let last: { readonly target: string; readonly query: URLSearchParams } | undefined;

/** The query's parameters, decoded once per request for all that read them. */
export function queryOf({ target }: RequestView): URLSearchParams {
  if (last?.target !== target) {
    const start = target.indexOf("?");
    last = { target, query: new URLSearchParams(start === -1 ? "" : target.slice(start + 1)) };
  }
  return last.query;
}

/** Decodes percent-escapes of UTF-8; undefined if one is malformed. */
export function unescaped(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** An expression for a text whose characters may each be escaped, so that the query need not be decoded. */
function spelled(text: string): string {
  return Array.from(text, either).join("");
}

/** An expression for one of these characters, in either letter case, escaped or not. */
function either(characters: string): string {
  const bytes = Array.from(characters.toLowerCase() + characters.toUpperCase(), (char) => char.charCodeAt(0));
  return `(?:[${characters}]|%(?:${bytes.map((byte) => byte.toString(16)).join("|")}))`;
}

/** The modes that read credentials of this shape. */
export function modesOfAuthorization(authorization: string): readonly string[] {
  if (isSignature(authorization)) return ["iam"];
  const token = dpopToken(authorization) ?? bearerToken(authorization);
  return isJwtShaped(token) ? ["userPool", "oidc"] : ["lambda"];
}

/** How often a header was sent. `header()` does not tell, since servers join or drop repeats. */
export function countHeader(request: RequestView, lowerName: string): number {
  const { rawHeaders } = request;
  let count = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i];
    if (name?.length === lowerName.length && name.toLowerCase() === lowerName) count++;
  }
  return count;
}

/** What clients send by mistake in place of a JWT, in the order of the checks. */
const mistakes: readonly (readonly [shape: RegExp, sentence: string])[] = [
  [/^(?:bearer|dpop)?:?$/i, "the Authorization header holds no token"],
  [
    /^(?:undefined|null|NaN|true|false|\[object \w+\])$/,
    "the token is a JavaScript value, such as undefined, as text: the client sends the request before it has a token",
  ],
  [
    /^(?:am_[a-z]|da2-)/,
    "the token looks like an API key: send it in the header of apiKey(), by default x-api-key",
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
