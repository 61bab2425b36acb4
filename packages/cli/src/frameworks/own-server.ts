import { commandLine } from "../shell.ts";
import type { Plan } from "../project/plan.ts";
import type { Framework } from "./framework.ts";

interface OwnServer {
  /** Of this project: `@authmodes/<adapter>`. */
  readonly adapter: string;
  /** What guards an app, imported from the adapter. */
  readonly guards: string;
  /** The lines that guard an app of the user's own with them. */
  readonly guardLines: readonly string[];
  /** The framework's own. */
  readonly imports: readonly string[];
  /** The code of an app with two routes, of which one lists the records of the model. */
  readonly appCode: (records: string, model: string) => string;
  /** What `server.ts` does with `app` and `port`. */
  readonly server?: ServerCode;
}

interface ServerCode {
  readonly start: string;
  readonly close: string;
  readonly httpServer: string;
}

/** Answers an error such as a port that is taken. */
export const failedCode = `({ message }) => {
  console.error(\`\${message}. For another port, write PORT=4001 before the command.\`);
  process.exit(1);
}`;

const nodeServer: ServerCode = {
  start: `const server = app.listen(port, "127.0.0.1");
server.once("listening", () => console.log(\`http://127.0.0.1:\${port}\`));
server.once("error", ${failedCode});`,
  close: "server.close(() => process.exit())",
  httpServer: "server",
};

/** For a framework whose app listens by itself: an app and a server beside `auth.ts`, started by node. */
export function ownServer(
  own: OwnServer,
): Pick<Framework, "runsOnNode" | "folder" | "importEnd" | "files" | "start"> {
  const { adapter, guards, guardLines, server = nodeServer } = own;
  return {
    runsOnNode: true,
    folder: () => "",
    importEnd: () => ".js",
    files: (plan) =>
      plan.project.app === undefined
        ? [
            { path: `app.${plan.extension}`, text: appCode(own, plan) },
            { path: `server.${plan.extension}`, text: serverCode(server) },
          ]
        : [],
    start({ extension, project: { app } }, envFile) {
      const file = app ?? `server.${extension}`;
      const runner = file.endsWith("ts") ? ["npx", "tsx"] : ["node"];
      const env = envFile === undefined ? [] : [`--env-file=${envFile}`];
      const start = { what: "Start it", lines: [commandLine([...runner, ...env, file])] };
      const lines = [`import { ${guards} } from "@authmodes/${adapter}";`, importAuth, ...guardLines];
      return app === undefined ? [start] : [{ what: `Add to ${app}`, lines }, start];
    },
  };
}

const importAuth = 'import { auth } from "./auth.js";';

function appCode({ adapter, guards, imports, appCode: code }: OwnServer, { model }: Plan): string {
  const records = `${model.toLowerCase()}s`;
  return `import { ${guards}, createAllow, getAccess, getIdentity } from "@authmodes/${adapter}";
import { matches } from "@authmodes/rules";
${imports.join("\n")}
${importAuth}

const allow = createAllow(auth);

/** Stands for your database. */
const ${records} = [{ id: "1", text: "the first" }];

${code(records, model)}`;
}

function serverCode({ start, close, httpServer }: ServerCode): string {
  return `import { app } from "./app.js";

const port = Number(process.env["PORT"] ?? 4000);
${start}

/** Stops accepting connections and lets the requests in flight finish, for at most ten seconds. */
function stop() {
  ${close};
  setTimeout(() => ${httpServer}.closeAllConnections(), 10_000).unref();
}
process.once("SIGINT", stop).once("SIGTERM", stop);
`;
}
