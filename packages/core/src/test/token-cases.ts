import { createHmac, createPublicKey } from "node:crypto";
import { base64url, newSigner, type Signer, signerOf, unsigned } from "./signer.ts";

// Tokens that have to be refused, with the answer to each: by a server of the pool and of the shop, at this time.

export const now: number = 1_800_000_000;
export const pool: { readonly access: Signer; readonly id: Signer } = {
  access: newSigner("RS256", "access"),
  id: newSigner("RS256", "id"),
};
export const shop: { readonly rs: Signer; readonly es: Signer } = {
  rs: newSigner("RS256", "rs"),
  es: newSigner("ES256", "es"),
};
export const stranger: Signer = newSigner("RS256", "access");
const publicPem = createPublicKey(pool.access.privateKey).export({ type: "spki", format: "pem" }).toString();

export const poolId = "us-east-1_Bookstore";
const poolIssuer = `https://cognito-idp.us-east-1.amazonaws.com/${poolId}`;

type Claims = Readonly<Record<string, unknown>>;

export const access: Claims = {
  iss: poolIssuer,
  sub: "5a1b",
  token_use: "access",
  client_id: "web",
  username: "alice",
  scope: "openid email",
  "cognito:groups": ["Librarians"],
  iat: now - 10,
  exp: now + 3600,
};
export const id: Claims = {
  iss: poolIssuer,
  sub: "5a1b",
  token_use: "id",
  aud: "web",
  "cognito:username": "alice",
  iat: now - 10,
  exp: now + 3600,
};

/** A token and `<status> <code> <reason>`. */
export type TokenCase = readonly [name: string, token: () => string | Promise<string>, summary: string];

const sign = (claims: object, header?: Readonly<Record<string, unknown>>) =>
  pool.access.sign({ ...access, ...claims }, header);
const refused = (reason: string) => `401 credentials_refused ${reason}`;
const header = { alg: "RS256", kid: "access" };

const fromShop = (issuer: string) => ({ iss: issuer, sub: "otto", aud: "api", azp: "cli", exp: now + 60 });

/** @param issuers those of the shop and of another one, known when a token is made */
export function tokenCases(
  issuers: () => { readonly shop: string; readonly other: string },
): readonly TokenCase[] {
  return [
    ["no signature: none", () => unsigned({ ...header, alg: "none" }, access), refused("algorithm_refused")],
    ["no signature: nOnE", () => unsigned({ ...header, alg: "nOnE" }, access), refused("algorithm_refused")],
    ["no algorithm", () => unsigned({ kid: "access" }, access), refused("token_malformed")],
    ["HMAC with the public key", () => hmac(publicPem), refused("algorithm_refused")],
    [
      "HMAC with the public key's JWK",
      () => hmac(JSON.stringify(pool.access.jwk)),
      refused("algorithm_refused"),
    ],
    ["a signature that is left out", () => unsigned(header, access), refused("signature_mismatch")],
    ["the key of somebody else", () => stranger.sign(access), refused("signature_mismatch")],
    [
      "a key that the token brings along",
      () => withOwnKey(`${issuers().other}/jwks`),
      refused("kid_unknown"),
    ],
    [
      "another algorithm than the key's",
      () => signerOf(pool.access.privateKey, "RS512", "access").sign(access),
      refused("algorithm_refused"),
    ],
    [
      "an algorithm of another kind of key",
      () => shop.es.sign(fromShop(issuers().shop), { kid: "rs" }),
      refused("key_unfit"),
    ],
    ["an unknown issuer", () => sign({ iss: "https://evil.example" }), refused("issuer_unknown")],
    ["an issuer with a slash more", () => sign({ iss: `${poolIssuer}/` }), refused("issuer_unknown")],
    [
      "an issuer in another letter case",
      () => sign({ iss: poolIssuer.toUpperCase() }),
      refused("issuer_unknown"),
    ],
    ["no issuer", () => sign({ iss: undefined }), refused("issuer_unknown")],
    ["a list of issuers", () => sign({ iss: [poolIssuer] }), refused("issuer_unknown")],
    ["another pool", () => sign({ iss: poolIssuer.replace("Book", "Boot") }), refused("issuer_unknown")],
    ["another client", () => sign({ client_id: "mobile" }), refused("client_refused")],
    ["no client", () => sign({ client_id: undefined }), refused("client_refused")],
    ["a list of clients", () => sign({ client_id: ["web"] }), refused("client_refused")],
    [
      "an access token with the client as audience",
      () => sign({ client_id: undefined, aud: "web" }),
      refused("client_refused"),
    ],
    [
      "an access token for another resource",
      () => sign({ aud: "https://other.example/mcp" }),
      refused("audience_refused"),
    ],
    ["a token that is bound to a key", () => sign({ cnf: { jkt: "abc" } }), refused("sender_constrained")],
    [
      "a token that is bound to a certificate",
      () => sign({ cnf: { "x5t#S256": "abc" } }),
      refused("sender_constrained"),
    ],
    ["a binding that is text", () => sign({ cnf: "abc" }), refused("cnf_malformed")],
    ["an id token where access is asked", () => pool.id.sign(id), refused("token_use_refused")],
    ["no token use", () => sign({ token_use: undefined }), refused("token_use_refused")],
    ["no subject", () => sign({ sub: undefined }), refused("subject_missing")],
    ["an empty subject", () => sign({ sub: "" }), refused("subject_missing")],
    ["expired", () => sign({ exp: now }), "401 credentials_expired token_expired"],
    ["expired and tampered", async () => tamper(await sign({ exp: now - 1 })), refused("signature_mismatch")],
    [
      "expired, for another client",
      () => sign({ exp: now - 1, client_id: "mobile" }),
      refused("client_refused"),
    ],
    ["no end", () => sign({ exp: undefined }), refused("expiry_missing")],
    ["an end that is text", () => sign({ exp: "2100-01-01" }), refused("claim_malformed")],
    ["not yet valid", () => sign({ nbf: now + 60 }), refused("token_not_yet_valid")],
    ["issued in the future", () => sign({ iat: now + 60 }), refused("token_issued_in_future")],
    ["tampered claims", async () => tamper(await sign({})), refused("signature_mismatch")],
    ["a tampered signature", async () => flipSignature(await sign({})), refused("signature_mismatch")],
    ["a tampered header", async () => retype(await sign({})), refused("signature_mismatch")],
    ["the signature of another token", swapped, refused("signature_mismatch")],
    ["oversized", () => sign({ padding: "x".repeat(8192) }), refused("token_too_large")],
    ["claims that are no JSON", () => pool.access.sign("hello"), refused("token_malformed")],
    [
      "critical extensions",
      () => `${base64url('{"alg":"RS256","kid":"access","crit":["exp"],"exp":1}')}.e30.AAAA`,
      refused("crit_unsupported"),
    ],
    ["the type of a logout token", () => sign({}, { typ: "logout+jwt" }), refused("type_refused")],
    ["the type of a DPoP proof", () => sign({}, { typ: "application/dpop+jwt" }), refused("type_refused")],
    ["an unknown key", () => sign({}, { kid: "unknown" }), refused("kid_unknown")],
    ["no key, where several fit", () => sign({}, { kid: undefined }), refused("kid_missing")],
  ];
}

function hmac(secret: string): string {
  const input = unsigned({ alg: "HS256", kid: "access" }, access).replace(/\.$/, "");
  return `${input}.${createHmac("sha256", secret).update(input).digest("base64url")}`;
}

function withOwnKey(jku: string): Promise<string> {
  const own = signerOf(stranger.privateKey, "RS256", "own");
  return own.sign(access, { jwk: own.jwk, jku: jku });
}

async function swapped(): Promise<string> {
  const [mine, theirs] = [await sign({}), await sign({ sub: "somebody" })];
  return mine.slice(0, mine.lastIndexOf(".")) + theirs.slice(theirs.lastIndexOf("."));
}

export function tamper(token: string): string {
  const [header, claims = "", signature] = token.split(".");
  const changed = { ...(JSON.parse(Buffer.from(claims, "base64url").toString()) as object), sub: "admin" };
  return [header, base64url(JSON.stringify(changed)), signature].join(".");
}

export function retype(token: string): string {
  const [, claims, signature] = token.split(".");
  return [base64url('{"alg":"RS256","kid":"access","typ":"JWT"}'), claims, signature].join(".");
}

export function flipSignature(token: string): string {
  const at = token.lastIndexOf(".") + 10;
  return token.slice(0, at) + (token[at] === "A" ? "B" : "A") + token.slice(at + 1);
}
