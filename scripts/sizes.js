// `npm run check:sizes`: how much there is to read. Fails if a package grows over its limit, a source is longer than 300
// lines, or a folder holds fewer than three sources. Raising a limit takes a decision page.
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { styleText } from "node:util";

/** Lines of each package, and of what the sample apps share, without blanks, comments and tests. */
const limits = {
  "apps/shared": 2420,
  amplify: 1930,
  cli: 4920,
  core: 9935,
  express: 120,
  fastify: 160,
  graphql: 3310,
  "identity-pool": 850,
  keys: 2600,
  koa: 185,
  nestjs: 1330,
  next: 615,
  rules: 6400,
  studio: 4900,
  testing: 3100,
};
const maxSources = { core: 90, rules: 70, nestjs: 24 };
const longestSource = 300;
const fewestInFolder = 3;

/** @param {string} folder @returns {string[]} */
function sourcesIn(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === "test" ? [] : sourcesIn(path);
    return /\.tsx?$/.test(path) && !/(?:\.test|\.test-d|\.d)\.tsx?$/.test(path) ? [path] : [];
  });
}

/** The formatter puts every comment on lines of its own. @param {string} text */
function codeLines(text) {
  return text.split("\n").filter((line) => !/^\s*(?:$|\/\/|\/\*|\*)/.test(line)).length;
}

const troubles = [];
for (const [name, limit] of Object.entries(limits)) {
  const folder = name.startsWith("apps/") ? name : `packages/${name}`;
  const root = join(folder, "src");
  const sources = sourcesIn(root);
  for (const room of new Set(sources.map(dirname))) {
    const inside = sources.filter((source) => source.startsWith(`${room}/`));
    if (room === root || inside.length >= fewestInFolder) continue;
    troubles.push(`${room} has ${inside.length} sources; a folder has at least ${fewestInFolder}`);
  }
  let lines = 0;
  for (const source of sources) {
    const text = readFileSync(source, "utf8");
    lines += codeLines(text);
    const all = text.split("\n").length - 1;
    if (all > longestSource)
      troubles.push(`${source} has ${all} lines; a source has at most ${longestSource}`);
  }
  const most = maxSources[/** @type {keyof typeof maxSources} */ (name)] ?? Infinity;
  if (lines > limit) troubles.push(`${folder} has ${lines} lines; its limit is ${limit}`);
  if (sources.length > most) troubles.push(`${folder} has ${sources.length} sources; at most ${most}`);
  console.log(
    `${name.padEnd(13)} ${String(lines).padStart(6)} of ${String(limit).padStart(5)} lines in ${String(sources.length).padStart(3)} sources`,
  );
}
for (const trouble of troubles) console.error(styleText("red", trouble));
process.exitCode = troubles.length === 0 ? 0 : 1;
