import type { RequestView } from "../types.ts";

// What kinds of credentials look like on the wire, whether or not a mode of the server reads them.

/** Three base64url parts of which the first starts as an encoded `{` does. */
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

/** The token of an `Authorization` value: what follows `Bearer `, or the whole value (Amplify's clients send it raw). */
export function bearerToken(authorization: string): string {
  // Nearly all write it so, and a search takes its time over a long token.
  const rest = authorization.startsWith("Bearer ")
    ? authorization.slice(7)
    : authorization.replace(bearerPrefix, "");
  return rest.trim();
}

/** The token after `DPoP ` (RFC 9449 §7.1); undefined for other schemes. */
export function dpopToken(authorization: string): string | undefined {
  return dpopPrefix.test(authorization) ? authorization.replace(dpopPrefix, "").trim() : undefined;
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

/** An expression for a text whose characters may each be escaped, so that no query has to be decoded to look for it. */
function spelled(text: string): string {
  return Array.from(text, either).join("");
}

/** An expression for one of these characters, in either letter case, escaped or not. */
function either(characters: string): string {
  const bytes = Array.from(characters.toLowerCase() + characters.toUpperCase(), (char) => char.charCodeAt(0));
  return `(?:[${characters}]|%(?:${bytes.map((byte) => byte.toString(16)).join("|")}))`;
}

/** The modes that credentials of this shape are for. */
export function modesOfAuthorization(authorization: string): readonly string[] {
  if (isSignature(authorization)) return ["iam"];
  const token = dpopToken(authorization) ?? bearerToken(authorization);
  return isJwtShaped(token) ? ["userPool", "oidc"] : ["lambda"];
}

/** How often a header was sent; servers that join or drop repeats hide it from `header()`. */
export function countHeader(request: RequestView, lowerName: string): number {
  const { rawHeaders } = request;
  let count = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i];
    if (name?.length === lowerName.length && name.toLowerCase() === lowerName) count++;
  }
  return count;
}
