import { defineConfig } from "vitest/config";

// As in the root's configuration: packages are read from their sources.
const conditions = ["@authmodes/source", "node"];

export default defineConfig({
  root: import.meta.dirname,
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: ["*.test.ts"],
    // The summary is what one runs this for: as it is, without the name of the test before each line.
    disableConsoleIntercept: true,
    testTimeout: 30 * 60_000,
  },
});
