import { createHash } from "node:crypto";
import { opened } from "../auth/accepted-modes.ts";
import { calculateJwkThumbprint, compactVerify, type JWK } from "jose";
import { describe, expect, it } from "vitest";
import { createAuth } from "../auth/auth.ts";
import type { AuthEvent } from "../auth/events.ts";
import type { Claims } from "../identity.ts";
import { lambda } from "../modes/lambda.ts";
import { oidc } from "../modes/oidc.ts";
import { userPool } from "../modes/user-pool.ts";
import { newSigner } from "../test/signer.ts";
import { viewOf } from "../test/view.ts";
import type { AuthMode, RequestView } from "../types.ts";
import type { Confirmation } from "./claims.ts";

const now = 1_800_000_000;
const signer = newSigner("RS256");
const client = newSigner("ES256", "client");
const issuer = "https://id.example.com";
const jwksUri = `${issuer}/jwks`;
const keySet = { fetch: async () => Response.json({ keys: [signer.jwk] }) };
const jkt = await calculateJwkThumbprint(publicPart(client.jwk));

function publicPart({ kty, crv, x, y }: JWK): JWK {
  return { kty, crv, x, y } as JWK;
}

function claimsOf(more: object = {}) {
  return { iss: issuer, sub: "otto", aud: "api", iat: now, exp: now + 600, ...more };
}

const modes: readonly (readonly [string, (confirmation: Confirmation | undefined) => AuthMode])[] = [
  ["oidc", (confirmation) => oidc({ issuer, jwksUri, audience: "api", keySet, ...defined(confirmation) })],
  [
    "oidc in a list",
    (confirmation) => oidc([{ issuer, jwksUri, audience: "api", keySet, ...defined(confirmation) }]),
  ],
  [
    "oidc of tenants",
    (confirmation) =>
      oidc({ issuers: () => ({ jwksUri, audience: "api", ...defined(confirmation) }), keySet }),
  ],
  [
    "userPool",
    (confirmation) =>
      userPool({
        userPoolId: "local_1",
        clientId: null,
        audience: "api",
        issuer,
        jwksUri,
        keySet,
        ...defined(confirmation),
      }),
  ],
];

function defined(confirmation: Confirmation | undefined) {
  return confirmation === undefined ? {} : { confirmation };
}

function serverOf(...served: readonly AuthMode[]) {
  let time = now * 1000;
  const events: AuthEvent[] = [];
  const auth = createAuth(served, { clock: () => time });
  auth.onEvent((event) => void events.push(event));
  return {
    ask: async (...headers: readonly (readonly [string, string])[]) => {
      await Promise.resolve()
        .then(() => opened(auth).guard(viewOf({ headers })))
        .catch(() => undefined);
      const last = events.at(-1);
      return last?.reason === undefined ? `${last?.type}` : `${last.code} ${last.reason}`;
    },
    pass: (seconds: number) => void (time += seconds * 1000),
    events,
  };
}

const tokenOf = (claims: object, header: Record<string, unknown> = {}) =>
  signer.sign({ token_use: "access", ...claimsOf(claims) }, header);

const rejected = "credentials_refused sender_constrained";
const bearer = (token: string) => ["Authorization", `Bearer ${token}`] as const;

describe.each(modes)("a token with cnf, for %s", (_name, mode) => {
  it.each([
    { jkt: "abc" },
    { "x5t#S256": "abc" },
    { jwk: signer.jwk },
    { kid: "a" },
    { "urn:example:new": 1 },
    {},
  ])("is rejected if nothing checks %j", async (cnf) => {
    const { ask } = serverOf(mode(undefined));
    const token = await tokenOf({ cnf });
    for (let i = 0; i < 2; i++) expect(await ask(bearer(token))).toBe(rejected);
  });

  it.each([null, "abc", ["abc"], 1, true, ""])(
    "is rejected if cnf is %j, whatever is configured",
    async (cnf) => {
      for (const confirmation of [undefined, "ignore", () => true] as const) {
        const { ask } = serverOf(mode(confirmation));
        expect(await ask(bearer(await tokenOf({ cnf })))).toBe("credentials_refused cnf_malformed");
      }
    },
  );

  it("is accepted from any sender if that is ignored", async () => {
    const { ask } = serverOf(mode("ignore"));
    const token = await tokenOf({ cnf: { jkt } });
    for (let i = 0; i < 2; i++) expect(await ask(bearer(token))).toBe("accepted");
  });

  it("is checked on every request, cached or not", async () => {
    const asked: unknown[] = [];
    const holders = new Set(["alice"]);
    const confirmation: Confirmation = (cnf, request) => {
      asked.push(cnf);
      return holders.has(request.header("x-holder") ?? "");
    };
    const { ask } = serverOf(mode(confirmation));
    const token = await tokenOf({ cnf: { jkt } });
    expect(await ask(bearer(token), ["X-Holder", "mallory"])).toBe("credentials_refused confirmation_failed");
    expect(await ask(bearer(token), ["X-Holder", "alice"])).toBe("accepted");
    expect(await ask(bearer(token), ["X-Holder", "mallory"])).toBe("credentials_refused confirmation_failed");
    expect(await ask(bearer(token))).toBe("credentials_refused confirmation_failed");
    expect(await ask(bearer(token), ["X-Holder", "alice"])).toBe("accepted");
    expect(asked).toEqual(Array.from({ length: 5 }, () => ({ jkt })));
    expect(await ask(bearer(await tokenOf({})))).toBe("accepted");
    expect(asked).toHaveLength(5);
  });

  it("is not accepted for what is not true, and 503 if the check throws", async () => {
    const answers: readonly (readonly [() => unknown, string])[] = [
      [() => false, "credentials_refused confirmation_failed"],
      [() => Promise.resolve(false), "credentials_refused confirmation_failed"],
      [() => undefined, "credentials_refused confirmation_failed"],
      [() => ({ valid: true }), "credentials_refused confirmation_failed"],
      [() => Promise.resolve("true"), "credentials_refused confirmation_failed"],
      [() => Promise.resolve(true), "accepted"],
      [() => Promise.reject(new Error("the store is down")), "unavailable verification_failed"],
      [
        () => {
          throw new Error("the store is down");
        },
        "unavailable verification_failed",
      ],
    ];
    for (const [answer, expected] of answers) {
      const { ask } = serverOf(mode(answer as Confirmation));
      const token = await tokenOf({ cnf: { jkt } });
      for (let i = 0; i < 2; i++) expect(await ask(bearer(token))).toBe(expected);
    }
  });

  it("is not checked before the token itself", async () => {
    let asked = 0;
    const { ask, pass } = serverOf(mode(() => (asked++, true)));
    const token = await tokenOf({ cnf: { jkt } });
    expect(await ask(bearer(`${token.slice(0, -6)}AAAAAA`))).toBe("credentials_refused signature_mismatch");
    expect(await ask(bearer(await tokenOf({ cnf: { jkt }, aud: "x" })))).toBe(
      "credentials_refused audience_refused",
    );
    pass(600);
    expect(await ask(bearer(token))).toBe("credentials_expired token_expired");
    expect(asked).toBe(0);
  });
});

describe("the scheme DPoP", () => {
  /** Enough of RFC 9449 §4.3 to tell senders apart; a real one also checks `htu`, `iat` and `jti`. */
  const dpop: Confirmation = async (cnf, request) => {
    const proof = request.header("dpop") ?? "";
    const token = (request.header("authorization") ?? "").replace(/^dpop +/i, "");
    const [head = ""] = proof.split(".");
    const { jwk, typ } = JSON.parse(Buffer.from(head, "base64url").toString() || "{}") as {
      readonly jwk?: JWK;
      readonly typ?: string;
    };
    if (jwk === undefined || typ !== "dpop+jwt") return false;
    const verified = await compactVerify(proof, jwk).catch(() => undefined);
    if (verified === undefined) return false;
    const claims = JSON.parse(new TextDecoder().decode(verified.payload)) as Claims;
    const ath = createHash("sha256").update(token).digest("base64url");
    return (
      claims["htm"] === request.method &&
      claims["ath"] === ath &&
      (await calculateJwkThumbprint(jwk)) === cnf["jkt"]
    );
  };

  const proofOf = (token: string, by = client, htm = "GET") => {
    const ath = createHash("sha256").update(token).digest("base64url");
    return by.sign({ htm, ath }, { typ: "dpop+jwt", jwk: publicPart(by.jwk) });
  };
  const mode = (confirmation?: Confirmation) =>
    oidc({ issuer, jwksUri, audience: "api", keySet, ...defined(confirmation) });
  const failed = "credentials_refused confirmation_failed";

  it("carries tokens that a configured check binds to their sender", async () => {
    const { ask } = serverOf(mode(dpop));
    const token = await tokenOf({ cnf: { jkt } });
    const proof = ["DPoP", await proofOf(token)] as const;
    for (const scheme of ["DPoP", "dpop", "DPOP"]) {
      expect(await ask(["Authorization", `${scheme} ${token}`], proof)).toBe("accepted");
    }
    expect(await ask(["Authorization", `DPoP ${token}`])).toBe(failed);
    const thief = newSigner("ES256", "thief");
    expect(await ask(["Authorization", `DPoP ${token}`], ["DPoP", await proofOf(token, thief)])).toBe(failed);
    expect(
      await ask(["Authorization", `DPoP ${token}`], ["DPoP", await proofOf(token, client, "POST")]),
    ).toBe(failed);
  });

  it("is not forwarded, since its proof is for this server only", async () => {
    const token = await tokenOf({ cnf: { jkt } });
    const forwardOf = (authorization: string) =>
      mode("ignore").detect(viewOf({ headers: [["Authorization", authorization]] }))?.forward;
    expect(forwardOf(`DPoP ${token}`)).toBeUndefined();
    expect(forwardOf(`Bearer ${token}`)).toEqual({ name: "authorization", value: `Bearer ${token}` });
  });

  it("is rejected without a check, and for tokens that are not bound", async () => {
    const bound = await tokenOf({ cnf: { jkt } });
    const plain = await tokenOf({});
    expect(await serverOf(mode()).ask(["Authorization", `DPoP ${bound}`])).toBe(rejected);
    expect(await serverOf(mode("ignore")).ask(["Authorization", `DPoP ${bound}`])).toBe("accepted");
    for (const confirmation of [undefined, "ignore", () => true] as const) {
      const { ask } = serverOf(mode(confirmation));
      expect(await ask(bearer(plain))).toBe("accepted");
      expect(await ask(["Authorization", `DPoP ${plain}`])).toBe("credentials_refused cnf_missing");
    }
  });

  it("never brings a JWT to lambda while a token mode is served", async () => {
    const seen: unknown[] = [];
    const authorizer = lambda({
      authorizer: (event) => (seen.push(event.authorizationToken), { isAuthorized: true }),
    });
    const { ask } = serverOf(mode(), authorizer);
    expect(await ask(["Authorization", `DPoP ${await tokenOf({ cnf: { jkt } })}`])).toBe(rejected);
    expect(await ask(["Authorization", `DPoP ${await tokenOf({ iss: "https://x" })}`])).toBe(
      "credentials_refused issuer_unknown",
    );
    expect(seen).toEqual([]);
    expect(await ask(["Authorization", "DPoP opaque"])).toBe("accepted");
    expect(seen).toEqual(["DPoP opaque"]);
  });

  it("names the token modes if none of them is served", async () => {
    const { ask, events } = serverOf(lambda({ authorizer: () => ({}), event: "token", header: "x-token" }));
    expect(await ask(["Authorization", `DPoP ${await tokenOf({})}`])).toBe(
      "mode_not_accepted mode_not_served",
    );
    expect(events.at(-1)?.detail).toContain("oidc() or userPool()");
  });

  it("is one place with the header in the description", () => {
    expect(mode(dpop).describe?.(0)).toMatchObject({
      settings: { from: "authorization" },
      issuers: [{ settings: { confirmation: "checked" } }],
    });
    expect(mode("ignore").describe?.(0).issuers[0]?.settings).toMatchObject({ confirmation: "ignore" });
  });

  it("shows the check the request as it was received", async () => {
    let seen: RequestView | undefined;
    const { ask } = serverOf(mode((_cnf, request) => ((seen = request), true)));
    await ask(["Authorization", `DPoP ${await tokenOf({ cnf: { jkt } })}`], ["DPoP", "proof"]);
    expect(seen?.rawHeaders).toContain("DPoP");
    expect(seen?.header("dpop")).toBe("proof");
  });
});
