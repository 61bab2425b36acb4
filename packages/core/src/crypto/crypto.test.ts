import { createHash, createHmac } from "node:crypto";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { crypto as node } from "./node.ts";
import type { Primitives } from "./primitives.ts";
import { crypto as web } from "./web.ts";

const latin1 = fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((byte) => String.fromCharCode(byte)) });
const implementations: readonly (readonly [string, Primitives])[] = [
  ["node", node],
  ["web", web],
];

describe.each(implementations)("the %s primitives", (_name, crypto) => {
  it("hash text as UTF-8, and header text as latin1", async () => {
    await fc.assert(
      fc.asyncProperty(latin1, fc.string(), async (bytes, text) => {
        const digest = createHash("sha256").update(bytes, "latin1").digest("hex");
        expect(await crypto.sha256HexOfLatin1(bytes)).toBe(digest);
        expect(await crypto.sha256Hex(Buffer.from(bytes, "latin1"))).toBe(digest);
        expect(await crypto.sha256Hex(text)).toBe(createHash("sha256").update(text).digest("hex"));
      }),
    );
  });

  it("hash header text with letters beyond latin1 as UTF-8, so that it is no other text", async () => {
    for (const text of ["ab\u0163", "\u00e9\u0163", "\ud83d\ude00"]) {
      expect(await crypto.sha256HexOfLatin1(text)).toBe(await crypto.sha256Hex(text));
    }
    expect(await crypto.sha256HexOfLatin1("ab\u0163")).not.toBe(await crypto.sha256HexOfLatin1("abc"));
  });

  it("sign with keys of bytes and of text", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1 }), fc.string(), async (key, text) => {
        const expected = createHmac("sha256", key).update(text).digest();
        expect(Buffer.from(await crypto.hmacSha256(key, text))).toEqual(expected);
        expect(Buffer.from(await crypto.hmacSha256(`k${text}`, key))).toEqual(
          createHmac("sha256", `k${text}`).update(key).digest(),
        );
      }),
    );
  });

  it.each([1, 32, 63, 64, 65, 200])("verify with a key of %d bytes", async (size) => {
    const key = Uint8Array.from({ length: size }, (_, i) => (i * 37 + size) % 256);
    for (const text of [
      "",
      "\u00e9\u{1f600}\ud83d",
      "x".repeat(341),
      "\u0163".repeat(342),
      "x".repeat(5000),
    ]) {
      const hmac = createHmac("sha256", key).update(text).digest("hex");
      expect(await crypto.verifyHmacSha256(key, text, hmac)).toBe(true);
      expect(await crypto.verifyHmacSha256(key, `${text}.`, hmac)).toBe(false);
      expect(await crypto.verifyHmacSha256(key.with(0, 255), text, hmac)).toBe(false);
    }
  });

  it("verify what was signed, and nothing else", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ minLength: 1 }),
        fc.string(),
        fc.nat({ max: 63 }),
        async (key, text, at) => {
          const hmac = createHmac("sha256", key).update(text).digest("hex");
          expect(await crypto.verifyHmacSha256(key, text, hmac)).toBe(true);
          const other = `${hmac.slice(0, at)}${hmac[at] === "0" ? "1" : "0"}${hmac.slice(at + 1)}`;
          expect(await crypto.verifyHmacSha256(key, text, other)).toBe(false);
          expect(await crypto.verifyHmacSha256(key, text, hmac.slice(0, 62))).toBe(false);
          expect(await crypto.verifyHmacSha256(key, `${text}.`, hmac)).toBe(false);
        },
      ),
    );
  });

  it("compare", () => {
    expect(crypto.equal("", "")).toBe(true);
    expect(crypto.equal("abc", "abc")).toBe(true);
    for (const [a, b] of [
      ["abc", "abd"],
      ["abc", "ab"],
      ["", "a"],
      ["é", "Ã©"],
      ["a\0", "a"],
      ["0".repeat(64), `${"0".repeat(63)}\u0130`],
      ["0".repeat(64), `${"0".repeat(63)}1`],
    ] as const) {
      expect(crypto.equal(a, b), `${a} ${b}`).toBe(false);
      expect(crypto.equal(b, a), `${b} ${a}`).toBe(false);
    }
  });
});
