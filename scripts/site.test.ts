import { describe, expect, it } from "vitest";
import { slug } from "../docs/.vitepress/slug.js";
import { addressOf, sections } from "../docs/.vitepress/pages.js";
import { pages } from "./blocks.ts";

const listed = sections.flatMap(({ pages }) => pages.map(([path]) => path));
const existing = pages().map(({ path }) => path);

describe("the sidebar of the site", () => {
  it("lists every page once", () => {
    expect(listed.toSorted()).toEqual(
      existing.filter((path) => !/^docs\/decisions\/\d/.test(path)).toSorted(),
    );
  });

  it.each([
    ["README.md", "/"],
    ["docs/rules.md", "/rules"],
    ["docs/decisions/README.md", "/decisions/"],
    ["packages/core/README.md", "/packages/core"],
    ["SECURITY.md", "/security"],
  ])("gives %s the address %s", (path, address) => expect(addressOf(path)).toBe(address));

  it("gives two pages no address in common", () => {
    expect(new Set(existing.map(addressOf)).size).toBe(existing.length);
  });
});

it.each([
  ["What `fromAmplify` reads: a file's modes", "what-fromamplify-reads-a-files-modes"],
  ["A – b", "a--b"],
])("the anchor of %s is %s, as forges make it", (heading, anchor) => expect(slug(heading)).toBe(anchor));
