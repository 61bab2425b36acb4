import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { type FrameworkName, frameworkOf } from "../frameworks/frameworks.ts";
import { type Io, UsageError } from "../io.ts";
import { asObject, parseJson } from "../values.ts";

/** What a project says of itself. */
export interface Project {
  readonly hasPackage: boolean;
  readonly framework: FrameworkName | undefined;
  /** Names of what it depends on. */
  readonly packages: ReadonlySet<string>;
  /** Whether .js and .ts are ES modules. */
  readonly isModule: boolean;
}

/** @throws UsageError if package.json is broken */
export async function readProject(io: Io): Promise<Project> {
  const text = await readFile(resolve(io.cwd(), "package.json"), "utf8").catch(() => undefined);
  const data = asObject(parseJson(text ?? "{}"));
  if (data === undefined) throw new UsageError("package.json is no JSON; mend it first");
  const packages = new Set([...namesIn(data["dependencies"]), ...namesIn(data["devDependencies"])]);
  return {
    hasPackage: text !== undefined,
    framework: frameworkOf(packages),
    packages,
    isModule: data["type"] === "module",
  };
}

function namesIn(value: unknown): readonly string[] {
  return Object.keys(asObject(value) ?? {});
}
