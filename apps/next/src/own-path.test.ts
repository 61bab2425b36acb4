import { expect, it } from "vitest";
import { ownPath } from "./own-path.ts";

it.each(["/", "/account", "/account?tab=orders"])("goes on to %s", (path) => {
  expect(ownPath(path)).toBe(path);
});

it.each([
  "https://evil.example/",
  "//evil.example",
  "/\\evil.example",
  "/\t/evil.example",
  "\t//evil.example",
  "/.//evil.example",
  "/x/..//evil.example",
  "javascript:alert(1)",
  "http://[",
])("stays in the shop for %j", (path) => {
  expect(ownPath(path)).toBe("/");
});
