import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const root = new URL("../", import.meta.url);
const tour = readFileSync(new URL("docs/tour.md", root), "utf8");
const stops = [...tour.matchAll(/`(packages\/[^`]+)` →\s+`(\w+)`/g)].map(([, file = "", name = ""]) => ({
  file,
  name,
}));

describe("docs/tour.md", () => {
  it("has stops", () => expect(stops.length).toBeGreaterThan(30));

  it.each(stops)("$name is in $file", ({ file, name }) => {
    expect(existsSync(new URL(file, root))).toBe(true);
    const declared = new RegExp(`(?:function|class|const) ${name}\\b|^  (?:async )?${name}[(<]`, "m");
    expect(readFileSync(new URL(file, root), "utf8")).toMatch(declared);
  });
});
