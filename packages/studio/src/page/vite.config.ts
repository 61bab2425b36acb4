import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin, type UserConfig } from "vite";

/** Writes `.br` and `.gz` beside each file, so that the server compresses nothing itself. */
const compressed: Plugin = {
  name: "compressed",
  async writeBundle({ dir = "" }, bundle) {
    const names = Object.keys(bundle).filter((name) => /\.(?:js|css|html)$/.test(name));
    await Promise.all(
      names.map(async (name) => {
        const bytes = await readFile(join(dir, name));
        await writeFile(join(dir, `${name}.br`), brotliCompressSync(bytes));
        await writeFile(join(dir, `${name}.gz`), gzipSync(bytes, { level: 9 }));
      }),
    );
  },
};

/** Puts the style sheet before the scripts: the frame of the page is drawn while these load. */
const stylesFirst: Plugin = {
  name: "styles-first",
  transformIndexHtml: {
    order: "post",
    handler: (html) => {
      const [link = ""] = /^ *<link rel="stylesheet".*\n/m.exec(html) ?? [];
      return html.replace(link, "").replace(/^ *<script /m, `${link}$&`);
    },
  },
};

const config: UserConfig = defineConfig({
  // The page is mounted anywhere.
  base: "./",
  plugins: [react(), stylesFirst, compressed],
  // Packages are read from their sources, as the tests do.
  resolve: { conditions: ["@authmodes/source", "module", "browser", "production"] },
  build: {
    outDir: "../../dist/page",
    emptyOutDir: true,
    // The content security policy of the page allows neither data: addresses nor inline scripts.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: "es2022",
    // The bundle contains React, graphql-js and CodeMirror, so their licenses are published with it.
    license: { fileName: "licenses.md" },
  },
});

export default config;
