import { readdir, readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";

const here = new URL(".", import.meta.url);
const readme = await readFile(new URL("../README.md", here), "utf8");
const frameworks = (await readdir(here)).filter(
  (name) => name.endsWith(".ts") && !name.includes(".test.") && name !== "outbound.ts",
);

describe("the README", () => {
  it.each(frameworks)("shows %s word for word, in 40 lines at most", async (name) => {
    const source = await readFile(new URL(name, here), "utf8");
    expect(readme).toContain(`\n\`\`\`ts\n${source}\`\`\`\n`);
    expect(source.trimEnd().split("\n").length).toBeLessThanOrEqual(40);
  });

  it("shows nothing else as an example", () => {
    const [, section = ""] = readme.split("## In every framework\n");
    expect(section.match(/^```ts$/gm)).toHaveLength(frameworks.length);
  });
});

it.each(["fastify", "koa", "nestjs", "next"])(
  "the README, and that of @authmodes/%s, name the oldest versions that it accepts",
  async (name) => {
    const folder = new URL(`../packages/${name}/`, here);
    const { peerDependencies } = JSON.parse(await readFile(new URL("package.json", folder), "utf8")) as {
      readonly peerDependencies: Readonly<Record<string, string>>;
    };
    const range = peerDependencies[name === "nestjs" ? "@nestjs/core" : name] ?? "";
    const oldest = range.match(/\d+\.\d+\.[1-9]\d*/g);
    expect(oldest).not.toBeNull();
    const own = await readFile(new URL("README.md", folder), "utf8");
    for (const version of oldest ?? []) {
      expect(readme).toContain(version);
      expect(own).toContain(version);
    }
  },
);

it("the README of @authmodes/nestjs prints what the Jest of a NestJS 11 project needs", async () => {
  const nestReadme = await readFile(new URL("../packages/nestjs/README.md", here), "utf8");
  const project = await readFile(new URL("../compat/nestjs-11/project/package.json", here), "utf8");
  const { jest } = JSON.parse(project) as { readonly jest: Readonly<Record<string, unknown>> };
  const { transformIgnorePatterns } = jest;
  const printed = JSON.stringify({ transformIgnorePatterns }, null, 2).replace(/^ {2}/gm, "").slice(2, -2);
  expect(nestReadme).toContain(`\`\`\`json\n${printed}\n\`\`\`\n`);
});
