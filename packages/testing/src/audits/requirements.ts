import { deepEqual, equal } from "node:assert/strict";
import type { Requirements } from "@authmodes/core";
import { accepted, refused } from "./expect.ts";
import { mustNotStart } from "./must-not-start.ts";
import { revokedJti, unknowableJti } from "./servers.ts";
import { type AuditDefinition, type AuditRun, auditsAbout } from "./suite.ts";

const audit = auditsAbout("access");
const needed = ["books/read", "books/write"];

/** What a route asks of an identity besides its mode. */
export const requirementAudits: readonly AuditDefinition[] = [
  audit("2c8f", "MUST accept a caller in one of the groups", async ({ kit, server }) => {
    for (const group of ["Librarians", "Printers"]) {
      const headers = await kit.headersFor("userPool", { groups: ["Readers", group] });
      accepted(await server.get("/groups", headers), { mode: "userPool" });
    }
    const headers = await kit.headersFor("oidc", { groups: ["Printers"] });
    accepted(await server.get("/groups", headers), { mode: "oidc" });
  }),
  audit("f3a0", "MUST answer 403 to a caller in none of the groups", async ({ kit, server }) => {
    for (const groups of [[], ["Readers"], ["librarians"], ["Librarians,Printers"]]) {
      const headers = await kit.headersFor("userPool", { groups });
      refused(await server.get("/groups", headers), "forbidden", "group_missing", "userPool");
    }
  }),
  audit(
    "58b1",
    "MUST answer 403 with the scopes that are needed to a caller who lacks one",
    async ({ kit, server }) => {
      accepted(await server.get("/scopes", await kit.headersFor("oidc", { scope: needed })), {
        scopes: needed,
      });
      const headers = await kit.headersFor("oidc", { scope: "books/read books/writes" });
      const exchange = await server.get("/scopes", headers);
      refused(
        exchange,
        "scope_missing",
        "scope_missing",
        undefined,
        'Bearer error="insufficient_scope", scope="books/read books/write"',
      );
      deepEqual((JSON.parse(exchange.text) as { scopes?: unknown }).scopes, needed);
    },
  ),
  audit("ad09", "MUST accept a caller with one of the scopes where any will do", async ({ kit, server }) => {
    const headers = await kit.headersFor("oidc", { scope: "books/write" });
    accepted(await server.get("/any-scope", headers), { mode: "oidc" });
    const without = await kit.headersFor("oidc", { scope: "books" });
    equal((await server.get("/any-scope", without)).status, 403);
  }),
  audit(
    "71e4",
    "MUST ask for groups and scopes at every request, also of a token that it remembers",
    async ({ kit, server }) => {
      const headers = await kit.headersFor("oidc", { scope: "books/read" });
      accepted(await server.get("/five", headers), { mode: "oidc" });
      equal((await server.get("/scopes", headers)).status, 403);
      equal((await server.get("/groups", headers)).status, 403);
      accepted(await server.get("/five", headers), { mode: "oidc" });
    },
  ),
  audit("8d4c", "MUST NOT start with requirements that are misspelt or no lists", (run) =>
    mustNotStartWith(run, [
      { scope: ["books/read"] },
      { group: ["Librarians"] },
      { scopes: { all: ["books/read"] } },
      { scopes: "books/read" },
      { groups: "Librarians" },
    ]),
  ),
  audit("b9e2", "MUST NOT start with requirements that are undefined or empty", (run) =>
    mustNotStartWith(run, [
      { groups: undefined },
      { groups: [undefined] },
      { groups: [""] },
      { groups: [] },
      { scopes: undefined },
      { scopes: ["books/read", undefined] },
      { scopes: [] },
      { scopes: { any: [] } },
    ]),
  ),
  audit("3d6a", "MUST refuse a revoked token", async ({ kit, server }) => {
    const headers = await kit.headersFor("oidc", { claims: { jti: revokedJti } });
    refused(await server.get("/five", headers), "credentials_refused", "token_revoked", "oidc");
  }),
  audit(
    "c04e",
    "MUST answer 503 where it cannot be known whether a token is revoked",
    async ({ kit, server }) => {
      const headers = await kit.headersFor("oidc", { claims: { jti: unknowableJti } });
      refused(await server.get("/five", headers), "unavailable", "verification_failed");
    },
  ),
];

/** What JavaScript, and a type that is too wide, let programmers write: each would let every verified caller in. */
function mustNotStartWith(run: AuditRun, needs: readonly object[]): Promise<void> {
  const auth = run.kit.auth();
  return mustNotStart(
    run,
    needs.map((needs: Requirements) => ({ path: "/guardless", guards: [{ auth, needs }] })),
  );
}
