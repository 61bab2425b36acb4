import { beforeAll, describe, expect, it } from "vitest";
import { crypto as nodeCrypto } from "../crypto/node.ts";
import { crypto as webCrypto } from "../crypto/web.ts";
import { newSigner, type Signer, signerOf } from "../test/signer.ts";
import { algorithmNames, algorithmsOf, checkAlgorithms } from "./algorithms.ts";
import { isFlaw, type ParsedToken, readToken } from "./token.ts";

const implementations = [
  ["node:crypto", nodeCrypto],
  ["WebCrypto", webCrypto],
] as const;

function parsed(token: string): ParsedToken {
  const reading = readToken(token);
  if (reading === undefined || isFlaw(reading)) throw new Error("not a token");
  return reading;
}

const rsaKeys = [newSigner("RS256").privateKey, newSigner("RS256").privateKey] as const;

/** RSA keys take long to make, and do for every algorithm. */
function signer(algorithm: string, which: 0 | 1): Signer {
  return /^[RP]S/.test(algorithm) ? signerOf(rsaKeys[which], algorithm, "k") : newSigner(algorithm);
}

describe.each(algorithmNames)("%s", (algorithm) => {
  const { jwk, sign } = signer(algorithm, 0);
  const other = signer(algorithm, 1);
  let token: ParsedToken;
  beforeAll(async () => {
    token = parsed(await sign({ sub: "ä" }));
  });

  it.each(implementations)(
    "is verified by %s, and only with its key and for what was signed",
    async (_name, crypto) => {
      const { signingInput, signature } = token;
      const key = await crypto.importVerifyKey(jwk, algorithm);
      const otherKey = await crypto.importVerifyKey(other.jwk, algorithm);
      const changed = Uint8Array.from(signature, (byte, index) => (index === 5 ? byte ^ 1 : byte));
      expect(await crypto.verifySignature(key, signingInput, signature)).toBe(true);
      expect(await crypto.verifySignature(otherKey, signingInput, signature)).toBe(false);
      expect(await crypto.verifySignature(key, `${signingInput}A`, signature)).toBe(false);
      expect(await crypto.verifySignature(key, signingInput, changed)).toBe(false);
    },
  );

  it.each(implementations)("is refused by %s with signatures of odd lengths", async (_name, crypto) => {
    const { signingInput, signature } = token;
    const key = await crypto.importVerifyKey(jwk, algorithm);
    const odd = [
      new Uint8Array(),
      // OpenSSL reads a number: without a leading zero it is the same one.
      ...(signature[0] === 0 ? [] : [signature.subarray(1)]),
      signature.subarray(0, -1),
      new Uint8Array([...signature, 0]),
      new Uint8Array([0, ...signature]),
      new Uint8Array(signature.length),
    ];
    for (const bytes of odd) expect(await crypto.verifySignature(key, signingInput, bytes)).toBe(false);
  });
});

describe("algorithmsOf", () => {
  it("keeps types and curves apart", () => {
    expect(algorithmsOf("RSA", undefined)).toEqual(["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"]);
    expect(algorithmsOf("EC", "P-384")).toEqual(["ES384"]);
    expect(algorithmsOf("EC", "secp256k1")).toEqual([]);
    expect(algorithmsOf("OKP", "Ed25519")).toEqual(["EdDSA", "Ed25519"]);
    expect(algorithmsOf("OKP", "X25519")).toEqual([]);
    expect(algorithmsOf("oct", undefined)).toEqual([]);
  });
});

describe("checkAlgorithms", () => {
  it("takes all asymmetric ones by default, and one as a list", () => {
    expect(checkAlgorithms("oidc()", undefined)).toBe(algorithmNames);
    expect(checkAlgorithms("oidc()", ["ES256"])).toEqual(["ES256"]);
    expect(algorithmNames.some((name) => /^(HS|none)/.test(name))).toBe(false);
  });

  it.each([
    [["none"], /no signature/],
    [["RS256", "None"], /no signature/],
    [["HS256"], /HS256 is a shared secret/],
    [["hs512"], /shared secret/],
    [["rs256"], /write 'RS256'/],
    [["ECDSA"], /it is one of|write/],
    [[], /empty list/],
  ])("throws for %j", (algorithms, sentence) => {
    expect(() => checkAlgorithms("oidc()", algorithms)).toThrow(sentence);
  });
});
