import { readdir, readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";

const here = new URL(".", import.meta.url);
const page = await readFile(new URL("../docs/frameworks.md", here), "utf8");
const servers = (await readdir(here)).filter(
  (name) => name.endsWith(".ts") && !name.includes(".test.") && name !== "outbound.ts",
);

describe("docs/frameworks.md", () => {
  it.each(servers)("shows %s word for word, in 45 lines at most", async (name) => {
    const source = await readFile(new URL(name, here), "utf8");
    expect(page).toContain(`\n\`\`\`ts\n${source}\`\`\`\n`);
    expect(source.trimEnd().split("\n").length).toBeLessThanOrEqual(45);
  });

  it("shows no other server", () => {
    expect(page.match(/^```ts$/gm)).toHaveLength(servers.length);
  });
});
