import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { IncomingMessage } from "node:http";
import { createAuth, lambda } from "@authmodes/core";
import { accepted, refused } from "./expect.ts";
import { type AuditDefinition, type AuditRun, auditsAbout } from "./suite.ts";

const audit = auditsAbout("http");
const byHand = { "x-audit-by-hand": "1" };

/** What adapters for AWS Lambda hand to a server: requests that have headers, and no raw headers. */
export const byHandAudits: readonly AuditDefinition[] = [
  audit("5e93", "MUST verify requests that were built by hand, without raw headers", (run) =>
    withoutRawHeaders(async () => {
      await verifiesKeys(run);
      await verifiesSignatures(run);
      await tellsAuthorizers(run);
    }),
  ),
];

async function verifiesKeys({ kit, server }: AuditRun): Promise<void> {
  const key = await kit.headersFor("apiKey");
  accepted(await server.get("/five", { ...byHand, ...key }), { mode: "apiKey" });
  const unknown = { ...byHand, "x-api-key": "unknown" };
  refused(await server.get("/all", unknown), "credentials_refused", "api_key_unknown");
  const several = { ...byHand, ...key, ...(await kit.headersFor("userPool")) };
  refused(await server.get("/five", several), "credentials_ambiguous", "several_credentials");
}

async function verifiesSignatures({ server }: AuditRun): Promise<void> {
  const get = await server.sign({ target: "/five?b=1&a=2", headers: byHand });
  accepted(await server.send(get), { mode: "iam" });
  const post = await server.sign({ method: "POST", target: "/five", headers: byHand, body: "title=Emma" });
  accepted(await server.send(post), { mode: "iam", bytes: 10 });
  const otherBody = await server.send({ ...post, body: "title=Dune" });
  refused(otherBody, "credentials_refused", "body_hash_mismatch");
  refused(await server.send({ ...post, method: "PUT" }), "credentials_refused", "signature_mismatch");
}

/** An authorizer that rejects by a header would let the caller in if it were not shown. */
async function tellsAuthorizers({ start }: AuditRun): Promise<void> {
  const auth = createAuth([
    lambda({
      authorizer: ({ requestHeaders }) => ({ isAuthorized: requestHeaders["x-tenant"] !== "blocked" }),
    }),
  ]);
  const server = await start(auth, [{ path: "/tenants", guards: [{ auth }] }]);
  const ask = (tenant: string) =>
    server.get("/tenants", { ...byHand, authorization: "opaque", "x-tenant": tenant });
  accepted(await ask("open"), { mode: "lambda" });
  refused(await ask("blocked"), "credentials_refused", "authorizer_denied");
}

/** Empties the raw headers of requests before a server of this process hears of them. */
async function withoutRawHeaders(act: () => Promise<void>): Promise<void> {
  subscribe("http.server.request.start", empty);
  try {
    await act();
  } finally {
    unsubscribe("http.server.request.start", empty);
  }
}

function empty(message: unknown): void {
  const { request } = message as { readonly request: IncomingMessage };
  // Node makes the headers of the raw ones when they are first asked for: here.
  if (request.headers["x-audit-by-hand"] !== undefined) request.rawHeaders = [];
}
