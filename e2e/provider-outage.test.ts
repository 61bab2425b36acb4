import { createAuth, oidc } from "@authmodes/express";
import { afterEach, beforeEach, expect, it } from "vitest";
import { MovableClock } from "./support/movable-clock.ts";
import { audiences, clientId, OidcProvider } from "./support/oidc-provider.ts";
import { type AuthServer, serve } from "./support/server.ts";
import { whoamiOf } from "./support/whoami.ts";

let provider: OidcProvider;
let server: AuthServer;
let clock: MovableClock;

beforeEach(async () => {
  provider = await OidcProvider.start();
  clock = new MovableClock();
  const mode = oidc({
    issuer: provider.issuer,
    audience: audiences.RS256,
    keySet: { refreshSeconds: 60, maxStaleSeconds: 3600 },
  });
  server = await serve(createAuth([mode], { clock: clock.now }));
});
afterEach(() => Promise.all([server.stop(), provider.stop()]));

function ask(token: string): Promise<Response> {
  return fetch(server.url, { headers: { authorization: `Bearer ${token}` } });
}

it("goes on verifying with the keys at hand while the provider is down", async () => {
  const [seen, unseen] = [await provider.token("RS256"), await provider.token("RS256")];
  await whoamiOf(await ask(seen));
  await provider.stop();
  clock.advance(120); // the key set is due for a refresh, which fails
  for (const token of [seen, unseen]) {
    expect(await whoamiOf(await ask(token))).toMatchObject({ mode: "oidc", id: clientId, bytes: 0 });
  }

  clock.advance(3600); // now the keys are older than they may become
  expect((await ask(unseen)).status).toBe(503);
  expect(server.events.at(-1)).toMatchObject({ code: "unavailable", reason: "keys_unavailable" });
});

it("answers 503 after a cold start without the provider, and recovers by itself", async () => {
  const token = await provider.token("RS256");
  provider.interrupt();

  const refused = await ask(token);
  expect(refused.status).toBe(503);
  expect(await refused.json()).toMatchObject({ status: 503, code: "unavailable" });
  const retryAfter = Number(refused.headers.get("retry-after"));
  expect(retryAfter).toBeGreaterThanOrEqual(1);
  expect(retryAfter).toBeLessThanOrEqual(60);

  provider.resume();
  clock.advance(retryAfter);
  expect(await whoamiOf(await ask(token))).toMatchObject({ mode: "oidc", id: clientId });
  expect(server.events.map(({ type, code }) => code ?? type)).toEqual(["unavailable", "accepted"]);
});
