import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readText } from "./read-text.ts";

const data = { a: "b", list: [1, true, null] };

describe("readText", () => {
  it.each([
    ["JSON", '{ "a": "b", "list": [1, true, null] }'],
    ["JSON with trailing commas", '{ "a": "b", "list": [1, true, null,], }'],
    ["JSON with comments", '// top\n{ /* a */ "a": "b", // b\n "list": [1, true, null] }\n// end'],
    ["JSON after a byte order mark", '\uFEFF{"a":"b","list":[1,true,null]}'],
    ["a JavaScript literal", "{ a: 'b', list: [1, true, null], }"],
    [
      "aws-exports.js",
      "const awsmobile = { a: 'b', list: [1, true, null] };\n\n\nexport default awsmobile;\n",
    ],
    [
      "aws-exports.js of CommonJS",
      "'use strict';\nvar awsmobile = {a:'b',list:[1,true,null]}\nmodule.exports = awsmobile",
    ],
    ["a default export", "export default { a: 'b', list: [1, true, null] };"],
    ["a named export", "export const config = { a: 'b', list: [1, true, null] };"],
    [
      "TypeScript",
      "const config: ResourcesConfig = { a: `b`, list: [1, true, null] };\nexport default config;",
    ],
    ["CommonJS", "module.exports = { a: 'b', list: [1, true, null] };"],
    ["Dart", "const amplifyconfig = '''{ \"a\": \"b\", \"list\": [1, true, null] }''';"],
    [
      "Dart with a raw string",
      "const amplifyConfig = r'''{\n \"a\": \"b\", \"list\": [1, true, null]\n}''';\n",
    ],
    ["Dart with a type", 'const String config = r"""{ "a": "b", "list": [1, true, null] }""";'],
  ])("reads %s", (_, text) => {
    expect(readText(text)).toEqual(data);
  });

  it("reads texts as JSON and JavaScript write them", () => {
    expect(
      readText(String.raw`{ "a": "\"\\\/\b\f\n\r\t\u00e9", b: '\'\x41\v\0', c: "{ // no comment }" }`),
    ).toEqual({
      a: '"\\/\b\f\n\r\t\u00e9',
      b: "'A\v\0",
      c: "{ // no comment }",
    });
    expect(readText("{ a: 'one \\\ntwo', b: `one\ntwo`, c: undefined, d: -1.5e3, e: '' }")).toEqual({
      a: "one two",
      b: "one\ntwo",
      c: undefined,
      d: -1500,
      e: "",
    });
  });

  it("gives a key named __proto__ no power", () => {
    const read = readText('{ "__proto__": { "admin": true } }');
    expect("admin" in read).toBe(false);
    expect(Object.keys(read)).toEqual(["__proto__"]);
  });

  it.each([
    ["lines left out", '{\n  ...\n  "a": {}\n}', "line 2: '...' stands for something left out"],
    ["a value left out", "{ a: ... }", "line 1: '...' stands for something left out"],
    ["lines left out with an ellipsis", "{ … }", "'...' stands for something left out"],
    ["a spread", "{ ...awsmobile }", "'...' stands for something left out"],
    [
      "a call",
      "{ a: {\n expires: cdk.Duration.days(30) } }",
      "line 2: the value of 'expires' is not data; nothing",
    ],
    ["a variable", "{ apiKey: process.env.KEY }", "the value of 'apiKey' is not data"],
    ["a variable that starts as a literal", "{ a: nullable }", "the value of 'a' is not data"],
    ["a number that goes on", "{ a: 30days }", "the value of 'a' is not data"],
    ["code around the data", "const api = new AmplifyGraphqlApi(this, {});", "the file is not data"],
    ["code before the data", "import x from 'y';\nexport default {}", "line 1: the file is not data"],
    ["code after the data", "const a = {};\nconsole.log(a);", "line 2: there is more after the object"],
    ["an item that is code", "{ a: [b()] }", "an item of the value of 'a' is not data"],
    ["a template with code", "{ a: `${key}` }", "a text with ${…} is code"],
    ["a function", "{ headers() {} }", "'headers' has no ':'"],
    ["a list", "[]", "the text holds no object"],
    ["a text", '"{}"', "the text holds no object"],
    ["nothing", "", "the text ends before the data does"],
    ["an object that does not end", '{ "a": {', "a key is missing"],
    ["a list that does not end", '{ "a": [', "the text ends before the data does"],
    ["a text that does not end", '{ "a": "b\n" }', 'a text has no closing "'],
    ["a comment that does not end", "{ /* }", "a key is missing"],
    ["a missing comma", '{ "a": 1\n "b": 2 }', "line 2: ',' or '}' is missing"],
    ["a missing value", '{ "a" }', "'a' has no ':' and value"],
    ["two commas", '{ "a": 1,, }', "a key is missing"],
    ["a key that stands twice", '{ "a": 1, "a": 2 }', "'a' stands twice"],
    ["an unknown escape", String.raw`{ "a": "\u12" }`, "a text has an escape"],
    ["a Dart string that does not end", "const a = '''{}", "the string has no closing '''"],
    ["a mistake within Dart", "// one\nconst a = r'''{\n b\n}''';", "line 4: 'b' has no ':'"],
  ])("refuses %s", (_, text, message) => {
    expect(() => readText(text)).toThrow(TypeError);
    expect(() => readText(text)).toThrow(message);
  });

  it("refuses what Dart would change in a string, and takes it where the string is raw", () => {
    const json = String.raw`{ "a": "\"", "b": "$" }`;
    expect(() => readText(`const config = '''${json}''';`)).toThrow("write it raw: r'''…'''");
    expect(readText(`const config = r'''${json}''';`)).toEqual({ a: '"', b: "$" });
  });

  it.each([
    "amplifyconfiguration.json",
    "./src/aws-exports.js",
    "lib/amplifyconfiguration.dart",
    "c:\\a\\b.ts",
  ])("refuses the path %s", (path) => {
    expect(() => readText(path)).toThrow("not its path: readFileSync(path, 'utf8') reads it");
  });

  it("does not quote values, which may be keys", () => {
    const messages = ["{ apiKey: da2abc }", "{ apiKey: 'da2abc }", "{ 'apiKey' 'da2abc' }"].map((text) => {
      try {
        return JSON.stringify(readText(text));
      } catch (error) {
        return String(error);
      }
    });
    expect(messages).toEqual([
      expect.stringMatching(/'apiKey' is not data/),
      expect.stringMatching(/no closing '/),
      expect.stringMatching(/'apiKey' has no ':'/),
    ]);
    expect(messages.join()).not.toContain("da2abc");
  });

  it("refuses nesting and sizes that no configuration has", () => {
    const nested = (depth: number) => `${"[".repeat(depth)}${"]".repeat(depth)}`;
    expect(readText(`{ a: ${nested(63)} }`)).toHaveProperty("a");
    expect(() => readText(`{ a: ${nested(64)} }`)).toThrow("nested deeper than 64");
    expect(() => readText(`{ a: ${"[".repeat(500_000)} }`)).toThrow("nested deeper than 64");
    expect(readText(`{ a: "${"x".repeat(1_000_000)}" }`)).toHaveProperty("a");
    expect(() => readText(`{ a: "${"x".repeat(1024 * 1024)}" }`)).toThrow("is over 1048576 characters");
  });

  it("reads every JSON object as JSON.parse does", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.constantFrom(0, 2), (value, indent) => {
        const text = JSON.stringify(value, null, indent);
        expect(readText(text)).toEqual(JSON.parse(text));
      }),
    );
  });

  it("refuses any other text with a TypeError", () => {
    const pieces = [
      "{",
      "}",
      "[",
      "]",
      ",",
      "a",
      '"',
      "'",
      "`",
      "\\",
      "\n",
      "1",
      "…",
      "...",
      "//",
      "/*",
      "r'''",
      "a:",
      "a:1,",
      "${",
    ];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 30 }), (parts) => {
        try {
          expect(typeof readText(`{${parts.join("")}`)).toBe("object");
        } catch (error) {
          expect(error).toBeInstanceOf(TypeError);
          expect(String(error)).toContain("fromAmplify()");
        }
      }),
    );
  });
});
