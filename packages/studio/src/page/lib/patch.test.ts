import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { array, assert, constantFrom, property } from "fast-check";
import { describe, expect, it } from "vitest";
import { merge, patchOf } from "./patch.ts";

/** What `git apply` makes of a text. */
function applied(before: string, patch: string, name = "a.graphql"): string {
  const folder = mkdtempSync(join(tmpdir(), "patch-"));
  try {
    const file = join(folder, name);
    if (before !== "") writeFileSync(file, before);
    if (patch !== "") execFileSync("git", ["apply", "--unidiff-zero", "-"], { cwd: folder, input: patch });
    return readFileSync(file, "utf8");
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const lines = (text: string) =>
  text
    .split("")
    .map((line) => `${line}\n`)
    .join("");

const hasGit = spawnSync("git", ["--version"]).status === 0;

describe.skipIf(!hasGit)("a patch", () => {
  it("is empty if nothing changed", () => {
    expect(patchOf("a.graphql", "a\n", "a\n")).toBe("");
  });

  it.each([
    ["a line in the middle", lines("abcdefghij"), lines("abcdXfghij")],
    ["two places far apart", lines("abcdefghijklmnop"), lines("XabcdefghijklmnopY")],
    ["the end without a line break", "a\nb", "a\nb\n"],
    ["no line break on either side", "a\nb", "a\nc"],
    ["a file that was empty", "", "type A\n"],
    ["repeated lines", lines("aaabaaab"), lines("aabaaabab")],
  ])("is one that git applies: %s", (_what, before, after) => {
    expect(applied(before, patchOf("a.graphql", before, after))).toBe(after);
  });

  it.each(["a b.graphql", `it's "mine".graphql`, "a\n+++ b\tc.graphql", "é\\n.graphql"])(
    "is one that git applies to a file named %j",
    (name) => {
      for (const before of ["", "a\n"])
        expect(applied(before, patchOf(name, before, "a\nb\n"), name)).toBe("a\nb\n");
    },
  );

  it("counts lines as git does", () => {
    expect(patchOf("a.graphql", lines("abcdefgh"), lines("abcdeXfgh"))).toBe(
      "--- a/a.graphql\n+++ b/a.graphql\n@@ -3,6 +3,7 @@\n c\n d\n e\n+X\n f\n g\n h\n",
    );
  });

  it("leads from any text to any other", () => {
    const anyText = array(constantFrom("a\n", "b\n", "c\n"), { minLength: 1, maxLength: 30 }).map((some) =>
      some.join(""),
    );
    assert(
      property(anyText, anyText, (before, after) => {
        expect(applied(before, patchOf("a.graphql", before, after))).toBe(after);
      }),
      { numRuns: 40 },
    );
  });
});

describe("both changes of one text", () => {
  const base = lines("abcdefgh");

  it.each([
    ["far apart", lines("Xbcdefgh"), lines("abcdefgY"), lines("XbcdefgY")],
    ["the same on both sides", lines("Xbcdefgh"), lines("Xbcdefgh"), lines("Xbcdefgh")],
    ["the same, and one more", lines("XbcdefgY"), lines("Xbcdefgh"), lines("XbcdefgY")],
    ["one side alone", base, lines("abcXefgh"), lines("abcXefgh")],
  ])("stand together: %s", (_what, mine, theirs, both) => {
    expect(merge(base, mine, theirs)).toBe(both);
    expect(merge(base, theirs, mine)).toBe(both);
  });

  it.each([
    ["the same line", lines("abcXefgh"), lines("abcYefgh")],
    ["neighbours", lines("abcXefgh"), lines("abcdYfgh")],
    ["the same place", lines("abcdXefgh"), lines("abcdYefgh")],
    ["one removes what the other changes", lines("abfgh"), lines("abcXefgh")],
  ])("are not mixed if they touch: %s", (_what, mine, theirs) => {
    expect(merge(base, mine, theirs)).toBeUndefined();
  });
});
