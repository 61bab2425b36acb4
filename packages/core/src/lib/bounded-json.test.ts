import { assert, jsonValue, property } from "fast-check";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { boundedJson, JsonTooDeep } from "./json.ts";

const nested = (depth: number, open = "[", close = "]") => open.repeat(depth) + close.repeat(depth);

describe("boundedJson", () => {
  it("parses what JSON.parse does", () => {
    assert(
      property(jsonValue(), (value) => {
        const text = JSON.stringify(value);
        expect(boundedJson(text)).toEqual(JSON.parse(text));
      }),
    );
    for (const text of ["", "{", "[1,]", '"a', "\\"]) expect(() => boundedJson(text)).toThrow(SyntaxError);
  });

  it("takes 100 levels", () => {
    expect(boundedJson(nested(100))).toEqual(JSON.parse(nested(100)));
    expect(boundedJson(`[${Array(50).fill(nested(99)).join(",")}]`)).toHaveLength(50);
  });

  it.each([
    ["lists", nested(101)],
    ["objects", `${'{"a":'.repeat(101)}1${"}".repeat(101)}`],
    ["both", `${'[{"a":'.repeat(51)}1${"}]".repeat(51)}`],
    ["lists behind text with brackets and quotes", `["]]]\\"]]",${nested(100)}]`],
    ["a megabyte of brackets", "[".repeat(1_000_000)],
  ])("takes no more, and does not begin to parse it: %s", (_case, text) => {
    const parse = vi.spyOn(JSON, "parse");
    onTestFinished(() => parse.mockRestore());
    expect(() => boundedJson(text)).toThrow(JsonTooDeep);
    expect(parse).not.toHaveBeenCalled();
  });

  it.each([JSON.stringify(nested(200)), JSON.stringify(`"${nested(200)}\\`), `{"a":"${"[".repeat(200)}"}`])(
    "takes brackets in text for text: %s",
    (text) => {
      expect(boundedJson(text)).toEqual(JSON.parse(text));
    },
  );
});
