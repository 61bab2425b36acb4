import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { expect, it } from "vitest";
import { meaningOf } from "./meaning.ts";

const core = fileURLToPath(new URL("../../../../core/src", import.meta.url));

/** Every word that core gives as the reason of a refusal. */
function reasonsOfCore(): readonly string[] {
  const files = readdirSync(core, { recursive: true, encoding: "utf8" }).filter(
    (name) => name.endsWith(".ts") && !name.endsWith(".test.ts") && !name.startsWith("test"),
  );
  const call =
    /\b(?:AuthError\(\s*"\w+",|refused\(|malformed\(|unrecognised\(|requiredTime\(\w+, "\w+",|reason:)\s*"([a-z_]+)"/g;
  const found = files.flatMap((name) =>
    // The examples of docstrings throw what they like.
    [
      ...readFileSync(join(core, name), "utf8")
        .replaceAll(/^ *\/\*\*.*?\*\//gms, "")
        .matchAll(call),
    ].map(([, reason = ""]) => reason),
  );
  return [...new Set(found)].filter((reason) => reason.includes("_"));
}

it("has a sentence and a fix for every reason of core", () => {
  const reasons = reasonsOfCore();
  expect(reasons.length).toBeGreaterThan(80);
  expect(reasons.filter((reason) => meaningOf(reason) === undefined)).toEqual([]);
});
