import { must } from "@authmodes/core/options";
import { CompactSign } from "jose";
import { type SigningKey, signingKey } from "./keys.ts";

/** What can be wrong with a token. */
export type WrongToken =
  /** Ended an hour ago. */
  | "expired"
  /** Begins in an hour. */
  | "notYetValid"
  | "issuer"
  /** Meant for another client: `aud`, `client_id` and `azp`. */
  | "audience"
  /** Signed with another key under the right `kid`. */
  | "key"
  /** The claims were changed after signing. */
  | "tampered"
  | "unknownKid"
  /** Names no key: wrong if the set has several for the algorithm, as a user pool's has. */
  | "noKid"
  /** Without a signature: `alg` is `none`. */
  | "algNone"
  /** Signed with HMAC, the public key being the secret. */
  | "algHmac";

export type TokenClaims = Record<string, unknown>;

/** What is wrong in the claims. Time is in seconds since 1970. */
const changes: Readonly<Partial<Record<WrongToken, (claims: TokenClaims, now: number) => TokenClaims>>> = {
  expired: (claims, now) => ({
    iat: now - 7200,
    ...("auth_time" in claims && { auth_time: now - 7200 }),
    exp: now - 3600,
  }),
  notYetValid: (_claims, now) => ({ nbf: now + 3600, exp: now + 7200 }),
  issuer: ({ iss }) => ({ iss: `${String(iss)}Elsewhere` }),
  audience: (claims) =>
    Object.fromEntries(
      ["aud", "azp", "client_id"].filter((name) => name in claims).map((name) => [name, "somebody-else"]),
    ),
};

/** @throws TypeError if there is no such way to be wrong */
export function wrongClaims(claims: TokenClaims, wrong: WrongToken | undefined, now: number): TokenClaims {
  if (wrong === undefined) return claims;
  const known = Object.keys({ ...changes, ...forgeries });
  // With an unknown one the token would be good.
  must(known.includes(wrong), `wrong is one of ${known.join(", ")}, not '${wrong}'`);
  return { ...claims, ...changes[wrong]?.(claims, now) };
}

/** What is wrong in header and signature. */
const forgeries: Readonly<
  Partial<Record<WrongToken, (key: SigningKey, claims: TokenClaims) => Promise<string>>>
> = {
  key: async ({ algorithm, publicJwk: { kid } }, claims) => {
    const { privateKey } = await signingKey("nobody's", algorithm);
    return sign({ alg: algorithm, kid }, claims, privateKey);
  },
  async tampered(key, claims) {
    const [header, , signature] = (await signed(key, claims)).split(".");
    return `${header}.${encode({ ...claims, sub: "somebody-else" })}.${signature}`;
  },
  unknownKid: ({ algorithm, privateKey }, claims) =>
    sign({ alg: algorithm, kid: "unknown" }, claims, privateKey),
  noKid: ({ algorithm, privateKey }, claims) => sign({ alg: algorithm }, claims, privateKey),
  algNone: async ({ publicJwk: { kid } }, claims) => `${encode({ alg: "none", kid })}.${encode(claims)}.`,
  algHmac: ({ publicJwk: { kid }, publicPem }, claims) =>
    sign({ alg: "HS256", kid }, claims, new TextEncoder().encode(publicPem)),
};

/** The compact form (RFC 7515 §3.1). */
export function signToken(
  key: SigningKey,
  claims: TokenClaims,
  wrong: WrongToken | undefined,
): Promise<string> {
  const forge = wrong === undefined ? undefined : forgeries[wrong];
  return (forge ?? signed)(key, claims);
}

function signed(
  { algorithm, privateKey, publicJwk: { kid } }: SigningKey,
  claims: TokenClaims,
): Promise<string> {
  return sign({ alg: algorithm, kid }, claims, privateKey);
}

function sign(
  header: { readonly alg: string; readonly kid?: string },
  claims: TokenClaims,
  key: Parameters<CompactSign["sign"]>[0],
): Promise<string> {
  const payload = new TextEncoder().encode(JSON.stringify(claims));
  return new CompactSign(payload).setProtectedHeader(header).sign(key);
}

function encode(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString("base64url");
}
