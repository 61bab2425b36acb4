// Prints the links of the built site that lead to no page, no file or no place in a page. VitePress looks at pages alone.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const dist = fileURLToPath(new URL("dist/", import.meta.url));
const pages = readdirSync(dist, { recursive: true, encoding: "utf8" }).filter((path) =>
  path.endsWith(".html"),
);

/** @type {Map<string, { readonly ids: ReadonlySet<string>, readonly links: readonly string[] }>} */
const known = new Map();
for (const page of pages) {
  const html = readFileSync(dist + page, "utf8");
  const attributes = (/** @type {RegExp} */ pattern) =>
    [...html.matchAll(pattern)].map(([, value = ""]) => decodeURI(value.replaceAll("&amp;", "&")));
  known.set(`/${page}`, {
    ids: new Set(attributes(/ id="([^"]*)"/g)),
    links: attributes(/<a [^>]*?href="([^"]*)"/g),
  });
}

/**
 * @param {string} page
 * @param {string} link
 */
function isAlive(page, link) {
  if (/^[a-z]+:/.test(link)) return true;
  const { pathname, hash } = new URL(link, `http://site${page}`);
  const path = decodeURI(pathname).replace(/\/$/, "/index.html");
  const target = known.get(path) ?? known.get(`${path}.html`);
  if (target === undefined) return existsSync(dist + path.slice(1));
  return hash === "" || target.ids.has(decodeURIComponent(hash.slice(1)));
}

const dead = [...known].flatMap(([page, { links }]) =>
  [...new Set(links)].filter((link) => !isAlive(page, link)).map((link) => `${page} leads to ${link}`),
);
for (const line of dead) console.error(line);
console.log(`${known.size} pages, ${dead.length} dead links`);
process.exitCode = dead.length === 0 && known.size > 20 ? 0 : 1;
