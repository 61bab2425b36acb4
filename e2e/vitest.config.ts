import { defineConfig } from "vitest/config";

// As in the root's configuration: packages are read from their sources.
const conditions = ["@authmodes/source", "node"];

export default defineConfig({
  root: import.meta.dirname,
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: ["*.test.ts"],
    globalSetup: "support/global-setup.ts",
    // Every file drives processes of its own: with more than two at once those of a small machine would be late.
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // What clients and servers say about Node 20, on which this project's packages run too.
    env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true" },
    onConsoleLog: (text) => !text.startsWith("oidc-provider "),
  },
});
