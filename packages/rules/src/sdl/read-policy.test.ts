import { describe, expect, it } from "vitest";
import { createPolicy } from "../policy.ts";
import { parseSchema, readPolicy } from "../sdl.ts";

describe("readPolicy", () => {
  it("reads what parseSchema and createPolicy do, with places for warnings", () => {
    const sdl = "type Note @model\n  @auth(rules: [{ allow: public }]) { id: ID! }";
    const { schema, policy, errors, warnings } = readPolicy(sdl);
    expect(schema).toEqual(parseSchema(sdl));
    expect(policy?.matrix()).toEqual(createPolicy(parseSchema(sdl)).matrix());
    expect(errors).toEqual([]);
    expect(warnings.map(({ code }) => code)).toEqual(policy?.warnings.map(({ code }) => code));
  });

  it("returns errors of the text, of a rule and of a model, each with its place", () => {
    const codes = (sdl: string, options = {}): readonly unknown[] =>
      readPolicy(sdl, options).errors.map(({ code, position }) => [code, position?.line]);
    expect(readPolicy("type {").schema).toBeUndefined();
    expect(codes("type {")).toEqual([["syntax", 1]]);
    expect(codes("type A @model\n @auth(rules: [{ allow: owner, provider: iam }]) { id: ID! }")).toEqual([
      ["provider-of-strategy", 2],
    ]);
    const twice = "type A @model\n @auth(rules: [{ allow: owner }, { allow: owner }]) { id: ID! }";
    expect(codes(twice)).toEqual([["role-twice", 1]]);
    expect(readPolicy(twice)).toMatchObject({ schema: { models: { A: {} } }, policy: undefined });
    expect(codes("type A @model @auth(rules: []) { id: ID! }")).toEqual([["no-rules", 1]]);
  });

  it("checks rules against the providers of the API, and the options", () => {
    const sdl = "type A @model @auth(rules: [{ allow: owner }]) { id: ID! }";
    expect(readPolicy(sdl, { providers: ["apiKey"] }).errors).toMatchObject([
      { code: "provider-not-configured", position: { line: 1 } },
    ]);
    expect(() => readPolicy(sdl, { nseted: true } as never)).toThrow("Write 'nested'.");
  });
});
