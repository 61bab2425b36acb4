import type { Framework } from "./framework.ts";

export const next: Framework = {
  dependency: "next",
  packages: [],
  runsOnNode: false,
  folder: "lib/",
  // Next puts modules elsewhere when it builds; it runs in the folder of the app.
  schema: '"schema.graphql"',
  files: ({ extension }) => [{ path: `app/whoami/route.${extension}`, text: routeCode }],
  start: () => ({ what: "Start it", commands: ["npx next dev -p 4000"] }),
};

const routeCode = `import { createNextAuth } from "@authmodes/next";
import { auth } from "../../lib/auth";

const { withAuth } = createNextAuth(auth);

export const GET = withAuth((_request, _context, { identity }) =>
  Response.json({ mode: identity.mode, id: identity.id }),
);
`;
