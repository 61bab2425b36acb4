import { fileURLToPath } from "node:url";
import type { NextConfig } from "next";

const repository = fileURLToPath(new URL("../../..", import.meta.url));

export default { turbopack: { root: repository }, outputFileTracingRoot: repository } satisfies NextConfig;
