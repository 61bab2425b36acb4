import { spawnSync } from "node:child_process";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { audience, issuer, kind, publicKey, serving } from "./setting.js";

// All contestants are routes of one Next app, which is built on request.

const require = createRequire(import.meta.url);
const dir = fileURLToPath(new URL("next", import.meta.url));

if (kind === "build") {
  const bin = require.resolve("next/dist/bin/next");
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, "build"], {
    cwd: dir,
    encoding: "utf8",
  });
  if (status !== 0) console.error(stdout + stderr);
  process.exit(status ?? 1);
}

// Bundled routes share nothing with this file but what is global.
Object.assign(globalThis, { benchSetting: { issuer, publicKey, audience } });
const app = require("next")({ dev: false, dir });
await app.prepare();
const handle = app.getRequestHandler();
const server = createServer((request, response) => void handle(request, response));
server.listen(0, "127.0.0.1", () => serving(server, `/${kind}`));
