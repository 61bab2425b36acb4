import { defineConfig } from "vitest/config";

// Packages are read from their sources: a test never sees a stale build.
const conditions = ["@authmodes/source", "node"];

export default defineConfig({
  // Vite takes graphql's ES modules, Node and the GraphQL servers its CommonJS: two copies refuse each other's schemas.
  resolve: { conditions, alias: [{ find: /^graphql$/, replacement: "graphql/index.js" }] },
  ssr: { resolve: { conditions } },
  test: {
    include: [
      "packages/*/src/**/*.test.ts",
      "apps/*/src/**/*.test.ts",
      "examples/**/*.test.ts",
      "scripts/**/*.test.ts",
    ],
    // By default one core is left idle: half of a small machine.
    maxWorkers: "100%",
    testTimeout: 20_000,
  },
});
