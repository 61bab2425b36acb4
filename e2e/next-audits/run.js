// Builds and serves this app, asks it everything, and prints a line of JSON for each answer. A process of its own, for
// Next takes packages as they were built, and an auth and its errors have to be of one copy.

import { AsyncLocalStorage } from "node:async_hooks";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { audits } from "@authmodes/testing/audits";
import next from "next";
import { exceptions, inapplicable } from "./exceptions.js";

const dir = import.meta.dirname;
const bin = createRequire(import.meta.url).resolve("next/dist/bin/next");
/** @type {AsyncLocalStorage<import("@authmodes/testing/audits").AuditApp>} */
const audited = new AsyncLocalStorage();

Object.assign(process.env, { NODE_ENV: "production", NEXT_TELEMETRY_DISABLED: "1" });
Object.assign(globalThis, { audited });
build();
// @ts-expect-error -- how CommonJS is typed for ES modules
const app = next({ dev: false, dir });
await app.prepare();
const handle = app.getRequestHandler();

const suite = audits({ exceptions, serve });
for (const { id, run } of suite.audits.filter(({ id }) => !inapplicable.includes(id))) {
  const failure = await run().then(
    () => null,
    (/** @type {Error} */ error) => error.message,
  );
  console.log(JSON.stringify({ id, failure }));
}
await suite.close();
if (!process.argv.includes("--audits-only")) {
  const { measure } = await import("./measures.js");
  const { measureStudio } = await import("./studio.js");
  const studio = await measureStudio(serve);
  console.log(JSON.stringify({ measured: { ...(await measure(serve)), studio } }));
}
process.exit();

/**
 * All servers share one Next: the server that received a request tells which audit it is for.
 * @type {import("@authmodes/testing/audits").Serve}
 */
async function serve(about) {
  const server = createServer((request, response) => {
    audited.run(about, () => void handle(request, response));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  return {
    url: `http://127.0.0.1:${port}`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function build() {
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, "build"], {
    cwd: dir,
    encoding: "utf8",
  });
  if (status === 0) return;
  console.error(stdout + stderr);
  process.exit(1);
}
