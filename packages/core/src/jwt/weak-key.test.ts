import { createPublicKey, verify } from "node:crypto";
import { describe, expect, it } from "vitest";
import { base64url, newSigner } from "../test/signer.ts";
import { signingKeyOf, weakKeysOf, weaknessOf } from "./signing-key.ts";

const rsa = newSigner("RS256", "rsa");
const ec = newSigner("ES256", "ec");
const ed = newSigner("Ed25519", "ed");

// The curve of RFC 8032 §5.1, to find its points of small order without relying on the list that is tested.
const p = 2n ** 255n - 19n;
const order = 2n ** 252n + 27742317777372353535851937790883648493n;
const mod = (value: bigint) => ((value % p) + p) % p;
const inverse = (value: bigint) => power(value, p - 2n);
const d = mod(-121_665n * inverse(121_666n));
type Point = readonly [x: bigint, y: bigint];

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  for (let square = mod(base), rest = exponent; rest > 0n; rest >>= 1n, square = mod(square * square)) {
    if (rest & 1n) result = mod(result * square);
  }
  return result;
}

function add([x1, y1]: Point, [x2, y2]: Point): Point {
  const product = mod(d * x1 * x2 * y1 * y2);
  return [mod((x1 * y2 + x2 * y1) * inverse(1n + product)), mod((y1 * y2 + x1 * x2) * inverse(1n - product))];
}

function multiply(point: Point, factor: bigint): Point {
  let result: Point = [0n, 1n];
  for (let double = point, rest = factor; rest > 0n; rest >>= 1n, double = add(double, double)) {
    if (rest & 1n) result = add(result, double);
  }
  return result;
}

/** A point of the whole curve with this y, if there is one. */
function pointOf(y: bigint): Point | undefined {
  const square = mod((y * y - 1n) * inverse(d * y * y + 1n));
  const root = power(square, (p + 3n) / 8n);
  for (const x of [root, mod(root * power(2n, (p - 1n) / 4n))]) if (mod(x * x) === square) return [x, y];
  return undefined;
}

function torsionPoints(): readonly Point[] {
  for (let y = 2n; ; y++) {
    const point = pointOf(y);
    const generator = point === undefined ? undefined : multiply(point, order);
    if (generator === undefined || multiply(generator, 4n)[1] === 1n) continue;
    return Array.from({ length: 8 }, (_, i) => multiply(generator, BigInt(i)));
  }
}

/** All ways to write a point: y, and y + p if it fits into 255 bits; both signs for x = 0, which implementations accept. */
function encodings([x, y]: Point): readonly string[] {
  const signs = x === 0n ? [0n, 1n] : [x & 1n];
  const ys = [y, y + p].filter((value) => value < 2n ** 255n);
  return ys.flatMap((value) =>
    signs.map((sign) => {
      const digits = (value | (sign << 255n)).toString(16).padStart(64, "0");
      return base64url(Buffer.from(digits, "hex").toReversed());
    }),
  );
}

const smallOrder = [...new Set(torsionPoints().flatMap(encodings))];

const nodeVersion = Number(process.versions.node.split(".", 1)[0]);

describe("Ed25519 points of small order", () => {
  it("are eight, with fourteen encodings, all skipped", () => {
    expect(smallOrder).toHaveLength(14);
    for (const x of smallOrder) {
      expect(weaknessOf({ kty: "OKP", crv: "Ed25519", x })).toBe("it is a point of small order");
      expect(signingKeyOf({ kty: "OKP", crv: "Ed25519", x })).toBeUndefined();
    }
  });

  // The OpenSSL of Node 24 rejects them by itself.
  it.skipIf(nodeVersion >= 24)(
    "verify signatures that need no private key, in the cryptography below",
    () => {
      const identity = base64url(Buffer.from([1, ...Array.from({ length: 31 }, () => 0)]));
      expect(smallOrder).toContain(identity);
      const key = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x: identity }, format: "jwk" });
      const forged = Buffer.from([1, ...Array.from({ length: 63 }, () => 0)]);
      expect(verify(null, Buffer.from("any text"), key, forged)).toBe(true);
    },
  );

  it("are not the points of ordinary keys", () => {
    expect(weaknessOf({ ...ed.jwk })).toBeUndefined();
    expect(signingKeyOf(ed.jwk)).toBeDefined();
  });
});

describe("RSA keys", () => {
  const e = (value: bigint) => {
    const digits = value.toString(16);
    return base64url(Buffer.from(digits.padStart(digits.length + (digits.length % 2), "0"), "hex"));
  };
  it.each([
    ["1", e(1n), /exponent is 1, not/],
    ["3", e(3n), /exponent is 3, not/],
    ["17", e(17n), /exponent is 17, not/],
    ["65535", e(65_535n), /exponent is 65535, not/],
    ["65536", e(65_536n), /exponent is 65536, not/],
    ["65538", e(65_538n), /exponent is 65538, not/],
    ["zero", "AA", /exponent is 0, not/],
    ["nothing", "", /exponent is 0, not/],
    ["65 bits", e(2n ** 64n + 1n), /more than 64 bits/],
    ["3 with zeros in front", "AAAAAAAD", /exponent is 3, not/],
  ])("are skipped with the exponent %s", (_name, exponent, sentence) => {
    expect(weaknessOf({ ...rsa.jwk, e: exponent })).toMatch(sentence);
    expect(signingKeyOf({ ...rsa.jwk, e: exponent })).toBeUndefined();
  });

  it.each([e(65_537n), `AAAA${e(65_537n)}`, e(65_539n), e(2n ** 64n - 1n)])(
    "are kept with the exponent %s",
    (exponent) => {
      expect(signingKeyOf({ ...rsa.jwk, e: exponent })).toBeDefined();
    },
  );

  it("are skipped with too short and too long a modulus", () => {
    expect(weaknessOf({ ...newSigner("RS256", "k", 1024).jwk })).toMatch(/1024 bits, fewer than 2048/);
    expect(weaknessOf({ ...rsa.jwk, n: base64url(Buffer.alloc(2049, 0xff)) })).toMatch(/more than 16384/);
  });
});

describe("keys that are not public", () => {
  it("are skipped, whatever private member they have", () => {
    for (const name of ["d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"]) {
      for (const { jwk } of [rsa, ec, ed]) {
        expect(weaknessOf({ ...jwk, [name]: "AQAB" })).toBe(
          `it is published with its private part ('${name}')`,
        );
        expect(signingKeyOf({ ...jwk, [name]: "AQAB" })).toBeUndefined();
      }
    }
  });

  it("are skipped if they are shared secrets, and described without key material", () => {
    const secret = rsa.privateKey.export({ format: "jwk" });
    const texts = weakKeysOf([
      { kty: "oct", k: "c2VjcmV0c2VjcmV0", kid: "shared" },
      { ...rsa.jwk, ...secret },
      { ...ed.jwk, x: smallOrder[0], kid: "a\nb" },
      { kty: "oct", k: "c2VjcmV0c2VjcmV0", use: "enc" },
      ec.jwk,
      null,
    ]);
    expect(texts).toEqual([
      "'shared': it is a shared secret",
      "'rsa': it is published with its private part ('d')",
      "'a\\u000ab': it is a point of small order",
    ]);
  });
});
