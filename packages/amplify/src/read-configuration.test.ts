import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readConfiguration } from "./read-configuration.ts";
import { Code } from "./text/code.ts";

const data = { a: "b", list: [1, true, null] };

describe("readConfiguration", () => {
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
    expect(readConfiguration(text)).toEqual(data);
  });

  it("reads texts as JSON and JavaScript write them", () => {
    expect(
      readConfiguration(
        String.raw`{ "a": "\"\\\/\b\f\n\r\t\u00e9", b: '\'\x41\v\0', c: "{ // no comment }" }`,
      ),
    ).toEqual({
      a: '"\\/\b\f\n\r\t\u00e9',
      b: "'A\v\0",
      c: "{ // no comment }",
    });
    expect(readConfiguration("{ a: 'one \\\ntwo', b: `one\ntwo`, c: undefined, d: -1.5e3, e: '' }")).toEqual({
      a: "one two",
      b: "one\ntwo",
      c: undefined,
      d: -1500,
      e: "",
    });
  });

  it("gives a key named __proto__ no power", () => {
    const read = readConfiguration('{ "a": { "__proto__": { "admin": true } } }');
    expect(read).toEqual({ a: new Code({ line: 1, column: 10 }) });
  });

  it("marks what only running the file would tell, and reads the rest", () => {
    const text = `{
      key: process.env.KEY, other: process.env["KEY"], word: nullable, call: make(), item: [b()],
      template: \`\${key}\`, headers() {}, arrow: async () => ({}), spread: { ...base }, computed: { [name]: 1 },
      known: "a",
    }`;
    const { known, item, ...code } = readConfiguration(text) as Readonly<Record<string, unknown>>;
    expect(known).toBe("a");
    expect(item).toEqual([new Code({ line: 2, column: 93 })]);
    expect(Object.entries(code).filter(([, value]) => !(value instanceof Code))).toEqual([]);
    expect(Object.keys(code)).toHaveLength(9);
  });

  it("evaluates constants: sums, texts, members, frozen objects, lengths of time, enums", () => {
    const text = `import { Duration } from "aws-cdk-lib";
      const hour = 60 * 60;
      const names = { pool: "us-east-1" } as const;
      const base = { a: 1, b: 2 };
      export default Object.freeze({
        day: hour * 24, half: hour / 2, negative: -(1 + 2) - 3, pool: \`\${names.pool}_AbC\`, ...base, b: 3,
        ["aws_project_region"]: names["pool"], ttl: Duration.days(2), type: appsync.AuthorizationType.LAMBDA,
      }) satisfies object;`;
    expect(readConfiguration(text)).toEqual({
      day: 86_400,
      half: 1800,
      negative: -6,
      pool: "us-east-1_AbC",
      a: 1,
      b: 3,
      aws_project_region: "us-east-1",
      ttl: { toMilliseconds: expect.any(Function) as unknown },
      type: "LAMBDA",
    });
  });

  const modern = '{ "aws_project_region": "us-east-1" }';
  it.each([
    ["without semicolons", `const awsmobile = ${modern}\nexport default awsmobile`],
    ["exported by name", `const awsConfig = ${modern}; export { awsConfig };`],
    ["a member of module.exports", `module.exports = { awsmobile: ${modern} };`],
    ["a member of exports", `exports.awsmobile = ${modern};`],
    ["a member of window", `window.awsConfig = ${modern};`],
    ["with a type assertion", `const c = ${modern} as const; export default c;`],
    ["with an older type assertion", `const c = <Config>${modern}; export default c;`],
    ["with a generic type", `const c: Record<string, unknown> = ${modern}; export default c;`],
    [
      "after imports",
      `import type { Config } from "aws-amplify";\nexport default ${modern} satisfies Config;`,
    ],
    ["beside other exports", `export const a = ${modern}; export const b = 1; export const c = { d: 1 };`],
    ["within an environment", `export const environment = { production: true, amplify: ${modern} };`],
    ["within app.json", `{ "expo": { "extra": { "amplify": ${modern} } } }`],
    [
      "of Amplify.configure()",
      `Amplify.configure(${modern}); export default function App() { return <App/>; }`,
    ],
    ["of Amplify.configure() by name", `const c = ${modern}; Amplify.configure(c); const d = { API: {} };`],
  ])("finds the configuration %s", (_, text) => {
    expect(readConfiguration(text)).toEqual({ aws_project_region: "us-east-1" });
  });

  const assigned = '{ "aws_project_region": "us-east-1" }';
  it.each([
    ["returned by an arrow function", `export default () => (${assigned});`],
    ["returned by a function", `module.exports = function () { return ${assigned}; };`],
    ["returned by a named function", `export default async function config() { return ${assigned}; }`],
    ["exported by TypeScript's export =", `export = ${assigned};`],
    [
      "of a compiled module",
      `"use strict"; exports.default = void 0; const c = ${assigned}; exports.default = c;`,
    ],
    [
      "of a compiled Amplify.configure()",
      `const a_1 = require("aws-amplify"); a_1.Amplify.configure(${assigned});`,
    ],
    [
      "after a byte order mark, with carriage returns",
      `\uFEFFconst c = ${assigned};\r\nexport default c;\r\n`,
    ],
    [
      "in Dart with imports",
      `import 'dart:convert';\n\n/// Of the CLI.\nconst amplifyconfig = r'''${assigned}''';`,
    ],
    [
      "in a member of a Dart class, beside another string",
      `class A {\n  static const query = '''query { a }''';\n  static const String config = '''${assigned}''';\n}`,
    ],
    ["in a getter of Dart", `String get config => '''${assigned}''';`],
    ["declared in a function", `function f() { const c = ${assigned}; Amplify.configure(c); }`],
    ["with a text of parts", 'export default { aws_project_region: "us-" + `east-${1}` };'],
    [
      "with an enum",
      'enum Region { Home = "us-east-1", Other = "eu-west-1" }\nexport default { aws_project_region: Region.Home };',
    ],
    [
      "exported beside others that are not",
      `const a = { API: {} }; const b = ${assigned}; export { b as config };`,
    ],
    ["with a spread of constants", `const base = ${assigned} as const; export default { ...base };`],
  ])("finds the configuration %s", (_, text) => {
    expect(readConfiguration(text)).toEqual({ aws_project_region: "us-east-1" });
  });

  it.each([
    [
      "a parameter has its name",
      'const region = "dev"; function f(region) { Amplify.configure({ API: { region } }); }',
    ],
    [
      "a variable has its name",
      'const region = "dev"; { const region = g(); Amplify.configure({ API: { region } }); }',
    ],
    [
      "a pattern has its name",
      'const region = "dev"; (({ region }) => Amplify.configure({ API: { region } }))(g());',
    ],
    [
      "a parameter property has its name",
      'const region = "dev"; class A { constructor(private region: string) { Amplify.configure({ API: { region } }); } }',
    ],
    [
      "two functions declare its name",
      'function f() { const region = "a"; } function g() { const region = "b"; Amplify.configure({ API: { region } }); }',
    ],
    [
      "a pattern declares it",
      'const { region } = { region: "dev" }; Amplify.configure({ API: { region } });',
    ],
    ["it is counted up", "let region = 1; region++; Amplify.configure({ API: { region } });"],
    [
      "it is assigned by a pattern",
      'let region = "dev"; [region] = g(); Amplify.configure({ API: { region } });',
    ],
    ["an enum has no value", "enum E { region } Amplify.configure({ API: { region: E.region } });"],
    ["it has a default", 'Amplify.configure({ API: { region: process.env.REGION ?? "dev" } });'],
  ])("takes a value for code if %s", (_, text) => {
    expect(readConfiguration(text)).toEqual({ API: { region: expect.any(Code) as unknown } });
  });

  it.each([
    "delete config.API;",
    "config.API.endpoints.push({});",
    "Object.assign(config, { API: {} });",
    "(config as Config).API = {};",
    "const same = config; same.API = {};",
    "const { API: { endpoints } } = config; endpoints.push({});",
    "const api = config.API; api.REST = {};",
    "for (config.API of g());",
    "export const merged = { ...config, ...other };",
    "export const merged = () => merge(config, other);",
    "module.exports = process.env.OTHER ? other : config;",
  ])("does not take a configuration that is changed: %s", (change) => {
    const text = `const config = { API: { endpoints: [] } };\n${change}`;
    expect(() => readConfiguration(text)).toThrow(/line 2, column \d+: the configuration is changed here/);
  });

  it("rejects a text that is not UTF-8", () => {
    const text = Buffer.from('\uFEFF{ "API": {} }', "utf16le").toString("utf8");
    expect(() => readConfiguration(text)).toThrow("the text is not UTF-8; save the file as UTF-8");
  });

  it("says the place within a Dart string, and what would be read", () => {
    expect(() => readConfiguration(`const a = '''{ "a" 1 }''';`)).toThrow(
      "line 1, column 20: this is not JSON",
    );
    expect(() => readConfiguration("auth:\n  - user pool\n")).toThrow(
      /line 2, column \d+: .* it reads { … } of JSON/,
    );
  });

  it("does not read comments", () => {
    const text = `/* authorizationModes: { defaultAuthorizationMode: "apiKey" } */
      defineData({ schema, authorizationModes: { defaultAuthorizationMode: "userPool" } });`;
    expect(readConfiguration(text)).toMatchObject({
      authorizationModes: { defaultAuthorizationMode: "userPool" },
    });
  });

  it.each([
    ["lines left out", '{\n  ...\n  "a": {}\n}', "line 2, column 3: '...' stands for something left out"],
    ["a value left out", "{ a: ... }", "line 1, column 6: '...' stands for something left out"],
    ["lines left out with an ellipsis", "{ … }", "'...' stands for something left out"],
    ["an object that is code as a whole", "{ ...awsmobile }", "the text holds no object"],
    [
      "a number that goes on",
      "{ a: 30days }",
      "line 1, column 8: this is not JSON, JavaScript or TypeScript",
    ],
    ["code without an object", "const api = new Api(this, make());", "no object is written out here"],
    ["a function with a parameter", `export default (a) => (${modern});`, "line 1, column 16: no object"],
    [
      "a function with variables",
      `export default () => { const a = 1; return ${modern}; };`,
      "line 1, column 16: no object is written out here",
    ],
    [
      "two objects",
      "const a = { API: {} };\nconst b = { API: {} };",
      "line 2, column 11: a second configuration, beside the one on line 1",
    ],
    [
      "two APIs",
      'f({ apiName: "a", authorizationModes: {} }); g({ apiName: "b", authorizationModes: {} });',
      "several APIs; name one: api: 'a' or 'b'",
    ],
    [
      "a change",
      `const a = ${modern};\na.aws_project_region = "x";\nexport default a;`,
      "line 2, column 1: the configuration is changed here",
    ],
    [
      "another file",
      'import o from "./amplify_outputs.json";\nAmplify.configure(o);',
      "line 2, column 19: the configuration is code or comes from another file",
    ],
    ["a list", "[]", "no object is written out here"],
    ["a text", '"{}"', "no object is written out here"],
    ["nothing", "", "no object is written out here"],
    ["an object that does not end", '{ "a": {', "line 1, column 9: this is not JSON"],
    ["a text that does not end", '{ "a": "b\n" }', "unterminated string"],
    ["a comment that does not end", "{ /* }", "unterminated comment"],
    ["a missing comma", '{ "a": 1\n "b": 2 }', "line 2, column 2: this is not JSON"],
    ["two commas", '{ "a": 1,, }', "line 1, column 10: this is not JSON"],
    ["a key that appears twice", '{ "a": 1, "a": 2 }', "'a' appears twice"],
    ["an unknown escape", String.raw`{ "a": "\u12" }`, "line 1, column 11: this is not JSON"],
    ["a Dart string that does not end", "const a = '''{}", "the string has no closing '''"],
    [
      "two strings of Dart",
      "const dev = '''{}''';\nconst prod = '''{}''';",
      "line 2, column 17: a second configuration, beside the one on line 1",
    ],
    ["a mistake within Dart", "// one\nconst a = r'''{\n b c\n}''';", "line 3, column 4: this is not JSON"],
  ])("rejects %s", (_, text, message) => {
    expect(() => readConfiguration(text)).toThrow(TypeError);
    expect(() => readConfiguration(text)).toThrow(message);
  });

  it("rejects what Dart would change in a string, and takes it where the string is raw", () => {
    const json = String.raw`{ "a": "\"", "b": "$" }`;
    expect(() => readConfiguration(`const config = '''${json}''';`)).toThrow("write it raw: r'''…'''");
    expect(readConfiguration(`const config = r'''${json}''';`)).toEqual({ a: '"', b: "$" });
  });

  it.each([
    "amplifyconfiguration.json",
    "./src/aws-exports.js",
    "lib/amplifyconfiguration.dart",
    "c:\\a\\b.ts",
  ])("rejects the path %s", (path) => {
    expect(() => readConfiguration(path)).toThrow("not its path: readFileSync(path, 'utf8') reads it");
  });

  it("does not quote values, which may be keys", () => {
    const messages = ["{ apiKey: da2 abc }", "{ apiKey: 'da2abc }", "{ 'apiKey' 'da2abc' }"].map((text) => {
      try {
        return JSON.stringify(readConfiguration(text));
      } catch (error) {
        return String(error);
      }
    });
    expect(messages).toEqual(messages.map(() => expect.stringMatching(/^TypeError: fromAmplify/) as unknown));
    expect(messages.join()).not.toMatch(/da2|abc/);
  });

  it("rejects nesting and sizes that no configuration has", () => {
    const nested = (depth: number) => `${"[".repeat(depth)}${"]".repeat(depth)}`;
    expect(readConfiguration(`{ a: ${nested(63)} }`)).toHaveProperty("a");
    expect(() => readConfiguration(`{ a: ${nested(65)} }`)).toThrow("nested deeper than 64");
    expect(() => readConfiguration(`{ a: ${nested(500_000)} }`)).toThrow("nested deeper than");
    expect(readConfiguration(`{ a: "${"x".repeat(1_000_000)}" }`)).toHaveProperty("a");
    expect(() => readConfiguration(`{ a: "${"x".repeat(1024 * 1024)}" }`)).toThrow(
      "is over 1048576 characters",
    );
  });

  it("reads every JSON object as JSON.parse does, but for __proto__", () => {
    const objects = fc
      .dictionary(fc.string(), fc.jsonValue())
      .filter((value) => !JSON.stringify(value).includes('"__proto__":'));
    fc.assert(
      fc.property(objects, fc.constantFrom(0, 2), (value, indent) => {
        const text = JSON.stringify(value, null, indent);
        expect(readConfiguration(text)).toEqual(JSON.parse(text));
      }),
    );
  });

  it("rejects any other text with a TypeError", () => {
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
          expect(typeof readConfiguration(`{${parts.join("")}`)).toBe("object");
        } catch (error) {
          expect(error).toBeInstanceOf(TypeError);
          expect(String(error)).toContain("fromAmplify()");
        }
      }),
    );
  });
});
