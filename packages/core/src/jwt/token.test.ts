import { describe, expect, it } from "vitest";
import { base64url, newSigner, unsigned } from "../test/signer.ts";
import { isFlaw, readToken } from "./token.ts";

const header = { alg: "RS256", kid: "k" };
const claims = { iss: "https://id.example" };

function flawOf(text: string): string {
  const reading = readToken(text);
  if (reading === undefined) return "not a token";
  return isFlaw(reading) ? `${reading.reason}: ${reading.detail}` : "read";
}

/** A token of these parts, each as it stands. */
function raw(headerText: string | Uint8Array, claimsText: string | Uint8Array, signature = "c2ln"): string {
  return `${base64url(headerText)}.${base64url(claimsText)}.${signature}`;
}

const headerText = JSON.stringify(header);
const claimsText = JSON.stringify(claims);

describe("readToken", () => {
  it("takes a token apart", async () => {
    const token = await newSigner("ES256", "k").sign(claims, { typ: "at+jwt" });
    const reading = readToken(token);
    expect(reading).toMatchObject({ header: { alg: "ES256", kid: "k", typ: "at+jwt" }, claims });
    expect(reading).toHaveProperty("signingInput", token.slice(0, token.lastIndexOf(".")));
    expect(reading).toHaveProperty("signature.length", 64);
  });

  it("reads text outside of ASCII, and numbers as JSON has them", () => {
    const token = unsigned(header, { iss: "ä€😀", exp: 1.5 });
    expect(readToken(token)).toHaveProperty("claims", { iss: "ä€😀", exp: 1.5 });
  });

  const notTokens = [
    "",
    ".",
    "..",
    "a.b",
    "custom-token",
    "Basic YTpi",
    "eyJhbGciOiJub25lIn0",
    "eyJ9.e30",
    "eyJ.a b.c",
  ];
  it.each(notTokens)("leaves '%s' to other modes", (text) => {
    expect(readToken(text)).toBeUndefined();
  });

  const malformed: readonly (readonly [string, string, string])[] = [
    ["a header that is no JSON", raw('{"alg":', claimsText), "header"],
    ["a header with more behind it", raw("{}[]", claimsText), "header"],
    ["claims that are a list", raw(headerText, '["iss"]'), "claims"],
    ["claims that are null", raw(headerText, "null"), "claims"],
    ["claims that are text", raw(headerText, '"iss"'), "claims"],
    [
      "claims that are no UTF-8",
      raw(headerText, Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])),
      "claims",
    ],
    [
      "claims that are nested too deep",
      raw(headerText, `{"a":${"[".repeat(100)}${"]".repeat(100)}}`),
      "claims",
    ],
    ["a byte order mark", raw(headerText, `\ufeff${claimsText}`), "claims"],
    ["a header without algorithm", raw('{"kid":"k"}', claimsText), "algorithm"],
    ["an algorithm that is a number", raw('{"alg":256}', claimsText), "algorithm"],
    ["a key id that is an object", raw('{"alg":"RS256","kid":{}}', claimsText), "key id"],
    ["a type that is a list", raw('{"alg":"RS256","typ":[]}', claimsText), "type"],
    ["a length that no bytes have", raw(headerText, claimsText, "c2lnA"), "signature"],
  ];
  it.each(malformed)("refuses %s", (_name, token, word) => {
    expect(flawOf(token)).toMatch(/^token_malformed: /);
    expect(flawOf(token)).toContain(word);
  });

  it("refuses bits that no byte has: a token can be written in one way only", () => {
    // 0xff is "_w" and 0xffff "__8"; the last characters have four and two bits to spare.
    expect(flawOf(raw(headerText, claimsText, "_w"))).toBe("read");
    expect(flawOf(raw(headerText, claimsText, "_x"))).toContain("token_malformed");
    expect(flawOf(raw(headerText, claimsText, "__8"))).toBe("read");
    expect(flawOf(raw(headerText, claimsText, "__9"))).toContain("token_malformed");
  });

  it.each(["c2l+", "c2l/", "c2lnYg==", "c2ln c2ln", "c2lnä"])(
    "does not read '%s' as base64url",
    (signature) => {
      expect(readToken(raw(headerText, claimsText, signature))).toBeUndefined();
    },
  );

  it("refuses what the issuer calls critical", () => {
    const token = raw('{"alg":"RS256","crit":["b64"],"b64":false}', claimsText);
    expect(flawOf(token)).toMatch(/^crit_unsupported: /);
  });

  it("refuses more than 8192 characters, undecoded", () => {
    const fill = (length: number) => `${raw(headerText, claimsText, "")}${"A".repeat(length)}`;
    const { length } = fill(0);
    expect(flawOf(fill(8192 - length))).toBe("read");
    expect(flawOf(fill(8193 - length))).toMatch(/^token_too_large: /);
  });

  it("parses a header once, but does not keep those of every caller", () => {
    const headerOf = (kid: string, sub: string) => {
      const reading = readToken(unsigned({ alg: "RS256", kid }, { sub }, "c2ln"));
      return reading === undefined || isFlaw(reading) ? undefined : reading.header;
    };
    const first = headerOf("issuer", "alice");
    expect(headerOf("issuer", "bob")).toBe(first);
    for (let i = 0; i < 100; i++) headerOf(`anybody-${i}`, "eve");
    const second = headerOf("issuer", "carol");
    expect(second).toEqual(first);
    expect(second).not.toBe(first);
  });

  it("is not misled by members of objects' prototypes", () => {
    const token = raw(
      '{"__proto__":{"alg":"none"},"alg":"RS256"}',
      '{"__proto__":{"iss":"evil"},"constructor":1}',
    );
    const reading = readToken(token);
    expect(reading).toHaveProperty("header.alg", "RS256");
    expect(reading === undefined || isFlaw(reading) ? undefined : reading.claims["iss"]).toBeUndefined();
    expect(flawOf(raw('{"__proto__":{"alg":"none"}}', claimsText))).toContain("algorithm");
  });
});
