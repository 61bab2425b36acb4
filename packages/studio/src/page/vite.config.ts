import react from "@vitejs/plugin-react";
import { defineConfig, type UserConfig } from "vite";

const config: UserConfig = defineConfig({
  // The page is mounted anywhere.
  base: "./",
  plugins: [react()],
  // Packages are read from their sources, as the tests do.
  resolve: { conditions: ["@authmodes/source", "module", "browser", "production"] },
  build: {
    outDir: "../../dist/page",
    emptyOutDir: true,
    // The policy of the page allows no data: addresses, nor a script within the page.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: "es2022",
    // React and graphql-js are in the bundle, and their licenses with them.
    license: { fileName: "licenses.md" },
  },
});

export default config;
