import { readFile } from "node:fs/promises";
import { expect, it } from "vitest";

const here = new URL(".", import.meta.url);
const readme = await readFile(new URL("../README.md", here), "utf8");

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
