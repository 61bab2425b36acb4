import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { isForeign, textIfThere } from "../files.ts";
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
  /** The file of the user's own app, if there is one. */
  readonly app: string | undefined;
  /** Whether the routes of Next.js are in `src/app`. */
  readonly hasSourceApp: boolean;
}

const appFiles = ["app.ts", "app.js", "server.ts", "server.js"];

/** @throws UsageError if package.json is broken */
export async function readProject(io: Io): Promise<Project> {
  const text = await textIfThere("package.json", io);
  const data = asObject(parseJson(text ?? "{}"));
  if (data === undefined) {
    throw new UsageError(
      "package.json is not a JSON object; fix it first, or write a new one:\n  npm init -y",
    );
  }
  const all = { ...asObject(data["dependencies"]), ...asObject(data["devDependencies"]) };
  const packages = new Set(Object.keys(all));
  const areForeign = await Promise.all(appFiles.map((path) => isForeign(path, io)));
  const sourceApp = await stat(resolve(io.cwd(), "src/app")).catch(() => undefined);
  return {
    hasPackage: text !== undefined,
    framework: frameworkOf(packages),
    packages,
    isModule: data["type"] === "module",
    app: appFiles.find((_, index) => areForeign[index]),
    hasSourceApp: sourceApp?.isDirectory() === true,
  };
}
