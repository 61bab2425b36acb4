// `npm run check:words`: how the comments and docs read. Fails if words that hide who acts are frequent, in the whole of what
// people read or in one part of it. `node scripts/words.js <folder or file>…` prints each place.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { styleText } from "node:util";
import { files, root } from "./files.js";

/** At most this often per 1,000 words. */
const limits = [
  {
    name: "nobody, somebody, whoever, …",
    pattern: /\b(?:nobody|somebody|whoever|everybody|anybody|whom|mend(?:s|ed|ing)?|anew)\b/gi,
    most: 0.3,
  },
  { name: "where", pattern: /\bwhere\b/gi, most: 2.5 },
];

/** A string stays whole, so that "https://…" starts no comment. */
const stringOrComment =
  /"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`|\/\*[\s\S]*?\*\/|\/\/[^\n]*/g;

/** What people read in a file, with as many lines as the file has. @param {string} path */
function prose(path) {
  const text = readFileSync(join(root, path), "utf8");
  /** @param {string} part */
  const blank = (part) => part.replaceAll(/[^\n]/g, " ");
  if (path.endsWith(".md"))
    return text.replaceAll(/^ *```[\s\S]*?^ *```$/gm, blank).replaceAll(/`[^`\n]*`/g, blank);
  let out = "";
  let end = 0;
  for (const { 0: found, index } of text.matchAll(stringOrComment)) {
    out +=
      blank(text.slice(end, index)) +
      (found.startsWith("/") ? found.replaceAll(/`[^`\n]*`/g, blank) : blank(found));
    end = index + found.length;
  }
  return out + blank(text.slice(end));
}

const asked = process.argv.slice(2);
const read = files().filter(
  (path) =>
    /\.(?:ts|tsx|js|mjs|cjs|md)$/.test(path) &&
    (asked.length === 0 || asked.some((part) => path === part || path.startsWith(`${part}/`))),
);

/** @type {Map<string, string[]>} */
const parts = new Map();
for (const path of read) {
  const [first = "", second = ""] = path.split("/");
  const part =
    first === "packages" || first === "apps" ? `${first}/${second}` : path.includes("/") ? first : "root";
  parts.set(part, [...(parts.get(part) ?? []), path]);
}

/** @param {string} name @param {readonly string[]} texts */
function measured(name, texts) {
  const words = texts.reduce(
    (sum, text) => sum + (text.match(/[\p{L}\p{N}][\p{L}\p{N}'’-]*/gu)?.length ?? 0),
    0,
  );
  const rates = limits.map(({ pattern, most }) => {
    const found = texts.reduce((sum, text) => sum + (text.match(pattern)?.length ?? 0), 0);
    const rate = (found * 1000) / Math.max(words, 1);
    // One word in a short text says nothing.
    return { found, rate, isOver: rate > most && found > 1 };
  });
  const isOver = rates.some((rate) => rate.isOver);
  const columns = rates.map(({ found, rate }) => `${rate.toFixed(2).padStart(8)} (${found})`.padEnd(15));
  const line = `${name.padEnd(20)} ${String(words).padStart(7)} words ${columns.join("")}`;
  console.log(isOver ? styleText("red", line) : line);
  return isOver;
}

/** @type {string[]} */
const all = [];
let isOver = false;
for (const [part, paths] of parts) {
  const texts = paths.map(prose);
  all.push(...texts);
  if (measured(part, texts)) isOver = true;
  if (asked.length === 0) continue;
  for (const [i, path] of paths.entries()) {
    for (const [n, line] of (texts[i] ?? "").split("\n").entries()) {
      if (limits.some(({ pattern }) => line.search(pattern) >= 0))
        console.log(`  ${path}:${n + 1}: ${line.trim()}`);
    }
  }
}
if (measured("everything", all)) isOver = true;
if (isOver) {
  console.error(`At most ${limits.map(({ name, most }) => `${most} per 1,000 words of ${name}`).join("; ")}`);
}
process.exitCode = isOver ? 1 : 0;
