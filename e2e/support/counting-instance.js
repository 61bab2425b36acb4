// One of several instances of a server that share a store. It prints its port once it listens.
import { createServer } from "node:http";
import { apiKey, createAuth, iam, nodeView, oidc } from "@authmodes/core";
import { createReplayStore, createUsage, openKeys, openRevocations, openStore } from "@authmodes/keys";

const { STORE = "", ISSUER = "", QUOTA = "1" } = process.env;
const store = await openStore(STORE);
const keys = await openKeys(store);
const revocations = await openRevocations(store);
const machine = {
  secretAccessKey: "s".repeat(40),
  accountId: "123456789012",
  userArn: "arn:aws:iam::123456789012:user/ci",
};
const modes = [
  apiKey({ keys: keys.find }),
  iam({ region: "eu-west-1", credentials: () => machine, replay: createReplayStore(store) }),
  oidc({ issuer: ISSUER, audience: "shop", jwksUri: `${ISSUER}/jwks` }),
];

/** @param {"reject" | "allow"} ifStoreFails */
function authWith(ifStoreFails) {
  const usage = createUsage(store, {
    plans: {
      small: { quota: { limit: Number(QUOTA), period: "month" } },
      open: { quota: { limit: Number(QUOTA), period: "month" } },
      large: { rate: 1e6, burst: 1e6, quota: { limit: 1e9, period: "month" } },
    },
    plan: (caller) =>
      caller.mode === "apiKey" ? (keys.get(caller.id ?? "")?.metadata["plan"] ?? null) : null,
    ifStoreFails,
  });
  const auth = createAuth(modes, { usage, revoked: revocations.isRevoked });
  auth.onEvent(() => {});
  return auth;
}

const closed = authWith("reject");
const open = authWith("allow");
const server = createServer((request, response) => {
  const auth = request.url === "/open" ? open : closed;
  auth.authenticate(nodeView(request)).then(
    () => response.end(String(process.pid)),
    (/** @type {import("@authmodes/core").AuthError} */ error) =>
      response.writeHead(error.status, error.headers).end(error.reason),
  );
});
// A connection that is closed while the round robin reuses it would look like a lost request.
server.keepAliveTimeout = 0;
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  if (typeof address === "object") console.log(address?.port);
});
