import { stripsTypes } from "../load/module.ts";
import { commandLine } from "../shell.ts";
import type { Framework } from "./framework.ts";
import type { Plan } from "../project/plan.ts";

/** For a framework whose app listens by itself: an app and a server beside `auth.ts`, started by node. */
export function ownServer(
  appCode: (plan: Plan) => string,
): Pick<Framework, "runsOnNode" | "folder" | "schema" | "files" | "start"> {
  return {
    runsOnNode: true,
    folder: "",
    schema: 'new URL("./schema.graphql", import.meta.url)',
    files: (plan) => [
      { path: `app.${plan.extension}`, text: appCode(plan) },
      { path: `server.${plan.extension}`, text: serverCode(plan) },
    ],
    start({ extension }, envFile) {
      const runner = extension === "js" || stripsTypes() ? ["node"] : ["npx", "tsx"];
      const env = envFile === undefined ? [] : [`--env-file=${envFile}`];
      return { what: "Start it", commands: [commandLine([...runner, ...env, `server.${extension}`])] };
    },
  };
}

function serverCode({ extension }: Plan): string {
  return `import { app } from "./app.${extension}";

const port = Number(process.env["PORT"] ?? 4000);
const server = app.listen(port, "127.0.0.1", () => console.log(\`http://127.0.0.1:\${port}\`));

/** Accepts no connection any more, and lets the requests in flight finish, for ten seconds at most. */
function stop() {
  server.close(() => process.exit());
  setTimeout(() => server.closeAllConnections(), 10_000).unref();
}
process.once("SIGINT", stop).once("SIGTERM", stop);
`;
}

/** Of the sample's records. */
export function pathOf({ model }: Plan): string {
  return `${model.toLowerCase()}s`;
}

export function recordsCode(plan: Plan): string {
  return `/** Stands for your database. */\nconst ${pathOf(plan)} = [{ id: "1", text: "the first" }];\n`;
}
