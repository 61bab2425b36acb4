import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { type Io, UsageError } from "../io.ts";
import { asObject, parseJson } from "../json.ts";

export const frameworks = ["express", "koa", "nestjs", "next"] as const;
export type Framework = (typeof frameworks)[number];

/** What a project says of itself. */
export interface Project {
  readonly hasPackage: boolean;
  readonly framework: Framework | undefined;
  /** Names of what it depends on. */
  readonly packages: ReadonlySet<string>;
  /** Whether .js and .ts are ES modules. */
  readonly isModule: boolean;
}

const marks: readonly (readonly [name: string, framework: Framework])[] = [
  ["next", "next"],
  ["@nestjs/core", "nestjs"],
  ["koa", "koa"],
  ["express", "express"],
];

/** @throws UsageError where package.json is broken */
export async function readProject(io: Io): Promise<Project> {
  const text = await readFile(resolve(io.cwd(), "package.json"), "utf8").catch(() => undefined);
  const data = asObject(parseJson(text ?? "{}"));
  if (data === undefined) throw new UsageError("package.json is no JSON; mend it first");
  const packages = new Set([...namesIn(data["dependencies"]), ...namesIn(data["devDependencies"])]);
  return {
    hasPackage: text !== undefined,
    framework: marks.find(([name]) => packages.has(name))?.[1],
    packages,
    isModule: data["type"] === "module",
  };
}

function namesIn(value: unknown): readonly string[] {
  return Object.keys(asObject(value) ?? {});
}
