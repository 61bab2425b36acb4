import { afterEach, describe, expect, it, vi } from "vitest";
import { createAuth } from "./auth.ts";
import { apiKey, newApiKey } from "../modes/api-key.ts";
import { iam } from "../modes/iam.ts";
import { lambda } from "../modes/lambda.ts";
import { none } from "../modes/none.ts";
import { oidc } from "../modes/oidc.ts";
import { userPool } from "../modes/user-pool.ts";
import { newSigner } from "../test/signer.ts";
import { viewOf } from "../test/view.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

describe("auth.describe", () => {
  it("tells how each mode is set up, and no secret", async () => {
    const { key, stored } = await newApiKey({ id: "partner", expiresInSeconds: null });
    const auth = createAuth([
      apiKey({ keys: [stored, { id: "old", hash: "0".repeat(64), expiresAt: 86_400 }] }),
      iam({ region: "eu-west-1", credentials: () => undefined, presigned: false }),
      userPool({ userPoolId: "eu-west-1_Abc", clientId: ["app", "web"], maxTokenAgeSeconds: 60 }),
      oidc({ issuer: "https://id.example.com", audience: null, groupsClaim: "roles" }),
      lambda({ authorizer: () => ({ isAuthorized: true }), event: "appsync" }),
      none(),
    ]);
    const text = JSON.stringify(auth.describe());
    expect(text).not.toContain(key);
    expect(text).not.toContain(stored.hash);
    const [byKey, signed, pool, open] = auth.describe();
    expect(byKey?.settings).toEqual({
      header: "x-api-key",
      keys: "partner (does not expire), old (expired 1970-01-02)",
    });
    expect(signed?.settings).toMatchObject({ region: "eu-west-1", presigned: "refused" });
    expect(pool?.issuers[0]).toEqual({
      issuer: "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Abc",
      settings: { clientId: "app or web", tokenUse: "access", maxTokenAgeSeconds: "60", algorithms: "RS256" },
      keys: { count: 0, skipped: [], fetchedAt: null, usable: false, trouble: null },
    });
    expect(open?.issuers[0]?.settings).toMatchObject({ audience: "any", groupsClaim: "roles" });
    expect(auth.only("none").describe()).toEqual([{ mode: "none", settings: {}, issuers: [] }]);
  });

  it("tells the age of keys, and why they could not be had", async () => {
    let now = 1_000_000;
    const fetch = vi.fn<typeof globalThis.fetch>();
    const mode = oidc({
      issuer: "https://id.example.com",
      jwksUri: "https://id.example.com/keys?secret=1",
      audience: "api",
      keySet: { fetch },
    });
    const auth = createAuth([mode], { clock: () => now });
    fetch.mockRejectedValueOnce(new Error("no route"));
    await expect(auth.ready()).rejects.toThrow();
    expect(auth.describe()[0]?.issuers[0]?.keys).toMatchObject({
      usable: false,
      trouble: expect.stringContaining("no route"),
    });
    expect(JSON.stringify(auth.describe())).not.toContain("secret");
    fetch.mockResolvedValueOnce(Response.json({ keys: [newSigner("ES256").jwk] }));
    now += 60_000;
    await auth.ready();
    expect(auth.describe()[0]?.issuers[0]?.keys).toMatchObject({
      count: 1,
      usable: true,
      fetchedAt: now,
      trouble: null,
    });
  });
});

describe("onlookers", () => {
  it("hear of refusals, which are logged all the same", async () => {
    const log = vi.spyOn(console, "error").mockReturnValue();
    const auth = createAuth([apiKey({ keys: () => undefined })]);
    const seen: string[] = [];
    const stop = auth.onEvent((event) => seen.push(event.type), { logs: false });
    await expect(auth.authenticate(viewOf())).rejects.toThrow();
    expect(seen).toEqual(["refused"]);
    expect(log).toHaveBeenCalledOnce();
    stop();
    auth.onEvent(() => undefined);
    await expect(auth.authenticate(viewOf())).rejects.toThrow();
    expect(seen).toHaveLength(1);
    expect(log).toHaveBeenCalledOnce();
  });
});
