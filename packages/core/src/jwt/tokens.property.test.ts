import * as fc from "fast-check";
import { beforeAll, expect, it } from "vitest";
import { none } from "../modes/none.ts";
import { oidc } from "../modes/oidc.ts";
import { userPool } from "../modes/user-pool.ts";
import { type AuthServer, serve } from "../test/auth-server.ts";
import { type KeyServer, startKeyServer } from "../test/key-server.ts";
import { base64url, newSigner } from "../test/signer.ts";

const now = 1_800_000_000;
const signer = newSigner("RS256");
let keys: KeyServer;
let server: AuthServer;
let token: string;

beforeAll(async () => {
  keys = await startKeyServer([signer.jwk]);
  server = await serve(
    [
      userPool({ userPoolId: "us-east-1_Abc", clientId: "web", jwksUri: keys.jwksUri }),
      oidc({ issuer: keys.issuer, audience: "api", from: ["header", { cookie: "t" }] }),
      none(),
    ],
    { clock: () => now * 1000 },
  );
  token = await signer.sign({ iss: keys.issuer, sub: "otto", aud: "api", exp: now + 3600 });
});

/** What HTTP can carry in a header's value. */
const headerText = fc.string({
  unit: fc
    .integer({ min: 0x20, max: 0xff })
    .filter((code) => code !== 0x7f)
    .map((code) => String.fromCharCode(code)),
  maxLength: 300,
});

const change = fc.oneof(
  fc.record({ at: fc.nat(), text: headerText }).map(({ at, text }) => splice(at, 0, text)),
  fc.record({ at: fc.nat(), cut: fc.integer({ min: 1, max: 50 }) }).map(({ at, cut }) => splice(at, cut, "")),
  fc
    .record({ at: fc.nat(), text: fc.base64String({ minLength: 1, maxLength: 8 }) })
    .map(({ at, text }) => splice(at, text.length, text)),
);

function splice(at: number, cut: number, text: string) {
  return (whole: string) => {
    const start = at % (whole.length + 1);
    return whole.slice(0, start) + text + whole.slice(start + cut);
  };
}

it("rejects every changed token, and always with a reason", async () => {
  // It is remembered from here on: that must not let a changed one in either.
  expect((await server.token(token)).status).toBe(200);
  await fc.assert(
    fc.asyncProperty(
      fc.array(change, { minLength: 1, maxLength: 3 }),
      fc.boolean(),
      async (changes, inCookie) => {
        const changed = changes.reduce((text, apply) => apply(text), token);
        const plain = changed.trim().replace(/^bearer +/i, "");
        // Spaces around it change nothing, nor does another cookie behind it.
        fc.pre(plain !== token && !(inCookie && plain.startsWith(`${token};`)));
        const { status, body, event } = await server.ask([
          inCookie ? ["Cookie", `t=${changed}`] : ["Authorization", changed],
        ]);
        // A change can empty the cookie, and then there are no credentials.
        if (status === 200) expect(body["mode"]).toBe("none");
        else expect([400, 401]).toContain(status);
        expect(event?.code).not.toBe("unavailable");
      },
    ),
    { numRuns: 400 },
  );
});

const json = fc.jsonValue();
const claim = fc.constantFrom(
  "iss",
  "sub",
  "aud",
  "azp",
  "exp",
  "nbf",
  "iat",
  "auth_time",
  "scope",
  "token_use",
  "client_id",
);

it("answers 200 or a refusal to whatever claims are signed, and accepts only a good subject and end", async () => {
  const good = { iss: keys.issuer, sub: "otto", aud: "api", exp: now + 60 };
  await fc.assert(
    fc.asyncProperty(fc.dictionary(claim, json, { minKeys: 1, maxKeys: 4 }), async (odd) => {
      const claims: Record<string, unknown> = { ...good, ...odd };
      const { status, body } = await server.token(await signer.sign(claims));
      expect([200, 401]).toContain(status);
      if (status === 401) return;
      expect(body).toMatchObject({
        mode: "oidc",
        issuer: keys.issuer,
        sub: claims["sub"],
        expiresAt: claims["exp"],
      });
      expect(typeof claims["sub"]).toBe("string");
      expect(claims["exp"]).toBeGreaterThan(now);
      expect([claims["aud"]].flat()).toContain("api");
    }),
    { numRuns: 200 },
  );
});

it("answers 401 to any header with unsigned claims", async () => {
  const member = fc.constantFrom("alg", "kid", "typ", "crit", "jwk", "jku", "x5c", "b64", "zip", "__proto__");
  // Older than the key set, so that an unknown key is never a 503 for a newer set.
  const times = { iat: now - 3600, exp: now + 60 };
  const claims = base64url(JSON.stringify({ iss: keys.issuer, sub: "otto", aud: "api", ...times }));
  await fc.assert(
    fc.asyncProperty(
      fc.dictionary(member, fc.oneof(json, fc.constantFrom("none", "HS256", "RS256", "ES256", signer.kid))),
      fc.base64String({ maxLength: 400 }),
      async (header, signature) => {
        const forged = `${base64url(JSON.stringify(header))}.${claims}.${signature.replaceAll(/[+/=]/g, "_")}`;
        const { status, event } = await server.token(forged);
        expect(status).toBe(401);
        expect(event?.code).toMatch(/^credentials_(refused|missing)$/);
      },
    ),
    { numRuns: 200 },
  );
});
