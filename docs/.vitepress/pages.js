// The pages of the site in the order of its sidebar, by their paths in the repository. A test compares the list with the
// files. `docs/decisions` and the API reference list themselves.

/** @typedef {readonly [path: string, title: string]} PageEntry */

/** @type {readonly { readonly text: string, readonly pages: readonly PageEntry[] }[]} */
export const sections = [
  {
    text: "Start",
    pages: [
      ["README.md", "Overview"],
      ["docs/getting-started.md", "Getting started"],
      ["docs/getting-started/express.md", "… with Express"],
      ["docs/getting-started/koa.md", "… with Koa"],
      ["docs/getting-started/nestjs.md", "… with NestJS"],
      ["docs/getting-started/nextjs.md", "… with Next.js"],
      ["docs/getting-started/fastify.md", "… with Fastify"],
      ["docs/getting-started/hono.md", "… with Hono"],
      ["docs/frameworks.md", "One shop in every framework"],
    ],
  },
  {
    text: "Verify requests",
    pages: [
      ["docs/modes.md", "Modes"],
      ["docs/identity-providers.md", "Identity providers"],
      ["docs/guides/api-keys.md", "API keys and access keys"],
      ["docs/guides/usage-plans.md", "Usage plans"],
      ["docs/guides/several-issuers.md", "Several issuers and tenants"],
      ["docs/guides/identity-pool.md", "An identity pool of your own"],
      ["docs/guides/mcp.md", "MCP servers"],
      ["docs/guides/own-mode.md", "A mode of your own"],
      ["docs/guides/nextjs-cookies.md", "Cookies in Next.js"],
      ["docs/guides/one-mode-decides.md", "Why one mode decides alone"],
    ],
  },
  {
    text: "Decide by rules",
    pages: [
      ["docs/rules.md", "Rules"],
      ["docs/guides/rules-on-a-route.md", "Rules on a route"],
      ["docs/guides/rules-with-a-database.md", "Rules with a database"],
      ["docs/guides/rules-in-graphql.md", "Rules in GraphQL"],
      ["docs/guides/subscriptions.md", "Subscriptions for Amplify's clients"],
      ["docs/studio.md", "Studio"],
    ],
  },
  {
    text: "Call and run",
    pages: [
      ["docs/calling-other-services.md", "Calling other services"],
      ["docs/guides/cors.md", "CORS"],
      ["docs/guides/proxies.md", "Behind a proxy"],
      ["docs/guides/aws-lambda.md", "In AWS Lambda"],
      ["docs/guides/logs-and-traces.md", "Logs and traces"],
      ["docs/guides/testing.md", "Testing your own app"],
      ["docs/scaling.md", "Many instances"],
      ["docs/guides/shutting-down.md", "Shutting down"],
      ["docs/reference/errors.md", "Errors"],
    ],
  },
  {
    text: "Coming from",
    pages: [
      ["docs/coming-from/express-jwt.md", "express-jwt, koa-jwt"],
      ["docs/coming-from/passport.md", "Passport"],
      ["docs/coming-from/token-verifiers.md", "Token verifiers"],
      ["docs/coming-from/api-gateway.md", "API Gateway"],
      ["docs/coming-from/appsync.md", "AppSync"],
      ["docs/migrating.md", "Amplify"],
      ["docs/coming-from-auth.md", "@auth in Amplify"],
    ],
  },
  {
    text: "Packages",
    pages: [
      ["packages/core/README.md", "core"],
      ["packages/express/README.md", "express"],
      ["packages/koa/README.md", "koa"],
      ["packages/nestjs/README.md", "nestjs"],
      ["packages/next/README.md", "next"],
      ["packages/fastify/README.md", "fastify"],
      ["packages/rules/README.md", "rules"],
      ["packages/graphql/README.md", "graphql"],
      ["packages/studio/README.md", "studio"],
      ["packages/identity-pool/README.md", "identity-pool"],
      ["packages/amplify/README.md", "amplify"],
      ["packages/keys/README.md", "keys"],
      ["packages/testing/README.md", "testing"],
      ["packages/cli/README.md", "Command line"],
    ],
  },
  {
    text: "Project",
    pages: [
      ["docs/audits.md", "Audits"],
      ["docs/bench.md", "Bench"],
      ["docs/tour.md", "A tour of the code"],
      ["SECURITY.md", "Security"],
      ["CONTRIBUTING.md", "Contributing"],
      ["CHANGELOG.md", "Changelog"],
      ["docs/decisions/README.md", "Decisions"],
    ],
  },
];

/**
 * The site's path of a page of the repository, such as `rules.md` for `docs/rules.md`.
 * @param {string} path
 */
export function sitePath(path) {
  return path
    .replace(/^docs\//, "")
    .replace(/^(packages\/[^/]+)\/README\.md$/, "$1.md")
    .replace(/(^|\/)README\.md$/, "$1index.md")
    .replace(/^[A-Z]+\.md$/, (name) => name.toLowerCase());
}

/**
 * The address of a page on the site.
 * @param {string} path
 */
export function addressOf(path) {
  return `/${sitePath(path)
    .replace(/\.md$/, "")
    .replace(/(^|\/)index$/, "$1")}`;
}
