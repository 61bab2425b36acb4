import { describe, expect, it } from "vitest";
import type { ModelDefinition } from "@authmodes/rules";
import { checkChange, checkNew } from "./input.ts";

const model: ModelDefinition = {
  fields: {
    id: { type: "ID!" },
    name: { type: "String!" },
    note: { type: "String" },
    stock: { type: "Int" },
    price: { type: "Float" },
    members: { type: "[String!]" },
  },
};
const rejected = expect.objectContaining({ status: 400 });

describe("the values of a write", () => {
  it.each([
    { name: "a" },
    { name: "", note: null, stock: -1, price: 0.5, members: [] },
    { name: "a", members: ["b"] },
  ])("accepts %j", (input) => {
    expect(() => checkNew(input, model)).not.toThrow();
  });

  it.each([
    {},
    { note: "b" },
    { name: null },
    { name: 1 },
    { name: ["a"] },
    { name: "a\0" },
    { name: "a", stock: 1.5 },
    { name: "a", stock: 2 ** 31 },
    { name: "a", stock: "1" },
    { name: "a", price: Number.POSITIVE_INFINITY },
    { name: "a", members: "b" },
    { name: "a", members: [null] },
    { name: "a", members: { 0: "b" } },
    { name: "a", id: "1" },
    { name: "a", other: 1 },
    { name: "a", constructor: "b" },
    JSON.parse('{"name": "a", "__proto__": "b"}'),
  ])("rejects %j", (input) => {
    expect(() => checkNew(input, model)).toThrow(rejected);
  });

  it("lets a change leave out what is required, but not set it to null", () => {
    expect(() => checkChange({ note: null }, model)).not.toThrow();
    expect(() => checkChange({ name: null }, model)).toThrow(rejected);
  });
});
