import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

// SECURITY.md names the audits and tests that prove its promises: each of them exists.

const read = (path: string) => readFileSync(new URL(`../${path}`, import.meta.url), "utf8");
const rows = [...read("SECURITY.md").matchAll(/^\| (?<promise>[^|]+) \| (?<proof>[^|]+) \|$/gm)]
  .map(({ groups = {} }) => ({ promise: groups["promise"] ?? "", proof: groups["proof"] ?? "" }))
  .filter(({ proof }) => /audit|\.test\.ts/.test(proof));
const audits = new Set([...read("docs/audits.md").matchAll(/^\| ([\da-f]{4}) \|/gm)].map(([, id]) => id));

describe("SECURITY.md", () => {
  it("has promises", () => {
    expect(rows.length).toBeGreaterThan(20);
  });

  it.each(rows)("proves: $promise", ({ proof }) => {
    const ids = [...proof.matchAll(/\b[\da-f]{4}\b/g)].map(([id]) => id);
    const files = [...proof.matchAll(/`([\w/.-]+\.test\.ts)`/g)].map(([, file]) => file);
    expect(ids.length + files.length).toBeGreaterThan(0);
    expect(ids.filter((id) => !audits.has(id))).toEqual([]);
    expect(files.filter((file) => !existsSync(new URL(`../packages/${file}`, import.meta.url)))).toEqual([]);
  });
});
