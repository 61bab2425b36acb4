import { describe, expect, it } from "vitest";
import { Section } from "./section.ts";

describe("Section", () => {
  it("names the path of a value of the wrong type", () => {
    const file = new Section("", { api: { list: {}, key: 5, items: ["a", 1], objects: [1] } });
    const api = file.section("api");
    expect(() => api?.text("key")).toThrow("api.key is a text, not a number");
    expect(() => api?.section("key")).toThrow("api.key is not an object");
    expect(() => api?.section("items")).toThrow("api.items is not an object");
    expect(() => api?.list("list")).toThrow("api.list is not a list");
    expect(() => api?.texts("items")).toThrow("api.items[1] is not a text");
    expect(() => api?.sections("objects")).toThrow("api.objects[0] is not an object");
    expect(() => api?.needText("other", "a mode")).toThrow("api.other is missing; it is a mode");
    expect(() => new Section("", undefined)).toThrow("the file is not an object");
    expect(() => new Section("", [])).toThrow("the file is not an object");
  });

  it("reads own members alone, and neither null nor an empty text", () => {
    const file = new Section("", { a: null, b: "", c: "text" });
    expect(file.has("a", "toString", "constructor")).toBe(false);
    expect(file.text("constructor", "a", "b", "c")).toEqual({ path: "c", text: "text" });
  });

  it("rejects misspelt keys and leaves foreign ones", () => {
    const check = (key: string) =>
      new Section("api", { [key]: 1 }).checkKeys(["authorizationType", "apiKey"]);
    expect(() => check("authorisationType")).toThrow(
      "api.authorisationType is not a key; write 'authorizationType'",
    );
    expect(() => check("authorization_type")).toThrow("write 'authorizationType'");
    expect(() => check("apikey")).toThrow("write 'apiKey'");
    expect(() => check("apiKey")).not.toThrow();
    expect(() => check("usagePlan")).not.toThrow();
  });
});
