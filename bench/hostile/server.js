// A server of `node:http` with one auth: `node server.js iam <key as JWK>`. Tells the parent how long it has worked.
import { nodeView } from "@authmodes/core";
import { createServer } from "node:http";
import { makeAuths } from "./auths.js";

const [name = "", jwk = "{}"] = process.argv.slice(2);
/** @type {Record<string, () => import("@authmodes/core").Auth>} */
const auths = makeAuths(JSON.parse(jwk));
const auth = auths[name]();
auth.onEvent(() => {});
await auth.ready();

/** Microseconds that each verification kept the event loop. @type {number[]} */
const blocks = [];

const server = createServer(async (request, response) => {
  void request.headers; // Node makes them ready when they are first asked for
  const start = performance.now();
  const reason = await auth.authenticate(nodeView(request)).then(
    () => "accepted",
    (error) => error.reason,
  );
  blocks.push((performance.now() - start) * 1000);
  response.writeHead(200, { "x-reason": reason }).end();
});
server.listen(0, "127.0.0.1", () => process.send?.(Object(server.address()).port));

process.on("message", (what) => {
  const { user, system } = process.cpuUsage();
  process.send?.(what === "blocks" ? blocks : user + system);
});
