import { fileURLToPath } from "node:url";
import type { NextConfig } from "next";

const repository = fileURLToPath(new URL("../..", import.meta.url));

export default {
  turbopack: { root: repository },
  outputFileTracingRoot: repository,
  // Above the 10 MiB that the audits verify.
  experimental: { proxyClientMaxBodySize: "11mb", useCache: true },
  headers: async () => [{ source: "/:path*", headers: [{ key: "Access-Control-Allow-Origin", value: "*" }] }],
} satisfies NextConfig;
