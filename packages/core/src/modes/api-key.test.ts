import { describe, expect, it } from "vitest";
import { createAuth } from "../auth.ts";
import { AuthError } from "../error.ts";
import { viewOf } from "../test/view.ts";
import { apiKey, hashApiKey, newApiKey, type StoredApiKey } from "./api-key.ts";

async function ask(key: string, stored: readonly StoredApiKey[], now = Date.now()): Promise<string> {
  const auth = createAuth([apiKey({ keys: stored })], { clock: () => now });
  auth.onEvent(() => {});
  try {
    const identity = await auth.authenticate(viewOf({ headers: [["X-Api-Key", key]] }));
    return `accepted ${identity.keyId}`;
  } catch (error) {
    return error instanceof AuthError ? `${error.code} ${error.reason}` : String(error);
  }
}

describe("apiKey", () => {
  it("accepts a key that newApiKey made, with what was stored of it", async () => {
    const { key, stored } = await newApiKey({ expiresInSeconds: 60, id: "ci", scopes: ["read"] });
    expect(key).toMatch(/^amk_[0-9a-f]{64}$/);
    expect(JSON.stringify(stored)).not.toContain(key);
    const auth = createAuth([apiKey({ keys: [stored] })]);
    const identity = await auth.authenticate(viewOf({ headers: [["x-api-key", key]] }));
    expect(identity).toEqual({
      mode: "apiKey",
      id: "ci",
      keyId: "ci",
      groups: [],
      scopes: ["read"],
      expiresAt: stored.expiresAt,
    });
    expect(Object.isFrozen(identity)).toBe(true);
  });

  it("accepts a key that was made elsewhere, by its hash", async () => {
    const stored = { id: "old", hash: await hashApiKey("da2-abcdefghijklmnopqrstuvwxyz"), expiresAt: null };
    expect(await ask("da2-abcdefghijklmnopqrstuvwxyz", [stored])).toBe("accepted old");
  });

  it("refuses unknown, empty and endless keys", async () => {
    const { key, stored } = await newApiKey({ expiresInSeconds: null });
    expect(await ask(`${key}0`, [stored])).toBe("credentials_refused api_key_unknown");
    expect(await ask(stored.hash, [stored])).toBe("credentials_refused api_key_unknown");
    expect(await ask("", [stored])).toBe("credentials_refused api_key_malformed");
    expect(await ask("a".repeat(513), [stored])).toBe("credentials_refused api_key_malformed");
  });

  it("refuses a key from the second at which it ends", async () => {
    const { key, stored } = await newApiKey({ expiresInSeconds: 60 });
    const end = (stored.expiresAt ?? 0) * 1000;
    expect(await ask(key, [stored], end - 1)).toBe(`accepted ${stored.id}`);
    expect(await ask(key, [stored], end)).toBe("credentials_expired api_key_expired");
  });

  it("asks a function by hash, and refuses when it finds another key", async () => {
    const mine = await newApiKey({ expiresInSeconds: null });
    const other = await newApiKey({ expiresInSeconds: null });
    const asked: string[] = [];
    const auth = createAuth([apiKey({ keys: async (hash) => (asked.push(hash), other.stored) })]);
    auth.onEvent(() => {});
    const request = viewOf({ headers: [["x-api-key", mine.key]] });
    await expect(auth.authenticate(request)).rejects.toMatchObject({
      reason: "api_key_mismatch",
      status: 401,
    });
    expect(asked).toEqual([mine.stored.hash]);
  });

  it("answers 503 when the function fails or returns what is no stored key", async () => {
    const { key, stored } = await newApiKey({ expiresInSeconds: null });
    const { expiresAt: _, ...withoutExpiry } = stored;
    for (const keys of [() => Promise.reject(new Error("down")), () => withoutExpiry as StoredApiKey]) {
      const auth = createAuth([apiKey({ keys })]);
      auth.onEvent(() => {});
      await expect(auth.authenticate(viewOf({ headers: [["x-api-key", key]] }))).rejects.toMatchObject({
        status: 503,
      });
    }
  });

  it("reads a header of your choice", async () => {
    const { key, stored } = await newApiKey({ expiresInSeconds: null });
    const auth = createAuth([apiKey({ keys: [stored], header: "X-Service-Key" })]);
    auth.onEvent(() => {});
    expect((await auth.authenticate(viewOf({ headers: [["x-service-key", key]] }))).mode).toBe("apiKey");
    await expect(auth.authenticate(viewOf({ headers: [["x-api-key", key]] }))).rejects.toMatchObject({
      status: 401,
    });
  });

  it("is not fooled by keys named as properties of every object", async () => {
    for (const key of ["__proto__", "constructor", "toString"]) {
      expect(await ask(key, [])).toBe("credentials_refused api_key_unknown");
    }
  });

  const hash = "0".repeat(64);
  const mistakes: readonly (readonly [string, () => unknown, string])[] = [
    ["no keys", () => apiKey({} as never), "keys is a list of stored keys"],
    ["a misspelt option", () => apiKey({ keys: [], headername: "x" } as never), "Write 'header'"],
    ["a plain key in the list", () => apiKey({ keys: ["secret"] as never }), "needs an id"],
    [
      "a key that is not hashed",
      () => apiKey({ keys: [{ id: "a", hash: "da2-x", expiresAt: null }] }),
      "hashApiKey()",
    ],
    [
      "no expiry",
      () => apiKey({ keys: [{ id: "a", hash } as never] }),
      "or null for a key that does not end",
    ],
    [
      "one hash twice",
      () =>
        apiKey({
          keys: [
            { id: "a", hash, expiresAt: null },
            { id: "b", hash, expiresAt: null },
          ],
        }),
      "same hash",
    ],
    ["the Authorization header", () => apiKey({ keys: [], header: "Authorization" }), "header of its own"],
    ["a header with a space", () => apiKey({ keys: [], header: "x key" }), "not a header name"],
  ];
  it.each(mistakes)("throws for %s and says what to write", (_name, build, text) => {
    expect(build).toThrow(TypeError);
    expect(build).toThrow(text);
  });

  it("throws for a new key whose end nobody named", async () => {
    await expect(newApiKey({} as never)).rejects.toThrow("say expiresInSeconds, or null");
    await expect(newApiKey({ expiresInSeconds: 0 })).rejects.toThrow("number of seconds");
    await expect(newApiKey({ expiresIn: 5 } as never)).rejects.toThrow("Write 'expiresInSeconds'");
  });
});
