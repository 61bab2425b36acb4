// What the examples of docstrings may use without declaring it, by the path of the source that they are in.

const type = (name: string, of: string, from: string) => `declare const ${name}: import("${from}").${of};`;

const everywhere = {
  auth: type("auth", "Auth", "@authmodes/core"),
  identity: type("identity", "Identity", "@authmodes/core"),
  view: type("view", "RequestView", "@authmodes/core"),
  policy: type("policy", "Policy", "@authmodes/rules"),
  socket: type("socket", "WebSocket", "ws"),
};

const byPath: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
  [
    "packages/core/",
    {
      request: type("request", "IncomingMessage", "node:http"),
      response: type("response", "ServerResponse", "node:http"),
    },
  ],
  ["packages/core/src/auth/mcp.ts", { app: type("app", "Express", "express") }],
  [
    "packages/express/",
    {
      app: type("app", "Express", "express"),
      request: type("request", "Request", "express"),
      response: type("response", "Response", "express"),
    },
  ],
  ["packages/core/src/request/state.ts", { response: "declare const response: Response;" }],
  ["packages/fastify/", { app: type("app", "FastifyInstance", "fastify") }],
  ["packages/koa/", { app: 'declare const app: import("koa").default;' }],
  ["packages/nestjs/", { app: type("app", "INestApplication", "@nestjs/common") }],
  ["packages/graphql/", { schema: type("schema", "GraphQLSchema", "graphql") }],
  [
    "packages/identity-pool/",
    {
      app: type("app", "Express", "express"),
      pool: type("pool", "IdentityPool", "@authmodes/identity-pool"),
    },
  ],
  ["packages/studio/", { app: type("app", "Express", "express") }],
  ["packages/testing/", { kit: type("kit", "TestKit", "@authmodes/testing") }],
  [
    "packages/rules/",
    {
      condition: type("condition", "Condition", "@authmodes/core"),
      alice: type("alice", "Identity", "@authmodes/core"),
      bob: type("bob", "Identity", "@authmodes/core"),
      pool: type("pool", "Pool", "pg"),
    },
  ],
  [
    "packages/rules/src/targets/drizzle.ts",
    {
      db: type("db", "PgDatabase<import('drizzle-orm/pg-core').PgQueryResultHKT>", "drizzle-orm/pg-core"),
      orders:
        'const { pgTable, text } = await import("drizzle-orm/pg-core"); const orders = pgTable("orders", { status: text() });',
    },
  ],
  [
    "packages/rules/src/targets/dynamodb.ts",
    {
      // Of the document client, `@aws-sdk/lib-dynamodb`.
      client: "declare const client: { send(command: ScanCommand): Promise<unknown> };",
      ScanCommand:
        "declare class ScanCommand { constructor(input: { TableName: string; ExpressionAttributeValues?: Record<string, unknown> }); }",
    },
  ],
  [
    "packages/rules/src/targets/mongo.ts",
    { orders: "declare const orders: { find(filter: object): { toArray(): Promise<unknown[]> } };" },
  ],
  [
    "packages/rules/src/targets/prisma.ts",
    {
      prisma: "declare const prisma: { order: { findMany(query: { where: object }): Promise<unknown[]> } };",
    },
  ],
];

/** The declarations by name. */
export function namesFor(path: string): ReadonlyMap<string, string> {
  const own = byPath.filter(([start]) => path.startsWith(start)).map(([, names]) => names);
  return new Map([everywhere, ...own].flatMap((names) => Object.entries(names)));
}
