import { array, assert, boolean, constantFrom, property, tuple } from "fast-check";
import { describe, expect, it } from "vitest";
import { parseAuthorization } from "../sigv4/claim.ts";
import { bearerToken, hasSignedQuery, trimSpace } from "./credentials.ts";

/** What it means, at the price of decoding the query. */
function reference(target: string): boolean {
  const query = target.slice(target.indexOf("?"));
  const decoded = query.replaceAll(/%([2-7][0-9a-f])/gi, (_escape, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return /[?&]x-amz-(?:algorithm|credential|signature|security-token)(?:=|&|$)/i.test(decoded);
}

const word = constantFrom(
  "X-Amz-Algorithm",
  "x-amz-signature",
  "X-AMZ-",
  "Security-Token",
  "a",
  "=",
  "&",
  "?",
  "%",
);
/** Each letter as it is or escaped, in digits of either letter case. */
const spelling = tuple(word, array(boolean(), { minLength: 16, maxLength: 16 }), boolean()).map(
  ([text, escaped, upper]) =>
    Array.from(text, (char, i) => {
      const hex = char.charCodeAt(0).toString(16);
      return escaped[i] === true ? `%${upper ? hex.toUpperCase() : hex}` : char;
    }).join(""),
);

describe("hasSignedQuery", () => {
  it("finds a part of a presigned request, in any spelling", () => {
    assert(
      property(array(spelling, { maxLength: 6 }), (words) => {
        const target = `/x?${words.join("")}`;
        expect(hasSignedQuery(target)).toBe(reference(target));
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    ["/?%58%2d%61%6d%7a%2D%73%69%67%6e%61%74%75%72%65%3d", true],
    ["/?a%26X-Amz-Credential", true],
    ["/?%2558-amz-signature", false],
    ["/X-Amz-Signature=1", false],
    ["/?X-Amz-Signatures", false],
  ])("%s: %s", (target, expected) => {
    expect(hasSignedQuery(target)).toBe(expected);
  });
});

describe("space around credentials", () => {
  it("is spaces and tabs, and no other character", () => {
    expect(trimSpace(" \t key \t")).toBe("key");
    expect([trimSpace(" "), trimSpace("")]).toEqual(["", ""]);
    expect(trimSpace("\u00a0key\u00a0")).toBe("\u00a0key\u00a0");
    expect(bearerToken("Bearer  \u00a0abc")).toBe("\u00a0abc");
  });

  it("cannot be replaced in a signature", () => {
    const names = "host;x-amz-date";
    const scope = "AKIDEXAMPLE/20150830/us-east-1/execute-api/aws4_request";
    const header = (space: string) =>
      `AWS4-HMAC-SHA256 Credential=${scope},${space}SignedHeaders=${names}, Signature=${"0".repeat(64)}`;
    expect(parseAuthorization(header(" \t")).accessKeyId).toBe("AKIDEXAMPLE");
    expect(() => parseAuthorization(header("\u00a0"))).toThrow(
      expect.objectContaining({ reason: "authorization_parameter_unexpected" }),
    );
  });
});
