import { createHmac } from "node:crypto";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { haveVectors, readVectors, type Vector, type VectorRequest } from "../test/vectors.ts";
import { viewOf } from "../test/view.ts";
import {
  canonicalPath,
  canonicalQuery,
  canonicalText,
  canonicalValue,
  decodeComponent,
  encodeComponent,
  encodePath,
  hasBrokenEscape,
  hasEscapedDotSegment,
  isAmbiguousPath,
  parseQuery,
  partsOf,
  recodeComponent,
} from "./canonical.ts";
import { deriveSigningKey, formatAmzDate, parseAmzDate, parseHttpDate, stringToSign } from "./signing.ts";
import { SentHeaders } from "./signed-request.ts";

/** What the vectors call the canonical request, made from a signed request and the names that it signs. */
function canonicalOf(vector: Vector, request: VectorRequest, signedHeaders: string, payload: string): string {
  const [path = "", query = ""] = request.target.split(/\?(.*)/s, 2);
  const names = signedHeaders.split(";");
  const lengths = new Set(names.map(({ length }) => length));
  const places = new Map(names.map((name, place) => [name, place]));
  const { values } = new SentHeaders(viewOf(request), { names, places, lengths }, []);
  return canonicalText({
    method: request.method,
    path: canonicalPath(path, vector.normalised ? "normalise" : "refuse"),
    query: canonicalQuery(parseQuery(query) ?? [], "X-Amz-Signature"),
    signed: { names, text: signedHeaders },
    values,
    payload,
  });
}

describe.skipIf(!haveVectors)("AWS's vectors, as pure functions", () => {
  const all = readVectors().flatMap((vector) =>
    (["header", "query"] as const).map((form) => [vector.name, form, vector] as const),
  );

  it.each(all)("%s, %s: canonical request, string to sign, signature", async (_name, form, vector) => {
    const { canonicalRequest, signature, signedRequest } = vector[form];
    const [payload = "", names = ""] = canonicalRequest.split("\n").toReversed();
    // This one's token was appended when all was signed.
    const target = signedRequest.target.replace(
      vector.tokenUnsigned ? /&X-Amz-Security-Token=[^&]*/ : "\n",
      "",
    );
    const canonical = canonicalOf(vector, { ...signedRequest, target }, names, payload);
    expect(canonical).toBe(canonicalRequest);
    const date = formatAmzDate(vector.time);
    const scope = {
      date: date.slice(0, 8),
      region: vector.region,
      service: vector.service,
      term: "aws4_request",
    };
    expect(await stringToSign(date, scope, canonical)).toBe(vector[form].stringToSign);
    const key = await deriveSigningKey(vector.secretAccessKey, scope);
    expect(createHmac("sha256", key).update(vector[form].stringToSign).digest("hex")).toBe(signature);
  });
});

describe("encoding", () => {
  it("leaves the unreserved of RFC 3986 alone and encodes every other byte", () => {
    const bytes = Array.from({ length: 256 }, (_, byte) => String.fromCharCode(byte));
    const kept = bytes.filter((char) => encodeComponent(char) === char).join("");
    expect(kept).toBe("-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz~");
    for (const char of bytes.filter((char) => !kept.includes(char))) {
      expect(encodeComponent(char)).toBe(`%${Buffer.from(char, "latin1").toString("hex").toUpperCase()}`);
    }
  });

  it("encodes paths once more, but for the slash", () => {
    expect(encodePath("/a%20b/%E1%88%B4/a:b@c+d'!*()~")).toBe(
      "/a%2520b/%25E1%2588%25B4/a%3Ab%40c%2Bd%27%21%2A%28%29~",
    );
  });

  it("gives all spellings of a query component one, and different bytes different ones", () => {
    const spellings = ["a b", "a+b", "a%20b", "%61+b", "a%20%62"];
    expect(new Set(spellings.map(recodeComponent))).toEqual(new Set(["a%20b"]));
    const latin1 = fc.string({
      unit: fc.integer({ min: 0, max: 255 }).map((byte) => String.fromCharCode(byte)),
    });
    fc.assert(
      fc.property(latin1, latin1, (a, b) => {
        expect(decodeComponent(recodeComponent(encodeComponent(a)))).toBe(a);
        expect(encodeComponent(a) === encodeComponent(b)).toBe(a === b);
      }),
    );
  });

  it("tells escapes that are broken", () => {
    const broken = ["%", "a%4", "%zz", "%4g", "%%41", "%u0041"];
    expect([...broken, "", "a", "%41", "%aF%00"].filter(hasBrokenEscape)).toEqual(broken);
  });
});

describe("paths", () => {
  it("are ambiguous with dot segments, escaped or not, and empty segments", () => {
    const escaped = ["/%2e", "/.%2e", "/%2E.", "/%2e%2E/b", "/a/%2e%2e/"];
    const ambiguous = ["/.", "/..", "/a/./b", "/a/../b", "//", "/a//", ...escaped];
    const clear = ["", "/", "/a/", "/...", "/.a", "/a.", "/..a/b..", "/%2e%2e%2e", "/%2f", "/a.%2e", "/%41"];
    expect([...ambiguous, ...clear].filter(isAmbiguousPath)).toEqual(ambiguous);
    expect([...ambiguous, ...clear, "/./%2e%2e%2e", "/../%41"].filter(hasEscapedDotSegment)).toEqual(escaped);
  });

  it("keep their dots unless these are to be resolved", () => {
    expect(canonicalPath("/a/../b//", "refuse")).toBe("/a/../b//");
    expect(canonicalPath("/a/../b//", "normalise")).toBe("/b/");
    expect(canonicalPath("", "refuse")).toBe("/");
    expect(canonicalPath("", "normalise")).toBe("/");
  });
});

describe("queries", () => {
  it("sort by name first, then by value, as they are encoded", () => {
    const canonical = (query: string) => canonicalQuery(parseQuery(query) ?? []);
    expect(canonical("a-b=1&a=2&a.b=3&a=1&A=4&%7E=5&a=")).toBe("A=4&a=&a=1&a=2&a-b=1&a.b=3&~=5");
    expect(canonical("&&a&=b&")).toBe("=b&a=");
    expect(canonical("a=b=c")).toBe("a=b%3Dc");
  });

  it("are split at each ampersand, names at the first equals sign", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom("a", "b", "=", "&", "+") }), (query) => {
        const pieces = query.split("&").filter((piece) => piece !== "");
        const expected = pieces.map((piece) => {
          const [name = "", ...value] = piece.split("=");
          return [recodeComponent(name), recodeComponent(value.join("="))];
        });
        expect(parseQuery(query)?.map(partsOf)).toEqual(expected);
      }),
    );
  });

  it("have no meaning with a broken escape", () => {
    expect(parseQuery("a=%4")).toBeUndefined();
  });
});

describe("header values", () => {
  it("lose spaces at their ends and all but one inside, quotes or not; no other character", () => {
    expect(canonicalValue('  "a   b"\t c ')).toBe('"a b" c');
    expect(canonicalValue("\u00a0a\u00a0\u00a0b\u00a0")).toBe("\u00a0a\u00a0\u00a0b\u00a0");
    expect(canonicalValue("  a\u00a0\u00a0b  c\u00a0")).toBe("a\u00a0\u00a0b c\u00a0");
    expect(canonicalValue("")).toBe("");
    expect(canonicalValue("   ")).toBe("");
  });
});

describe("dates", () => {
  it("are read as they are written", () => {
    const seconds = fc.integer({ min: 0, max: Date.UTC(9999, 11, 31) / 1000 });
    fc.assert(
      fc.property(seconds, (second) => {
        expect(parseAmzDate(formatAmzDate(second * 1000))).toBe(second * 1000);
        expect(parseHttpDate(new Date(second * 1000).toUTCString())).toBe(second * 1000);
      }),
    );
  });

  it("are nothing else: no text makes a number that is none", () => {
    const unit = fc.constantFrom(...Array.from("0123456789TZtz- :+."));
    fc.assert(
      fc.property(fc.string({ unit, minLength: 14, maxLength: 18 }), (text) => {
        const time = parseAmzDate(text);
        if (time !== undefined) expect(formatAmzDate(time)).toBe(text);
      }),
      { numRuns: 2000 },
    );
    const others = [
      "2026-01-15",
      "Thu, 15 Jan 2026 12:00:00 +0000",
      "",
      "0",
      "Thu, 32 Jan 2026 12:00:00 GMT",
    ];
    expect(others.map(parseHttpDate)).toEqual(others.map(() => undefined));
  });
});
