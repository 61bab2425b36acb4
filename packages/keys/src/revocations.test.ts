import { setTimeout as sleep } from "node:timers/promises";
import {
  AuthError,
  createAuth,
  type IdentityBase,
  type RequestView,
  type TokenFacts,
  watchConnection,
} from "@authmodes/core";
import { afterEach, describe, expect, it, vi } from "vitest";
import { type Revocation, openRevocations } from "./revocations.ts";
import { memoryStore } from "./store/memory.ts";
import type { Store } from "./store/store.ts";

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

const issuer = "https://a.example.com";
const now = () => Math.floor(Date.now() / 1000);

function token(facts: Partial<TokenFacts> = {}): TokenFacts {
  return {
    iss: issuer,
    jti: "j1",
    originJti: "o1",
    sid: "s1",
    sub: "alice",
    iat: now() - 60,
    ...facts,
  };
}

async function revocationsOf(...revocations: readonly Revocation[]) {
  const opened = await openRevocations(memoryStore());
  for (const one of revocations) await opened.revoke(one);
  return opened;
}

describe("revoking", () => {
  it.each<[string, Revocation, Partial<TokenFacts>, Partial<TokenFacts>]>([
    ["a token", { jti: "j1" }, {}, { jti: "j2" }],
    ["a token of an issuer", { jti: "j1", issuer }, {}, { iss: "https://b.example.com" }],
    ["a session of a user pool", { originJti: "o1" }, {}, { originJti: "o2" }],
    ["a session, refreshed later too", { sid: "s1" }, { iat: now() + 1000 }, { sid: "s2" }],
    ["a user", { sub: "alice", issuer }, {}, { sub: "bob" }],
    ["a user of one issuer", { sub: "alice", issuer }, {}, { iss: "https://b.example.com" }],
    ["a user's tokens so far", { sub: "alice" }, { iat: now() - 1 }, { iat: now() + 60 }],
    ["a user's tokens before a time", { sub: "alice", issuedBefore: 1000 }, { iat: 1000 }, { iat: 1001 }],
    [
      "a user's tokens without a time",
      { sub: "alice", issuedBefore: 1000 },
      { iat: undefined },
      { iat: 2000 },
    ],
    ["an issuer's tokens before a time", { issuer, issuedBefore: 1000 }, { iat: 999 }, { iat: 1001 }],
    [
      "an issuer's tokens, not another's",
      { issuer, issuedBefore: 1000 },
      { iat: 999 },
      { iat: 999, iss: `${issuer}.uk` },
    ],
    ["with a slash more", { jti: "j1", issuer: `${issuer}/` }, {}, { jti: "j2" }],
    ["with a slash less", { jti: "j1", issuer }, { iss: `${issuer}/` }, { iss: undefined }],
    ["odd texts", { sub: "é\0\n\"'😀 1" }, { sub: "é\0\n\"'😀 1" }, { sub: "constructor" }],
  ])("%s", async (_, revocation, revoked, other) => {
    const revocations = await revocationsOf(revocation);
    expect(revocations.isRevoked(token(revoked))).toBe(true);
    expect(revocations.isRevoked(token(other))).toBe(false);
    await revocations.close();
  });

  it.each<[string, Revocation, Partial<TokenFacts>]>([
    ["the session", { jti: "ASIA1" }, { jti: "ASIA2" }],
    ["the identity", { sub: "us-east-1:1", issuer: "us-east-1:pool" }, { sub: "us-east-1:2" }],
    ["the identity so far", { sub: "us-east-1:1" }, { iat: now() + 60 }],
    ["the user", { sub: "alice", issuer }, { login: token({ sub: "bob" }) }],
    ["the user's login so far", { sub: "alice" }, { login: token({ iat: now() + 60 }) }],
    ["the sign-in", { originJti: "o1" }, { login: token({ originJti: "o2" }) }],
    ["any login", { sub: "alice" }, { login: undefined }],
  ])("ends temporary credentials by %s", async (_, revocation, other) => {
    const session: TokenFacts = {
      iss: "us-east-1:pool",
      sub: "us-east-1:1",
      jti: "ASIA1",
      originJti: undefined,
      sid: undefined,
      iat: now() - 60,
      login: token(),
    };
    const revocations = await revocationsOf(revocation);
    expect(revocations.isRevoked(session)).toBe(true);
    expect(revocations.isRevoked({ ...session, ...other })).toBe(false);
    await revocations.close();
  });

  it("by one claim leaves tokens with the same text in another", async () => {
    const revocations = await revocationsOf({ jti: "same" });
    expect(revocations.isRevoked(token({ jti: "x", sub: "same", sid: "same", originJti: "same" }))).toBe(
      false,
    );
    await revocations.close();
  });

  it("again never shortens it", async () => {
    const revocations = await revocationsOf(
      { sub: "alice", issuedBefore: 2000, expiresInDays: 30 },
      { sub: "alice", issuedBefore: 1000, expiresInDays: 1 },
      { sub: "alice", issuer, issuedBefore: 500 },
    );
    expect(revocations.isRevoked(token({ iat: 1999 }))).toBe(true);
    const kept = (await revocations.list()).find((one) => one.issuer === null);
    expect(kept?.expiresAt).toBeGreaterThan(now() + 29 * 86_400);
    await revocations.close();
  });

  it("expires by itself", async () => {
    const revocations = await revocationsOf({ jti: "j1", expiresInDays: 1, reason: "lost" }, { sid: "s9" });
    expect(await revocations.list()).toMatchObject([
      { claim: "jti", value: "j1", issuer: null, issuedBefore: null, reason: "lost" },
      { claim: "sid", value: "s9" },
    ]);
    vi.spyOn(Date, "now").mockReturnValue(Date.now() + 86_400_000 + 1000);
    expect(revocations.isRevoked(token())).toBe(false);
    expect(await revocations.list()).toMatchObject([{ claim: "sid" }]);
    await revocations.close();
  });

  it("is forgotten in memory some time after its expiry", async () => {
    vi.useFakeTimers();
    const store = memoryStore();
    const reads = vi.spyOn(store, "changes");
    const revocations = await openRevocations(store);
    await revocations.revoke({ jti: "j1", expiresInDays: 1 });
    await vi.advanceTimersByTimeAsync(86_400_000 + 1_000_000);
    expect(reads.mock.calls.length).toBeGreaterThan(600);
    vi.setSystemTime(Date.now() - 86_400_000 * 2);
    vi.spyOn(performance, "now").mockReturnValue(0);
    expect(revocations.isRevoked(token())).toBe(false);
    await revocations.close();
  }, 60_000);

  it.each<[object, string]>([
    [{}, "takes one of jti, originJti, sid and sub"],
    [{ jti: "a", sub: "b" }, "takes one of"],
    [{ issuer }, "takes one of"],
    [{ jti: "" }, "jti is text"],
    [{ sub: 7 }, "sub is text"],
    [{ jti: "a", issuer: "" }, "issuer is text"],
    [{ jti: "a", issuedBefore: 1000 }, "issuedBefore goes with sub"],
    [{ sub: "a", issuedBefore: Date.now() }, "issuedBefore is in seconds"],
    [{ sub: "a", expiresInDays: 0 }, "expiresInDays is a whole number"],
    [{ origin_jti: "a" }, "Write 'originJti'"],
    [{ jti: undefined }, "jti is undefined"],
  ])("throws for %j", async (revocation, message) => {
    const revocations = await revocationsOf();
    await expect(revocations.revoke(revocation as Revocation)).rejects.toThrow(message);
    await expect(revocations.revoke(revocation as Revocation)).rejects.toThrow(TypeError);
    await revocations.close();
  });

  it("needs the issuer once servers met several", async () => {
    const store = memoryStore();
    const [server, admin] = [await openRevocations(store), await openRevocations(store)];
    server.isRevoked(token());
    await sleep(50);
    expect(await admin.revoke({ sub: "alice" })).toMatchObject({ issuer: null });
    server.isRevoked(token({ iss: "https://b.example.com" }));
    await sleep(50);
    expect(await admin.issuers()).toEqual(["https://a.example.com", "https://b.example.com"]);
    await expect(admin.revoke({ sub: "bob" })).rejects.toThrow(
      "issuer is missing, and servers accepted tokens of several. Write one of these:\n" +
        "  https://a.example.com\n  https://b.example.com",
    );
    await admin.revoke({ sub: "bob", issuer });
    await sleep(50);
    expect(server.isRevoked(token({ sub: "bob" }))).toBe(true);
    expect(server.isRevoked(token({ sub: "bob", iss: "https://b.example.com" }))).toBe(false);
    await server.close();
    await admin.close();
  });
});

/** A caller with a token, whatever the request. */
function authOf(revoked: (facts: TokenFacts) => boolean) {
  const identity = {
    mode: "badge" as const,
    id: "alice",
    groups: [],
    scopes: [],
    expiresAt: null,
    claims: { iss: issuer, sid: "s1", origin_jti: "o1", sub: "alice" },
  };
  const mode = {
    name: "badge" as const,
    detect: () => ({ place: "x-badge", verify: (): IdentityBase & { mode: "badge" } => identity }),
  };
  const auth = createAuth([mode], { revoked });
  auth.onEvent(() => {});
  const view = (): RequestView => ({
    method: "GET",
    target: "/",
    host: "a",
    rawHeaders: [],
    exact: true,
    header: () => undefined,
    body: async () => new Uint8Array(),
  });
  return () => auth.authenticate(view());
}

it("stops tokens on every instance within 5 s, also without messages, and ends open connections", async () => {
  const store = memoryStore();
  const silent: Store = { ...store, watch: () => () => {} };
  const servers = [await openRevocations(store), await openRevocations(silent)] as const;
  const admin = await openRevocations(store);
  const calls = servers.map(({ isRevoked }) => authOf(isRevoked));
  const identities = await Promise.all(calls.map((call) => call()));
  const ended: string[] = [];
  const clock = vi.fn<() => number>(() => Date.now() + 61_000);
  await admin.revoke({ sid: "s1" });
  await vi.waitFor(
    async () => {
      for (const call of calls) await expect(call()).rejects.toMatchObject({ reason: "token_revoked" });
    },
    { timeout: 5000, interval: 50 },
  );
  // The connection was verified over a minute ago.
  for (const identity of identities) watchConnection(identity, ({ reason }) => ended.push(reason), clock);
  await sleep(20);
  expect(ended).toEqual(["token_revoked", "token_revoked"]);
  for (const one of [...servers, admin]) await one.close();
});

it("holds while the store is down, for maxStaleSeconds; then the answer is 503", async () => {
  vi.spyOn(console, "error").mockImplementation(() => {});
  const store = memoryStore();
  let isDown = false;
  const changes: Store["changes"] = async (...args) => {
    if (isDown) throw new Error("connect ECONNREFUSED");
    return store.changes(...args);
  };
  const revocations = await openRevocations({ ...store, changes }, { maxStaleSeconds: 2 });
  await revocations.revoke({ jti: "j1" });
  isDown = true;
  expect(revocations.isRevoked(token())).toBe(true);
  expect(revocations.isRevoked(token({ jti: "j2" }))).toBe(false);
  await sleep(2500);
  for (const jti of ["j1", "j2"]) expect(() => revocations.isRevoked(token({ jti }))).toThrow(AuthError);
  await expect(authOf(revocations.isRevoked)()).rejects.toMatchObject({ status: 503 });
  isDown = false;
  await vi.waitFor(() => expect(revocations.isRevoked(token())).toBe(true), { timeout: 5000, interval: 100 });
  await revocations.close();
});
