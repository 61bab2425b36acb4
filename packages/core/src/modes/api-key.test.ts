import { describe, expect, it, vi } from "vitest";
import { createAuth } from "../auth/auth.ts";
import type { AuthEvent } from "../auth/events.ts";
import { AuthError } from "../refusal/error.ts";
import { formatKey } from "../lib/stored-key.ts";
import { viewOf } from "../test/view.ts";
import type { AuthMode } from "../types.ts";
import { apiKey, hashApiKey, newApiKey, type StoredApiKey } from "./api-key.ts";
import { iam } from "./iam.ts";
import { lambda } from "./lambda.ts";
import { none } from "./none.ts";
import { oidc } from "./oidc.ts";

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
    expect(key).toMatch(/^am_live_[0-9A-Za-z]{49}$/);
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

  it("rejects a mistyped key of its own form without a look-up", async () => {
    const { key, stored } = await newApiKey({ expiresInSeconds: null, environment: "test" });
    expect(key).toMatch(/^am_test_/);
    const asked: string[] = [];
    const auth = createAuth([apiKey({ keys: (hash) => (asked.push(hash), stored) })]);
    auth.onEvent(() => {});
    const reasonFor = (sent: string) =>
      auth.authenticate(viewOf({ headers: [["x-api-key", sent]] })).then(
        () => "accepted",
        (error: unknown) => (error as AuthError).reason,
      );
    for (const at of [0, 3, 8, 30, 50, 51, 56]) {
      const sent = `${key.slice(0, at)}${key[at] === "a" ? "b" : "a"}${key.slice(at + 1)}`;
      // Without our prefix a key has no checksum.
      expect(await reasonFor(sent)).toBe(at === 0 ? "api_key_mismatch" : "api_key_mistyped");
    }
    expect(asked).toHaveLength(1);
    expect(await reasonFor(key)).toBe("accepted");
    expect(await reasonFor(key.slice(0, -1))).toBe("api_key_mismatch");
    expect(asked).toHaveLength(3);
  });

  it("has the checksum of zip files, for scanners", () => {
    // crc32("am_live_" + 43 zeros), by Python's zlib, in base 62.
    expect(formatKey("live", "0".repeat(64))).toBe(
      "am_live_00000000000000000000000000000000000000000003322EH",
    );
  });

  it.each(["", "Live", "a_b", "a".repeat(17)])("makes no key for the environment %j", async (environment) => {
    await expect(newApiKey({ expiresInSeconds: null, environment })).rejects.toThrow("environment");
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

  it("reads a stored key for each request, unless no part of it can change", async () => {
    const { key, stored } = await newApiKey({ expiresInSeconds: null });
    const state = { disabled: false };
    const scopes = ["read"];
    class Row {
      readonly id = stored.id;
      readonly hash = stored.hash;
      readonly expiresAt = null;
      get disabled(): boolean {
        return state.disabled;
      }
    }
    const ownGetter = Object.freeze({
      ...stored,
      get disabled() {
        return state.disabled;
      },
    });
    const rows = {
      mutable: { ...stored, ...state },
      ownGetter,
      inherited: Object.freeze(new Row()),
    };
    const open = Object.freeze({ ...stored, scopes });
    const authOf = (row: StoredApiKey) => createAuth([apiKey({ keys: () => row })]);
    const auths = Object.values(rows).map(authOf);
    const list = authOf(open);
    const ask = (auth: (typeof auths)[number]) =>
      auth.authenticate(viewOf({ headers: [["x-api-key", key]] }));
    await Promise.all([...auths, list].map(ask));

    state.disabled = true;
    rows.mutable.disabled = true;
    scopes.push("write");
    // A store says of a revoked key the same.
    const rejection = {
      reason: "api_key_disabled",
      detail: expect.stringMatching(/is disabled or revoked$/),
    };
    for (const auth of auths) await expect(ask(auth)).rejects.toMatchObject(rejection);
    expect((await ask(list)).scopes).toEqual(["read", "write"]);
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
    const { stored } = await newApiKey({ expiresInSeconds: null });
    for (const key of ["__proto__", "constructor", "toString"]) {
      expect(await ask(key, [stored])).toBe("credentials_refused api_key_unknown");
    }
  });

  const hash = "0".repeat(64);
  const mistakes: readonly (readonly [string, () => unknown, string])[] = [
    ["no keys", () => apiKey({} as never), "keys is a list of stored keys"],
    ["a misspelt option", () => apiKey({ keys: [], headername: "x" } as never), "Write 'header'"],
    ["a plain key in the list", () => apiKey({ keys: ["secret"] as never }), "{ id, hash, expiresAt }"],
    [
      "a key that is not hashed",
      () => apiKey({ keys: [{ id: "a", hash: "da2-x", expiresAt: null }] }),
      "hashApiKey()",
    ],
    ["no expiry", () => apiKey({ keys: [{ id: "a", hash } as never] }), "or null if it does not expire"],
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
    [
      "a prefix in a header of its own",
      () => apiKey({ keys: () => undefined, prefix: "sk_" }),
      'add header: "authorization"',
    ],
    [
      "a scheme in a header of its own",
      () => apiKey({ keys: () => undefined, header: "x-key", scheme: "ApiKey" }),
      'add header: "authorization"',
    ],
    [
      "an empty prefix",
      () => apiKey({ keys: () => undefined, header: "Authorization", prefix: "" }),
      "prefix is text without spaces",
    ],
    [
      "a scheme with its space",
      () => apiKey({ keys: () => undefined, header: "Authorization", scheme: "ApiKey " }),
      "scheme is text without spaces",
    ],
    ["a header with a space", () => apiKey({ keys: () => undefined, header: "x key" }), "not a header name"],
  ];
  it.each(mistakes)("throws for %s and says what to write", (_name, build, text) => {
    expect(build).toThrow(TypeError);
    expect(build).toThrow(text);
  });

  /** What stores hold under other names, or in another shape, than is read. */
  const misshapen: readonly (readonly [Readonly<Record<string, unknown>>, string])[] = [
    [{ disabled: "true" }, "disabled is true or false"],
    [{ disabled: 1 }, "disabled is true or false"],
    [{ disabled: null }, "disabled is true or false"],
    [{ scopes: "read write" }, "scopes is a list of texts"],
    [{ scopes: [""] }, "scopes is a list of texts"],
    [{ scopes: [7] }, "scopes is a list of texts"],
    [{ expiresAt: 1_900_000_000_000 }, "looks like milliseconds"],
    [{ expiresAt: "2030-01-01" }, "in seconds since 1970"],
    [{ expiresAt: new Date(0) }, "in seconds since 1970"],
    [{ expires: 5 }, "has a member 'expires'; write 'expiresAt'"],
    [{ expires_at: 5 }, "has a member 'expires_at'; write 'expiresAt'"],
    [{ ExpiresAt: 5 }, "has a member 'ExpiresAt'; write 'expiresAt'"],
    [{ expiration: 5 }, "has a member 'expiration'; write 'expiresAt'"],
    [{ scope: ["read"] }, "has a member 'scope'; write 'scopes'"],
    [{ revoked: true }, "has a member 'revoked'; write 'disabled'"],
    [{ revoked_at: null }, "has a member 'revoked_at'; write 'disabled'"],
    [{ enabled: false }, "has a member 'enabled'; write 'disabled'"],
    [{ is_active: false }, "has a member 'is_active'; write 'disabled'"],
    [{ active: true }, "has a member 'active'; write 'disabled'"],
  ];

  it.each(misshapen)("throws for a key in the list with %j", (members, sentence) => {
    const build = () => apiKey({ keys: [{ id: "a", hash, expiresAt: null, ...members }] });
    expect(build).toThrow(TypeError);
    expect(build).toThrow(`apiKey(): key 'a'`);
    expect(build).toThrow(sentence);
    expect(build).not.toThrow(hash);
  });

  it.each(misshapen)("rejects a key of a store with %j", async (members, sentence) => {
    const { key, stored } = await newApiKey({ expiresInSeconds: null, id: "a" });
    for (const found of [{ ...stored, ...members }, Object.create({ ...stored, ...members })] as never[]) {
      const auth = createAuth([apiKey({ keys: () => found })]);
      const details: (string | undefined)[] = [];
      auth.onEvent(({ detail }) => details.push(detail));
      const asked = auth.authenticate(viewOf({ headers: [["x-api-key", key]] }));
      await expect(asked).rejects.toMatchObject({ status: 503, reason: "verification_failed" });
      expect(details.join()).toContain(sentence);
      expect(details.join()).not.toContain(stored.hash);
    }
  });

  it("ignores other members of what a store holds", async () => {
    const { key, stored } = await newApiKey({ expiresInSeconds: null, id: "a" });
    const row = { ...stored, disabled: false, name: "CI", createdAt: 5, owner: "alice", lastUsed: null };
    expect(await ask(key, [row])).toBe("accepted a");
    const auth = createAuth([apiKey({ keys: () => row })]);
    expect(await auth.authenticate(viewOf({ headers: [["x-api-key", key]] }))).not.toHaveProperty("name");
  });

  /** As the records of ORMs: the members are getters of a class, which neither a spread nor a loop finds. */
  class KeyRecord implements StoredApiKey {
    readonly #row: StoredApiKey;

    constructor(row: StoredApiKey) {
      this.#row = row;
    }

    get id() {
      return this.#row.id;
    }

    get hash() {
      return this.#row.hash;
    }

    get expiresAt() {
      return this.#row.expiresAt;
    }

    get disabled() {
      return this.#row.disabled ?? false;
    }

    isActive() {
      return !this.disabled;
    }
  }

  it.each([true, false])("reads members that a record inherits as getters; list: %s", async (isList) => {
    const { key, stored } = await newApiKey({ expiresInSeconds: 60, id: "orm" });
    const askFor = async (record: StoredApiKey, now?: number) => {
      if (isList) return ask(key, [record], now);
      const auth = createAuth([apiKey({ keys: () => record })], { clock: () => now ?? Date.now() });
      auth.onEvent(() => {});
      const asked = auth.authenticate(viewOf({ headers: [["x-api-key", key]] }));
      return asked.then(
        ({ keyId }) => `accepted ${keyId}`,
        ({ code, reason }: AuthError) => `${code} ${reason}`,
      );
    };
    expect(await askFor(new KeyRecord(stored))).toBe("accepted orm");
    expect(await askFor(new KeyRecord({ ...stored, disabled: true }))).toBe(
      "credentials_refused api_key_disabled",
    );
    expect(await askFor(new KeyRecord(stored), Date.now() + 61_000)).toBe(
      "credentials_expired api_key_expired",
    );
    class Mixed {
      readonly id = "mixed";
      readonly hash = stored.hash;
      readonly expiresAt = null;

      get disabled() {
        return true;
      }
    }
    expect(await askFor(new Mixed())).toBe("credentials_refused api_key_disabled");
  });

  it("finds a member that looks like one of ours also among inherited getters", async () => {
    const { stored } = await newApiKey({ expiresInSeconds: null });
    class Revocable extends KeyRecord {
      get revoked() {
        return true;
      }
    }
    expect(() => apiKey({ keys: [new Revocable(stored)] })).toThrow(
      "has a member 'revoked'; write 'disabled'",
    );
  });

  it("answers a disabled key as it answers an unknown one, also if it has expired", async () => {
    const { key, stored } = await newApiKey({ expiresInSeconds: 60 });
    const disabled = { ...stored, disabled: true };
    for (const keys of [[disabled], (asked: string) => (asked === disabled.hash ? disabled : undefined)]) {
      const auth = createAuth([apiKey({ keys })], { clock: () => Date.now() + 120_000 });
      auth.onEvent(() => {});
      const refusalOf = (sent: string) =>
        auth.authenticate(viewOf({ headers: [["x-api-key", sent]] })).then(
          () => new AuthError("misconfigured", "accepted"),
          (error: AuthError) => error,
        );
      const [known, unknown] = await Promise.all([refusalOf(key), refusalOf(`${key}0`)]);
      expect([known.reason, unknown.reason]).toEqual(["api_key_disabled", "api_key_unknown"]);
      const answer = ({ reply, id }: AuthError) => JSON.stringify(reply).replaceAll(id, "");
      expect(answer(known)).toBe(answer(unknown));
    }
  });

  it("warns of a list without keys when it is built", () => {
    const warn = vi.spyOn(console, "warn").mockReturnValue();
    apiKey({ keys: [] });
    expect(warn).toHaveBeenCalledExactlyOnceWith(
      "authmodes: apiKey() has no keys, so every API key is rejected",
    );
    apiKey({ keys: () => undefined });
    expect(warn).toHaveBeenCalledOnce();
    warn.mockRestore();
  });

  it("throws for a new key without an expiry", async () => {
    await expect(newApiKey({} as never)).rejects.toThrow("expiresInSeconds is missing; write null");
    await expect(newApiKey({ expiresInSeconds: 0 })).rejects.toThrow("number of seconds");
    await expect(newApiKey({ expiresInSeconds: 5, scopes: "read" as never })).rejects.toThrow(
      "list of texts",
    );
    await expect(newApiKey({ expiresIn: 5 } as never)).rejects.toThrow("Write 'expiresInSeconds'");
  });
});

describe("apiKey in Authorization", async () => {
  const { key, stored } = await newApiKey({ expiresInSeconds: null });
  const secret = "sk_live_1234567890";
  const keys = [stored, { id: "shop", hash: await hashApiKey(secret), expiresAt: null }];
  const authorizer = () => ({ isAuthorized: true, resolverContext: {} });
  const header = "Authorization";
  const jwt = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJzIn0.c2ln";

  const asked = async (modes: readonly AuthMode[], authorization: string): Promise<string> => {
    const auth = createAuth(modes);
    const events: AuthEvent[] = [];
    auth.onEvent((event) => events.push(event));
    const view = viewOf({ headers: [["Authorization", authorization]] });
    return auth.authenticate(view).then(
      ({ mode, id }) => `${mode} ${id}`,
      (error: unknown) => {
        expect(JSON.stringify([events, error])).not.toContain(secret.slice(4));
        return error instanceof AuthError ? `${error.mode} ${error.reason}` : String(error);
      },
    );
  };

  it.each([
    ["", key, "apiKey"],
    ["Bearer ", key, "apiKey"],
    ["bearer  ", key, "apiKey"],
    ["ApiKey ", key, "apiKey"],
    ["APIKEY ", key, "apiKey"],
  ])("is read after '%s'", async (scheme, sent, mode) => {
    expect(await asked([apiKey({ keys, header }), none()], scheme + sent)).toBe(`${mode} ${stored.id}`);
  });

  it.each([
    ["", "apiKey api_key_malformed"],
    ["Bearer ", "apiKey api_key_malformed"],
    ["opaque", "apiKey api_key_unknown"],
    ["ApiKey opaque", "apiKey api_key_unknown"],
    [`Basic ${btoa("a:b")}`, "undefined mode_not_served"],
    ["DPoP opaque", "undefined mode_not_served"],
    ["AWS4-HMAC-SHA256 Credential=a", "undefined mode_not_served"],
    [jwt, "apiKey api_key_unknown"],
  ])("rejects '%s', also beside none", async (authorization, expected) => {
    expect(await asked([apiKey({ keys, header }), none()], authorization)).toBe(expected);
  });

  it("leaves JWTs to the modes of tokens, and signatures to iam", async () => {
    const tokens = oidc({ issuer: "https://id.example.com", audience: "api" });
    const signed = iam({ region: "eu-west-1", credentials: () => undefined });
    for (const modes of [
      [apiKey({ keys, header }), tokens, signed],
      [signed, tokens, apiKey({ keys, header })],
    ]) {
      expect(await asked(modes, `Bearer ${key}`)).toBe(`apiKey ${stored.id}`);
      expect(await asked(modes, `Bearer ${jwt}`)).toBe("oidc issuer_unknown");
      expect(await asked(modes, "AWS4-HMAC-SHA256 Credential=a")).toMatch(/^iam /);
    }
  });

  it("is told from an authorizer's tokens by a prefix or a scheme, in any order", async () => {
    for (const [options, own, others] of [
      [
        { prefix: "sk_" },
        [secret, `Bearer ${secret}`, `ApiKey ${secret}`],
        [key, `Bearer ${key}`, "Bearer SK_live"],
      ],
      [{ scheme: "ApiKey" }, [`ApiKey ${secret}`, `apikey ${secret}`], [secret, `Bearer ${secret}`]],
      [
        { scheme: "Bearer", prefix: "sk_" },
        [`Bearer ${secret}`],
        [secret, `ApiKey ${secret}`, `Bearer ${key}`],
      ],
    ] as const) {
      const mine = apiKey({ keys, header, ...options });
      for (const modes of [
        [mine, lambda({ authorizer })],
        [lambda({ authorizer }), mine],
      ]) {
        for (const sent of own) expect(await asked(modes, sent), sent).toBe("apiKey shop");
        for (const sent of others) expect(await asked(modes, sent), sent).toBe("lambda null");
      }
      for (const sent of others) expect(await asked([mine, none()], sent)).toBe("undefined mode_not_served");
    }
    expect(await asked([apiKey({ keys, header, prefix: "sk_" }), lambda({ authorizer })], "sk_wrong")).toBe(
      "apiKey api_key_unknown",
    );
  });

  it("is not built beside another mode that takes any Authorization", () => {
    const mine = apiKey({ keys, header });
    for (const modes of [
      [mine, lambda({ authorizer })],
      [lambda({ authorizer }), mine],
    ]) {
      expect(() => createAuth(modes)).toThrow(TypeError);
      expect(() => createAuth(modes)).toThrow(
        /both take whatever is in authorization; give apiKey\(\) a prefix/,
      );
    }
    expect(createAuth([mine, lambda({ authorizer, event: "token", header: "x-token" })]).modes).toHaveLength(
      2,
    );
    expect(() =>
      createAuth([lambda({ authorizer, event: "token", header: "x-api-key" }), apiKey({ keys })]),
    ).toThrow(/both take whatever is in x-api-key/);
    expect(() => createAuth([none()], { requires: mine })).toThrow(/a header of its own/);
  });

  it("is described, challenged and forwarded as it was sent", async () => {
    const auth = createAuth([apiKey({ keys, header, scheme: "Token", prefix: "sk_" })]);
    auth.onEvent(() => {});
    expect(auth.describe()[0]?.settings).toMatchObject({
      header: "authorization",
      scheme: "Token",
      prefix: "sk_",
    });
    const view = viewOf({ headers: [["Authorization", `Token ${secret}`]] });
    expect((await auth.authenticate(view)).id).toBe("shop");
    await expect(auth.authenticate(viewOf())).rejects.toMatchObject({
      headers: { "WWW-Authenticate": "Token" },
    });
  });
});
