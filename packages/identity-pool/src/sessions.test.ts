import { type AccessKeyContext, createAuth, iam, type IamIdentity, type TokenFacts } from "@authmodes/core";
import { fetchView } from "@authmodes/core/fetch";
import { CompactEncrypt, decodeProtectedHeader } from "jose";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { createIdentityPool } from "./create.ts";
import { settingsOf } from "./options.ts";
import { type IssuedCredentials, Sessions } from "./sessions.ts";
import {
  type Credentials,
  createWorld,
  keys,
  newKey,
  poolId,
  roles,
  Scene,
  userPoolName,
  type World,
} from "./test/pool.ts";

let world: World;
let scene: Scene;
let good: Credentials;
beforeAll(async () => {
  world = await createWorld();
  scene = new Scene(world);
  good = (await scene.user()).Credentials;
});

function withToken(token: string, more: Partial<Credentials> = {}): Credentials {
  return { ...good, SessionToken: token, ...more };
}

/** Flips the lowest bit of a character of base64url that has all its bits. */
function flipped(token: string, at: number): string {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  const other = alphabet[alphabet.indexOf(token[at] ?? "") ^ 32] ?? "";
  return token.slice(0, at) + other + token.slice(at + 1);
}

const unknown = "access_key_unknown";

describe("a session token", () => {
  it("is accepted by every instance with the keys", async () => {
    expect(await new Scene(world).caller(good)).toMatchObject({ mode: "iam" });
  });

  it("is rejected if one bit is changed, in any of its parts", async () => {
    const token = good.SessionToken;
    let tried = 0;
    for (let at = 0; at < token.length; at += 37) {
      if (token[at] === ".") continue;
      tried++;
      expect(await scene.caller(withToken(flipped(token, at))), `character ${at}`).toBe(unknown);
    }
    expect(tried).toBeGreaterThan(15);
    // After the valid one was cached too.
    expect(await scene.caller(good)).toMatchObject({ mode: "iam" });
    for (const at of [0, 60, token.length - 10])
      expect(await scene.caller(withToken(flipped(token, at)))).toBe(unknown);
  });

  it("is rejected if a bit is changed that decoders ignore", async () => {
    const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const token = good.SessionToken;
    const other = token.slice(0, -1) + (alphabet[alphabet.indexOf(token.at(-1) ?? "") ^ 1] ?? "");
    expect(Buffer.from(other, "base64url")).toEqual(Buffer.from(token, "base64url"));
    expect(await scene.caller(withToken(other))).toBe(unknown);
    expect(await new Scene(world).caller(withToken(other))).toBe(unknown);
  });

  it.each([
    ["truncated", (token: string) => token.slice(0, -1)],
    ["longer", (token: string) => `${token}A`],
    ["without its tag", (token: string) => token.slice(0, token.lastIndexOf("."))],
    ["other text", () => "FwoGZXIvYXdzEXAMPLE"],
    ["over 4 KiB", () => "x".repeat(5000)],
    ["the end of a valid one", (token: string) => token.slice(-22)],
  ])("is rejected if it is %s", async (_, change) => {
    expect(await scene.caller(good)).toMatchObject({ mode: "iam" });
    expect(await scene.caller(withToken(change(good.SessionToken)))).toBe(unknown);
  });

  it("is rejected if it is missing", async () => {
    const { SessionToken: _, ...rest } = good;
    const headers = await scene.kit.headersFor("iam", {
      url: "http://api.test/books",
      credentials: { accessKeyId: rest.AccessKeyId, secretAccessKey: rest.SecretKey },
    });
    const request = new Request("http://api.test/books", { headers });
    await expect(scene.auth.authenticate(fetchView(request))).rejects.toMatchObject({ reason: unknown });
  });

  it("is bound to its access key", async () => {
    const other = (await scene.user()).Credentials;
    expect(await scene.caller({ ...good, AccessKeyId: other.AccessKeyId })).toBe(unknown);
    expect(await scene.caller({ ...other, SessionToken: good.SessionToken })).toBe(unknown);
    expect(await scene.caller({ ...good, SecretKey: other.SecretKey })).toBe("signature_mismatch");
    expect(await new Scene(world).caller({ ...good, AccessKeyId: other.AccessKeyId })).toBe(unknown);
  });

  it("of another pool with the same keys is rejected", async () => {
    const other = new Scene(world, { id: poolId.replace("5a3c1f0e", "5a3c1f0f") });
    expect(await other.caller(good)).toBe(unknown);
  });

  it("shows nothing of the session", () => {
    const token = good.SessionToken;
    expect(decodeProtectedHeader(token)).toEqual({ alg: "dir", enc: "A256GCM", typ: "authmodes-session" });
    const text = token
      .split(".")
      .map((part) => Buffer.from(part, "base64url").toString("latin1"))
      .join(" ");
    for (const part of [good.SecretKey, good.AccessKeyId, "alice", "reader", poolId])
      expect(text).not.toContain(part);
  });

  it("is not any text that is encrypted with the same key", async () => {
    const session = {
      poolId,
      accessKeyId: good.AccessKeyId,
      secretAccessKey: good.SecretKey,
      role: "admin",
      identityId: "x",
    };
    const text = JSON.stringify({ ...session, issuedAt: 0, expiresAt: 9e9 });
    const token = await new CompactEncrypt(new TextEncoder().encode(text))
      .setProtectedHeader({ alg: "dir", enc: "A256GCM" })
      .encrypt(Buffer.from(keys, "base64"));
    expect(await scene.caller(withToken(token))).toBe(unknown);
  });

  it("is refused at issue if it would be over 4 KiB", async () => {
    const { IdentityId } = await scene.getId();
    expect(
      await scene.getCredentials(IdentityId, { Logins: await scene.logins({ sub: "s".repeat(4000) }) }),
    ).toMatchObject({
      status: 400,
      __type: "InvalidParameterException",
    });
  });
});

describe("keys rotate:", () => {
  it("tokens of an older key are accepted until it is removed", async () => {
    const next = newKey();
    expect(await new Scene(world, { keys: `${next}, ${keys}` }).caller(good)).toMatchObject({ mode: "iam" });
    expect(await new Scene(world, { keys: next }).caller(good)).toBe(unknown);
  });

  it("the first key encrypts", async () => {
    const next = newKey();
    const { Credentials } = await new Scene(world, { keys: `${next},${keys}` }).user();
    expect(await new Scene(world, { keys: next }).caller(Credentials)).toMatchObject({ mode: "iam" });
    expect(await scene.caller(Credentials)).toBe(unknown);
  });
});

describe("credentials expire", () => {
  it("after an hour, on every instance, cached or not", async () => {
    const { Credentials } = await scene.user();
    world.kit.clock.advance(3599);
    expect(await scene.caller(Credentials)).toMatchObject({ mode: "iam", expiresAt: Credentials.Expiration });
    world.kit.clock.advance(1);
    expect(await scene.caller(Credentials)).toBe("session_expired");
    expect(await new Scene(world).caller(Credentials)).toBe("session_expired");
  });

  it("and are not valid again if the clock is set back before they were issued", async () => {
    const { Credentials } = await scene.user();
    world.kit.clock.advance(-7200);
    expect(await scene.caller(Credentials)).toBe(unknown);
    world.kit.clock.advance(7200 - 299);
    expect(await scene.caller(Credentials)).toMatchObject({ mode: "iam" });
    world.kit.clock.advance(299);
  });

  describe("for good if the clock is set back", () => {
    /** Issues, and shows the session to the server again when the clock was set forward and back. */
    async function steppedBack(server: Scene, isSeen: boolean) {
      const { Credentials } = await scene.user();
      if (isSeen) await server.caller(Credentials);
      world.kit.clock.advance(3601);
      expect(await server.caller(Credentials)).toBe("session_expired");
      world.kit.clock.advance(-1801);
      return Credentials;
    }

    it.each([true, false])("to before their expiry, cached while they were valid: %s", async (isSeen) => {
      const server = new Scene(world);
      const old = await steppedBack(server, isSeen);
      expect(await server.caller(old)).toBe("session_expired");
      // Also one that this process sees for the first time now.
      const { Credentials } = await new Scene(world).user();
      world.kit.clock.advance(3600);
      expect(await server.caller(old)).toBe("session_expired");
      world.kit.clock.advance(-3600);
      expect(await server.caller(Credentials)).toBe("session_expired");
      expect(await server.caller(old)).toBe("session_expired");
    });

    it("and keep their access key and secret until then", async () => {
      const server = new Scene(world);
      const old = await steppedBack(server, true);
      const other = (await scene.user()).Credentials;
      expect(await server.caller({ ...old, SecretKey: other.SecretKey })).toBe("signature_mismatch");
      expect(await server.caller({ ...old, AccessKeyId: other.AccessKeyId })).toBe(unknown);
    });

    it("while new ones are accepted, as long as always", async () => {
      const server = new Scene(world);
      await steppedBack(server, true);
      const { Credentials } = await server.user();
      expect(Credentials.Expiration).toBe(world.kit.clock.now() / 1000 + 3600);
      world.kit.clock.advance(3599);
      expect(await server.caller(Credentials)).toMatchObject({ mode: "iam" });
      world.kit.clock.advance(1);
      expect(await server.caller(Credentials)).toBe("session_expired");
    });
  });

  describe("by a clock that was ahead and is set right", () => {
    it.each([3600, 20_000])("later than usual if it was %i s ahead: they are accepted", async (ahead) => {
      const server = new Scene(world);
      world.kit.clock.advance(ahead);
      const early = await server.user();
      world.kit.clock.advance(-ahead);
      const now = world.kit.clock.now() / 1000;
      const { Credentials } = await server.user();
      expect(Credentials.Expiration).toBe(now + ahead + 1);
      expect(await server.caller(Credentials)).toMatchObject({ mode: "iam", issuedAt: now });
      expect(await server.caller(Credentials)).toMatchObject({ mode: "iam" }); // cached
      expect(await new Scene(world).caller(Credentials)).toMatchObject({ mode: "iam" });
      // What was issued ahead of time is not: a revocation of all sessions until now would not include it.
      expect(await server.caller(early.Credentials)).toBe(unknown);
      world.kit.clock.advance(ahead + 1);
      expect(await server.caller(Credentials)).toBe("session_expired");
      world.kit.clock.advance(-1);
      expect(await server.caller(Credentials)).toBe("session_expired");
      world.kit.clock.advance(-ahead);
    });

    it("within a day, however far it was ahead", async () => {
      const server = new Scene(world);
      world.kit.clock.advance(1e9);
      await server.user();
      world.kit.clock.advance(-1e9);
      const { Credentials } = await server.user();
      expect(Credentials.Expiration).toBe(world.kit.clock.now() / 1000 + 86_400);
      expect(await server.caller(Credentials)).toBe("session_expired");
    });
  });

  it("after another time, if you say so", async () => {
    const { Credentials } = await new Scene(world, { lifetimeSeconds: 60, shortLived: true }).user();
    expect(Credentials.Expiration).toBe(world.kit.clock.now() / 1000 + 60);
  });
});

describe("revoked is asked", () => {
  const factsOf = async ({ Credentials }: { readonly Credentials: Credentials }) => {
    const seen: TokenFacts[] = [];
    const revoked = (facts: TokenFacts) => seen.push(facts) > 0;
    const asked = new Scene(world, {}, { revoked });
    expect(await asked.caller(Credentials)).toBe("token_revoked");
    return seen;
  };

  it("about the session, with its time, and about the login", async () => {
    const iat = world.kit.clock.now() / 1000;
    const claims = { jti: "j1", origin_jti: "o1" };
    const Logins = await scene.logins({ claims });
    world.kit.clock.advance(100);
    const { IdentityId } = await scene.getId(Logins);
    const user = await scene.getCredentials(IdentityId, { Logins });
    world.kit.clock.advance(100);
    const login = {
      iss: `https://${userPoolName}`,
      sub: scene.kit.userPool.sub("alice"),
      jti: "j1",
      originJti: "o1",
      iat,
    };
    const session = { iss: poolId, sub: IdentityId, jti: user.Credentials.AccessKeyId, iat: iat + 100 };
    expect(await factsOf(user)).toEqual([{ ...session, login }]);
  });

  it("about a guest's session only", async () => {
    const guest = await scene.guest();
    const [facts] = await factsOf(guest);
    expect(facts).toMatchObject({ sub: guest.IdentityId, iat: world.kit.clock.now() / 1000 });
    expect(facts?.login).toBeUndefined();
  });

  it("with facts that a handler cannot change for later requests", async () => {
    const caller = (await scene.caller((await scene.user()).Credentials)) as IamIdentity;
    expect(Object.isFrozen(caller.login)).toBe(true);
  });
});

describe("a role", () => {
  it("allows its requests only", async () => {
    const guest = (await scene.guest()).Credentials;
    expect(await scene.caller(guest, "GET", "/books")).toMatchObject({ mode: "iam" });
    expect(await scene.caller(guest, "GET", "/books/7?x=/orders")).toMatchObject({ mode: "iam" });
    const denied = "access_key_not_allowed";
    expect(await scene.caller(guest, "POST", "/books")).toBe(denied);
    expect(await scene.caller(guest, "GET", "/orders?x=/books")).toBe(denied);
    expect(await scene.caller(guest, "GET", "/api/books")).toBe(denied);
    expect(await scene.caller(guest, "GET", "/Books")).toBe(denied);
    expect(await scene.caller(guest, "GET", "/books%2f..%2forders")).toBe("path_not_canonical");
    const user = (await scene.user()).Credentials;
    expect(await scene.caller(user, "POST", "/orders")).toMatchObject({ mode: "iam" });
    expect(await scene.caller(user, "POST", "/orders/1")).toBe(denied);
  });

  it("that was removed or restricted changes the sessions that are open", async () => {
    const { reader: _, ...others } = roles;
    const { guests: __, ...options } = world.options;
    const pool = createIdentityPool({
      ...options,
      roles: others,
      authenticated: "editor",
      guests: "guest",
      roleMappings: {},
    });
    const auth = createAuth([iam({ region: "us-east-1", credentials: pool })], {
      clock: world.kit.clock.now,
    });
    auth.onEvent(() => undefined);
    const fresh = (await scene.user()).Credentials;
    const headers = await scene.kit.headersFor("iam", {
      url: "http://api.test/books",
      credentials: {
        accessKeyId: fresh.AccessKeyId,
        secretAccessKey: fresh.SecretKey,
        sessionToken: fresh.SessionToken,
      },
    });
    const view = fetchView(new Request("http://api.test/books", { headers }));
    await expect(auth.authenticate(view)).rejects.toMatchObject({ reason: unknown });
    const narrow = new Scene(world, { roles: { ...roles, reader: ["GET /news"] } });
    expect(await narrow.caller(fresh)).toBe("access_key_not_allowed");
  });
});

describe("the pool as a source of keys", () => {
  const context = (sessionToken: string | undefined): AccessKeyContext => ({
    sessionToken,
    signal: new AbortController().signal,
  });

  it("opens a token once and answers synchronously then", async () => {
    const fresh = new Scene(world);
    const decrypt = vi.spyOn(globalThis.crypto.subtle, "decrypt");
    const first = fresh.pool(good.AccessKeyId, context(good.SessionToken));
    expect(first).toBeInstanceOf(Promise);
    expect(await first).toMatchObject({ sessionToken: good.SessionToken });
    expect(decrypt).toHaveBeenCalledTimes(1);
    for (let i = 0; i < 20; i++) {
      expect(fresh.pool(good.AccessKeyId, context(good.SessionToken))).toBe(await first);
    }
    expect(decrypt).toHaveBeenCalledTimes(1);
    decrypt.mockRestore();
  });

  it("knows no long-term keys, so that it can be one of several", () => {
    expect(scene.pool("AKIDMACHINE", context(undefined))).toBeUndefined();
  });

  it("forgets the oldest tokens when its cache is full", async () => {
    const sessions = new Sessions(settingsOf(world.options));
    const issue = async () => {
      const owner = { identityId: "x", role: "guest", authProvider: "p".repeat(2600), login: undefined };
      const credentials = await sessions.issue(owner);
      if (credentials === undefined) throw new Error("too long");
      return credentials;
    };
    const find = ({ AccessKeyId: id, SessionToken: token }: IssuedCredentials) =>
      sessions.find(id, context(token));
    const first = await issue();
    await find(first);
    expect(find(first)).not.toBeInstanceOf(Promise);
    const more = Math.ceil((8 * 1024 * 1024) / first.SessionToken.length);
    for (let i = 0; i < more; i++) await find(await issue());
    const again = find(first);
    expect(again).toBeInstanceOf(Promise);
    expect(await again).toBeDefined();
  }, 30_000);
});
