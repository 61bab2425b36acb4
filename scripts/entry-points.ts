import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const packages = fileURLToPath(new URL("../packages/", import.meta.url));

export interface EntryPoint {
  /** What users import, such as `@authmodes/core/outbound`. */
  readonly name: string;
  readonly package: string;
  /** The absolute path of its source. */
  readonly file: string;
}

/** The entry points of the published packages. */
export function entryPoints(): readonly EntryPoint[] {
  return readdirSync(packages).flatMap((folder) => {
    const { name, exports } = JSON.parse(readFileSync(`${packages}${folder}/package.json`, "utf8")) as {
      readonly name: string;
      readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
    };
    return Object.entries(exports).flatMap(([path, target]) => {
      const source = typeof target === "string" ? undefined : target["@authmodes/source"];
      return source === undefined
        ? []
        : sourcesOf(folder, source).map((file) => ({
            name: nameOf(name, path, file),
            package: folder,
            file,
          }));
    });
  });
}

/** Every file that a pattern matches. */
function sourcesOf(folder: string, source: string): readonly string[] {
  const [before = "", after] = source.split("*");
  if (after === undefined) return [`${packages}${folder}/${source.replace("./", "")}`];
  const inside = `${packages}${folder}/${before.replace("./", "")}`;
  return readdirSync(inside)
    .filter((file) => file.endsWith(after) && !/\.test(?:-d)?\.ts$/.test(file))
    .map((file) => `${inside}${file}`);
}

function nameOf(name: string, path: string, file: string): string {
  const word = file.slice(file.lastIndexOf("/") + 1).replace(/\.ts$/, "");
  return name + path.slice(1).replace("*", word);
}
