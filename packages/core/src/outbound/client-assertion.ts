import { importJWK, type JWK, SignJWT } from "jose";
import { algorithmsOf } from "../jwt/algorithms.ts";
import type { PrivateKey } from "./client-credentials.ts";

/** Enough for a clock that is a few minutes off. */
const lifeSeconds = 300;

/**
 * Signs what authenticates a client in place of a secret (RFC 7523 §3). Each is for one request.
 * @throws Error if the key cannot be used; it holds nothing of the key
 */
export async function signAssertion(
  where: string,
  key: PrivateKey,
  clientId: string,
  audience: string,
): Promise<string> {
  const [usual = ""] = algorithmsOf(key.kty, key.crv);
  const { alg = usual, kid, "x5t#S256": thumbprint } = key;
  const header = {
    alg,
    typ: "JWT",
    ...(kid !== undefined && { kid }),
    // Entra ID finds the certificate by it.
    ...(thumbprint !== undefined && { "x5t#S256": thumbprint }),
  };
  const assertion = new SignJWT()
    .setProtectedHeader(header)
    .setIssuer(clientId)
    .setSubject(clientId)
    .setAudience(audience)
    .setJti(crypto.randomUUID())
    .setIssuedAt()
    .setExpirationTime(`${lifeSeconds} s`);
  try {
    return await assertion.sign(await importJWK(key as JWK, alg));
  } catch (cause) {
    throw new Error(`${where}: privateKey cannot sign with ${alg}`, { cause });
  }
}
