import { fileURLToPath } from "node:url";

const repository = fileURLToPath(new URL("../..", import.meta.url));

/** @type {import("next").NextConfig} */
export default {
  basePath: "/shop",
  turbopack: { root: repository },
  outputFileTracingRoot: repository,
  rewrites: async () => [
    { source: "/v1/:path*", destination: "/:path*" },
    { source: "/items/:id", destination: "/whoami" },
  ],
};
