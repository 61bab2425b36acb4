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
  // Where there is a proxy.ts Next cuts bodies over its limit: it has to be above what is verified, 10 MiB.
  experimental: { proxyClientMaxBodySize: "11mb" },
  headers: async () => [{ source: "/:path*", headers }],
};
