import type { Plan } from "../project/plan.ts";
import type { Framework } from "./framework.ts";

export const next: Framework = {
  dependency: "next",
  runsOnNode: false,
  folder: (plan) => `${sources(plan)}lib/`,
  importEnd: () => "",
  files: (plan) => [{ path: `${sources(plan)}app/whoami/route.${plan.extension}`, text: routeCode }],
  start: () => [{ what: "Start it", lines: ["npx next dev -p 4000"] }],
};

/** Next.js ignores `src/app` if there is an `app` beside it. */
function sources({ project }: Plan): "" | "src/" {
  return project.hasSourceApp ? "src/" : "";
}

const routeCode = `import { createNextAuth } from "@authmodes/next";
import { auth } from "../../lib/auth";

const { withAuth } = createNextAuth(auth);

export const GET = withAuth((_request, _context, { identity }) =>
  Response.json({ mode: identity.mode, id: identity.id }),
);
`;
