import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { meaningOf } from "./meaning.ts";

// The reasons of docs/reference/errors.md, which examples/errors.test.ts compares with the sources.

const page = readFileSync(new URL("../../../../../docs/reference/errors.md", import.meta.url), "utf8");

it("has a sentence and a fix for every reason", () => {
  const [, sections = ""] = page.split(/^## Reasons$/m);
  const reasons = [...sections.matchAll(/^\| `(\w+)` \|/gm)].map(([, reason = ""]) => reason);
  expect(reasons.length).toBeGreaterThan(100);
  for (const reason of new Set(reasons)) {
    expect([reason, meaningOf(reason)]).toEqual([
      reason,
      { says: expect.any(String), mend: expect.any(String) },
    ]);
  }
});

it("has none for the reason of a mode that a user wrote", () => {
  expect(meaningOf("badge_lost")).toBeUndefined();
});
