import { readdir, readFile } from "node:fs/promises";
import { createPolicy } from "@authmodes/rules";
import { parseSchema } from "@authmodes/rules/sdl";
import { describe, expect, it } from "vitest";

// A schema that people copy has no warning that is not explained beside it: `# public-api-key: …`.

const root = new URL("../", import.meta.url);
const folders = [
  "",
  "apps/shared/",
  "docs/",
  "docs/getting-started/",
  "docs/guides/",
  "examples/",
  "packages/rules/src/sdl/",
];
const names = (await Promise.all(folders.map(filesIn))).flat();

async function filesIn(folder: string): Promise<readonly string[]> {
  const files = await readdir(new URL(folder, root));
  return files.filter((name) => /(?<!\.test)\.(?:graphql|md|ts)$/.test(name)).map((name) => folder + name);
}

/** Whole files of SDL, and SDL in blocks of documents and in template strings. */
function schemasIn(name: string, text: string): readonly string[] {
  if (name.endsWith(".graphql")) return [text];
  const blocks = [...text.matchAll(/```graphql\n(.*?)```|= `([^`]*@model[^`]*)`/gs)];
  return blocks.map(([, block, template]) => block ?? template ?? "").filter((sdl) => sdl.includes("@auth"));
}

const schemas = await Promise.all(
  names.map(async (name) => schemasIn(name, await readFile(new URL(name, root), "utf8"))),
);
const samples = names.flatMap((name, i) => (schemas[i] ?? []).map((sdl) => ({ name, sdl })));

/** The lines of a type with its fields; the whole schema for what is about no single type. */
function place(sdl: string, model: string | undefined): string {
  return model === undefined ? sdl : (new RegExp(`^type ${model}\\b.*?^}`, "ms").exec(sdl)?.[0] ?? "");
}

describe("the samples", () => {
  it("are found", () => {
    const found = new Set(samples.map(({ name }) => name));
    for (const name of ["docs/frameworks.md", "apps/shared/schema.graphql", "examples/express.ts"]) {
      expect([...found]).toContain(name);
    }
    expect(samples.length).toBeGreaterThanOrEqual(12);
  });

  it.each(samples)("$name has no warning that is not explained beside it", ({ sdl }) => {
    const { warnings } = createPolicy(parseSchema(sdl));
    const unexplained = warnings.filter(({ code, model }) => !place(sdl, model).includes(`# ${code}: `));
    expect(unexplained).toEqual([]);
  });
});
