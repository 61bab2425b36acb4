import {
  createPrivateKey,
  createPublicKey,
  createSign,
  generateKeyPairSync,
  randomUUID,
  sign,
  verify,
} from "node:crypto";

/** @typedef {{ alg: "RS256" | "ES256", kid: string, privateKey: import("node:crypto").KeyObject, publicKey: import("node:crypto").KeyObject, jwk: object }} Signer */

// By way of text: Node 20 sometimes hangs if a generated key itself is exported as JWK.
/** @type {import("node:crypto").ED25519KeyPairOptions<"pem", "pem">} */
const pem = {
  publicKeyEncoding: { type: "spki", format: "pem" },
  privateKeyEncoding: { type: "pkcs8", format: "pem" },
};

/** @param {"RS256" | "ES256"} alg @returns {Signer} */
export function makeSigner(alg, kid = randomUUID()) {
  const pems =
    alg === "RS256"
      ? generateKeyPairSync("rsa", { modulusLength: 2048, ...pem })
      : generateKeyPairSync("ec", { namedCurve: "P-256", ...pem });
  const publicKey = createPublicKey(pems.publicKey);
  const jwk = { ...publicKey.export({ format: "jwk" }), kid, alg, use: "sig" };
  return { alg, kid, privateKey: createPrivateKey(pems.privateKey), publicKey, jwk };
}

/** A token with the claims that a real provider sends: about 900 bytes. @param {Signer} signer @param {object} claims */
export function mint(signer, claims) {
  const now = Math.floor(Date.now() / 1000);
  const payload = {
    iat: now,
    exp: now + 3600,
    jti: randomUUID(),
    sub: randomUUID(),
    scope: "openid profile email orders:read orders:write",
    auth_time: now,
    ...claims,
  };
  const input = [{ alg: signer.alg, kid: signer.kid, typ: "JWT" }, payload].map(encode).join(".");
  return `${input}.${signInput(signer, input)}`;
}

/** @param {Signer} signer @param {string} input */
function signInput(signer, input) {
  if (signer.alg === "RS256")
    return createSign("RSA-SHA256").update(input).sign(signer.privateKey, "base64url");
  return sign("sha256", Buffer.from(input), { key: signer.privateKey, dsaEncoding: "ieee-p1363" }).toString(
    "base64url",
  );
}

/** The least that any verifier has to do. @param {Signer} signer @param {string} token */
export function bareVerify(signer, token) {
  const dot = token.lastIndexOf(".");
  const key =
    signer.alg === "RS256"
      ? signer.publicKey
      : { key: signer.publicKey, dsaEncoding: /** @type {const} */ ("ieee-p1363") };
  return verify(
    "sha256",
    Buffer.from(token.slice(0, dot), "latin1"),
    key,
    Buffer.from(token.slice(dot + 1), "base64url"),
  );
}

/** @param {object} value */
function encode(value) {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}
