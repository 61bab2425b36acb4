import { compactVerify } from "jose";
import { describe, expect, it } from "vitest";
import { newSigner } from "../test/signer.ts";
import { signingKeyOf } from "./signing-key.ts";

const signer = newSigner("RS256");
const rsa = signer.jwk;
const { alg: _alg, ...anyRsa } = rsa;
const ec = newSigner("ES384").jwk;
const ed = newSigner("Ed25519").jwk;
const allAlgorithms = ["RS256", "PS256", "ES256", "ES384", "Ed25519", "EdDSA", "HS256", "none"];

function fits(jwk: unknown): readonly string[] | undefined {
  const key = signingKeyOf(jwk);
  return key === undefined ? undefined : allAlgorithms.filter((name) => key.fits(name));
}

describe("signingKeyOf", () => {
  it("gives a key the algorithms of its type, or the one it names", () => {
    expect(fits(rsa)).toEqual(["RS256"]);
    expect(fits(anyRsa)).toEqual(["RS256", "PS256"]);
    expect(fits(ec)).toEqual(["ES384"]);
    expect(fits(ed)).toEqual(["Ed25519"]);
  });

  const useless: readonly (readonly [string, unknown])[] = [
    ["a shared secret", { kty: "oct", k: "c2VjcmV0", alg: "HS256" }],
    ["a key for encryption", { ...rsa, use: "enc" }],
    ["a key for other operations", { ...rsa, key_ops: ["encrypt"] }],
    ["operations that are no list", { ...rsa, key_ops: "verify" }],
    ["an algorithm of another type", { ...rsa, alg: "ES256" }],
    ["an algorithm with a shared secret", { ...rsa, alg: "HS256" }],
    ["an algorithm of another curve", { ...ec, alg: "ES256" }],
    ["an unknown curve", { ...ec, crv: "secp256k1" }],
    ["a curve that is not for signing", { ...ed, crv: "X25519" }],
    ["a short RSA key", newSigner("RS256", "k", 1024).jwk],
    ["a short RSA key with zeros in front", padded(newSigner("RS256", "k", 2040).jwk.n)],
    ["an RSA key that is zero", { ...rsa, n: "AAAA" }],
    ["a missing member", { ...rsa, e: undefined }],
    ["a member that is a number", { ...rsa, e: 65_537 }],
    ["a key id that is a number", { ...rsa, kid: 1 }],
    ["text", "key"],
    ["nothing", null],
    ["a list", [rsa]],
  ];
  it.each(useless)("ignores %s", (_name, jwk) => {
    expect(signingKeyOf(jwk)).toBeUndefined();
  });

  function padded(n: string | undefined) {
    const zeros = Buffer.concat([Buffer.alloc(256), Buffer.from(n ?? "", "base64url")]);
    return { ...rsa, n: zeros.toString("base64url") };
  }

  it("takes operations that include verifying", () => {
    expect(fits({ ...rsa, key_ops: ["verify"] })).toEqual(["RS256"]);
  });

  it("ignores a key that comes with its private half", () => {
    const { privateKey, jwk } = newSigner("RS256");
    expect(signingKeyOf({ ...jwk, ...privateKey.export({ format: "jwk" }) })).toBeUndefined();
  });

  const purposes: readonly (readonly [
    what: string,
    takes: boolean,
    members: Readonly<Record<string, unknown>>,
  ])[] = [
    ["signatures", true, { use: "sig" }],
    ["no purpose", true, { use: undefined }],
    ["encryption", false, { use: "enc" }],
    ["a use that is empty", false, { use: "" }],
    ["verifying", true, { key_ops: ["verify"] }],
    ["signing", false, { key_ops: ["sign"] }],
    ["no operation", false, { key_ops: [] }],
    ["its own algorithm", true, { alg: "RS256" }],
    ["any algorithm", true, { alg: undefined }],
    ["another algorithm", false, { alg: "RS512" }],
    ["a shared secret", false, { alg: "HS256" }],
  ];
  it.each(purposes)("reads the purpose of a key as jose does: %s", async (_what, takes, members) => {
    const jwk = { ...rsa, ...members };
    const verified = await compactVerify(await signer.sign({}), jwk).catch(() => undefined);
    expect(verified !== undefined).toBe(takes);
    expect(signingKeyOf(jwk)?.fits("RS256") ?? false).toBe(takes);
  });

  it("imports a key once for each algorithm", async () => {
    const key = signingKeyOf(anyRsa);
    const [first, second] = await Promise.all([key?.imported("RS256"), key?.imported("RS256")]);
    expect(second).toBe(first);
    expect(await key?.imported("RS256")).toBe(first);
    expect(await key?.imported("PS256")).not.toBe(first);
  });

  it("tells keys apart by what they are and how they are named", () => {
    const print = (jwk: unknown) => signingKeyOf(jwk)?.fingerprint;
    expect(print({ ...rsa, x5t: "abc" })).toBe(print(rsa));
    expect(print({ ...rsa, kid: "other" })).not.toBe(print(rsa));
    expect(print(newSigner("RS256").jwk)).not.toBe(print(rsa));
  });
});
