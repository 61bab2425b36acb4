import { createAuth, oidc } from "@authmodes/express";
import { createAuthFetch, outbound } from "@authmodes/core/outbound";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { MovableClock } from "./support/movable-clock.ts";
import { type Algorithm, audiences, clientId, clientSecret, OidcProvider } from "./support/oidc-provider.ts";
import { type AuthServer, serve } from "./support/server.ts";
import { whoamiOf } from "./support/whoami.ts";

let provider: OidcProvider;
let server: AuthServer;
let clock: MovableClock;

beforeAll(async () => {
  provider = await OidcProvider.start();
});
afterAll(() => provider.stop());

beforeEach(async () => {
  clock = new MovableClock();
  const mode = oidc({ issuer: provider.issuer, audience: Object.values(audiences), typ: "at+jwt" });
  server = await serve(createAuth([mode], { clock: clock.now }));
  return () => server.stop();
});

function ask(token: string): Promise<Response> {
  return fetch(server.url, { headers: { authorization: `Bearer ${token}` } });
}

describe("node-oidc-provider", () => {
  it.each<Algorithm>(["RS256", "ES256"])(
    "issues %s tokens to our client, which our server verifies",
    async (algorithm) => {
      provider.requests.length = 0;
      const source = outbound.oidc({
        issuer: provider.issuer,
        clientId,
        clientSecret,
        resource: audiences[algorithm],
        scope: "read",
      });
      const call = createAuthFetch(source, { origins: [server.url] });
      const answers = [
        await whoamiOf(await call(server.url)),
        await whoamiOf(await call(`${server.url}/orders`, { method: "POST", body: "ééé" })),
      ];
      const caller = { mode: "oidc", id: clientId, sub: clientId, issuer: provider.issuer, scopes: ["read"] };
      expect(answers).toEqual([
        expect.objectContaining({ ...caller, bytes: 0 }),
        expect.objectContaining({ ...caller, bytes: 6 }),
      ]);
      expect(provider.requests.toSorted()).toEqual([
        "/.well-known/openid-configuration", // asked once by each side
        "/.well-known/openid-configuration",
        "/jwks",
        "/token",
      ]);
    },
  );

  it("refuses a token for another audience", async () => {
    const strict = oidc({ issuer: provider.issuer, audience: audiences.RS256 });
    const other = await serve(createAuth([strict]));
    const token = await provider.token("ES256");
    const response = await fetch(other.url, { headers: { authorization: `Bearer ${token}` } });
    await other.stop();
    expect(response.status).toBe(401);
    expect(other.events.map(({ reason }) => reason)).toEqual(["audience_refused"]);
  });

  it("is followed at once when it changes its keys", async () => {
    const before = await provider.token("RS256");
    await whoamiOf(await ask(before));
    await provider.rotate();
    const after = await provider.token("RS256");
    provider.requests.length = 0;

    expect(await whoamiOf(await ask(after))).toMatchObject({ mode: "oidc", id: clientId });
    expect(provider.requests).toEqual(["/.well-known/openid-configuration", "/jwks"]);

    expect((await ask(before)).status).toBe(401);
    expect(server.events.map(({ type, reason }) => reason ?? type)).toEqual([
      "accepted",
      "accepted",
      "kid_unknown",
    ]);
  });
});
