import { join } from "node:path";
import { defineConfig } from "vitest/config";

// The tests of @authmodes/nestjs once more, with the NestJS that is installed here.
const conditions = ["@authmodes/source", "node"];
const here = join(import.meta.dirname, "node_modules");

export default defineConfig({
  root: join(import.meta.dirname, "../../packages/nestjs"),
  resolve: {
    conditions,
    alias: [
      { find: /^(@nestjs\/[\w-]+|axios|fastify|reflect-metadata|rxjs|ws)$/, replacement: `${here}/$1` },
    ],
  },
  ssr: { resolve: { conditions } },
  test: { include: ["src/**/*.test.ts"], testTimeout: 20_000 },
});
