import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const packages = fileURLToPath(new URL("../packages/", import.meta.url));

/**
 * What users import: its name, such as `@authmodes/core/outbound`, the folder of its package, and its source's path.
 * @typedef {{ readonly name: string, readonly package: string, readonly file: string }} EntryPoint
 */

/**
 * The entry points of the published packages.
 * @returns {readonly EntryPoint[]}
 */
export function entryPoints() {
  return readdirSync(packages).flatMap((folder) => {
    /** @type {{ name: string, exports: Record<string, string | Record<string, string>> }} */
    const { name, exports } = JSON.parse(readFileSync(`${packages}${folder}/package.json`, "utf8"));
    return Object.entries(exports).flatMap(([path, target]) => {
      const source = typeof target === "string" ? undefined : target["@authmodes/source"];
      if (source === undefined) return [];
      return sourcesOf(folder, source.replace("./", "")).map((file) => ({
        name: nameOf(name, path, file),
        package: folder,
        file,
      }));
    });
  });
}

/**
 * Every file that a pattern matches.
 * @param {string} folder
 * @param {string} source
 */
function sourcesOf(folder, source) {
  const [before = "", after] = source.split("*");
  const inside = `${packages}${folder}/${before}`;
  if (after === undefined) return [inside];
  return readdirSync(inside)
    .filter((file) => file.endsWith(after) && !/\.test(?:-d)?\.ts$/.test(file))
    .map((file) => `${inside}${file}`);
}

/**
 * @param {string} name
 * @param {string} path
 * @param {string} file
 */
function nameOf(name, path, file) {
  const word = file.slice(file.lastIndexOf("/") + 1).replace(/\.ts$/, "");
  return name + path.slice(1).replace("*", word);
}
