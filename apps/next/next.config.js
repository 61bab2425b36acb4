import { fileURLToPath } from "node:url";

const repository = fileURLToPath(new URL("../..", import.meta.url));

const headers = [
  { key: "Cross-Origin-Opener-Policy", value: "same-origin" },
  { key: "Referrer-Policy", value: "same-origin" },
  { key: "X-Content-Type-Options", value: "nosniff" },
];

/** @type {import("next").NextConfig} */
export default {
  poweredByHeader: false,
  turbopack: { root: repository },
  outputFileTracingRoot: repository,
  // With a proxy.ts Next cuts bodies at this limit, which has to be above the 10 MiB that are verified.
  experimental: { proxyClientMaxBodySize: "11mb" },
  headers: async () => [{ source: "/:path*", headers }],
};
