import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitepress";
import { entryPoints } from "../../scripts/entry-points.js";
import { emptyHeaders, plainCode, repositoryLinks } from "./markdown.js";
import { addressOf, sections, sitePath } from "./pages.js";
import { slug } from "./slug.js";

const root = fileURLToPath(new URL("../../", import.meta.url));

const guides = sections.map(({ text, pages }) => ({
  text,
  items: pages.map(([path, title]) => ({ text: title, link: addressOf(path) })),
}));

const decisions = readdirSync(`${root}docs/decisions`)
  .filter((name) => /^\d/.test(name))
  .map((name) => ({
    text: /^# (.*)$/m.exec(readFileSync(`${root}docs/decisions/${name}`, "utf8"))?.[1]?.replaceAll("`", ""),
    link: addressOf(`docs/decisions/${name}`),
  }));

/**
 * A module with a namespace is a folder.
 * @param {string} name
 */
function referencePage(name) {
  const page = `docs/api/${name}.md`;
  return existsSync(root + page) ? page : `docs/api/${name}/index.md`;
}

const icon =
  "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'><rect width='32' height='32' rx='7' fill='%23215a45'/>" +
  "<path d='M9 17l5 5 9-12' fill='none' stroke='white' stroke-width='3.5' stroke-linecap='round' stroke-linejoin='round'/></svg>";

/** Most pages are outside of the folder that Vue is installed in. @type {import("vite").Plugin} */
const vueOfThisFolder = {
  name: "vue-of-this-folder",
  enforce: "pre",
  resolveId(id, _importer, { ssr }) {
    if (!/^vue(?:$|\/)/.test(id)) return undefined;
    return ssr ? { id, external: true } : this.resolve(id, `${root}docs/package.json`, { skipSelf: true });
  },
};

export default defineConfig({
  title: "authmodes",
  description: "Authentication and authorization for Node servers, in both directions",
  lang: "en",
  head: [["link", { rel: "icon", href: `data:image/svg+xml,${icon}` }]],
  srcDir: "..",
  srcExclude: ["{apps,bench,compat,e2e,examples,move,scripts}/**", "packages/*/*/**", "**/.*/**"],
  rewrites: sitePath,
  metaChunk: true,
  markdown: {
    anchor: { slugify: slug },
    theme: { light: "light-plus", dark: "github-dark-high-contrast" },
    languageAlias: { console: "shellsession" },
    config: (md) => void md.use(repositoryLinks(root)).use(emptyHeaders).use(plainCode),
  },
  vite: { plugins: [vueOfThisFolder] },
  themeConfig: {
    search: { provider: "local" },
    outline: [2, 3],
    nav: [
      { text: "Getting started", link: addressOf("docs/getting-started.md") },
      { text: "Modes", link: addressOf("docs/modes.md") },
      { text: "Rules", link: addressOf("docs/rules.md") },
      { text: "API", link: addressOf("docs/api/index.md"), activeMatch: "^/api/" },
    ],
    sidebar: {
      "/": guides,
      "/decisions/": [...guides, { text: "Decisions", items: decisions }],
      "/api/": [
        {
          text: "API reference",
          link: addressOf("docs/api/index.md"),
          items: entryPoints().map(({ name }) => ({ text: name, link: addressOf(referencePage(name)) })),
        },
      ],
    },
  },
});
