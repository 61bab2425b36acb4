import { describe, expect, it } from "vitest";
import { createAuth } from "../auth/auth.ts";
import type { AuthEvent } from "../auth/events.ts";
import { newApiKey } from "../lib/stored-key.ts";
import { apiKey } from "../modes/api-key.ts";
import { oidc, type OidcOptions } from "../modes/oidc.ts";
import { userPool } from "../modes/user-pool.ts";
import { AuthError } from "../refusal/error.ts";
import { newSigner } from "../test/signer.ts";
import { viewOf } from "../test/view.ts";
import type { AuthMode, IdentityBase, Requirements } from "../types.ts";
import type { ClaimPath, FindRights } from "./rights.ts";

const now = 1_800_000_000;
const signer = newSigner("RS256");
const issuer = "https://id.example.com";
const keys = { keys: [signer.jwk] };

interface Outcome {
  readonly identity: IdentityBase | undefined;
  readonly error: AuthError | undefined;
  readonly event: AuthEvent | undefined;
}

async function outcome(mode: AuthMode, claims: object, needs: Requirements = {}): Promise<Outcome> {
  const auth = createAuth([mode], { clock: () => now * 1000 });
  let event: AuthEvent | undefined;
  auth.onEvent((heard) => (event = heard));
  const token = await signer.sign({ iss: issuer, sub: "otto", aud: "api", exp: now + 60, ...claims });
  const view = viewOf({ headers: [["Authorization", `Bearer ${token}`]] });
  return auth.authenticate(view, needs).then(
    (identity) => ({ identity, error: undefined, event }),
    (error: unknown) => {
      if (!(error instanceof AuthError)) throw error;
      return { identity: undefined, error, event };
    },
  );
}

const mode = (options: Partial<OidcOptions>) => oidc({ issuer, audience: "api", keys, ...options });
const groupsOf = async (groupsClaim: ClaimPath, claims: object) =>
  (await outcome(mode({ groupsClaim }), claims)).identity?.groups;
const scopesOf = async (scopesClaim: ClaimPath, claims: object) =>
  (await outcome(mode({ scopesClaim }), claims)).identity?.scopes;

const keycloak = {
  realm_access: { roles: ["admin", "offline_access"] },
  resource_access: { "shop-api": { roles: ["editor"] } },
};
const zitadel = "urn:zitadel:iam:org:project:roles";

describe("groupsClaim", () => {
  const cases: readonly (readonly [string, ClaimPath, object, readonly string[]])[] = [
    ["a path (Keycloak)", ["realm_access", "roles"], keycloak, ["admin", "offline_access"]],
    ["a longer path", ["resource_access", "shop-api", "roles"], keycloak, ["editor"]],
    ["a list of one name", ["roles"], { roles: ["a"] }, ["a"]],
    ["a name with dots (Auth0)", "https://a.example/roles", { "https://a.example/roles": ["a"] }, ["a"]],
    ["a name with dots that is no path", "realm_access.roles", keycloak, []],
    ["a path with a dot in a name", ["a.b", "c"], { "a.b": { c: ["x"] }, a: { b: { c: ["y"] } } }, ["x"]],
    ["text (Clerk)", ["o", "rol"], { o: { rol: "admin" } }, ["admin"]],
    ["text with spaces", "roles", { roles: "a b" }, ["a b"]],
    [
      "keys (Zitadel)",
      zitadel,
      { [zitadel]: { admin: { 12: "a.example" }, editor: {} } },
      ["admin", "editor"],
    ],
    ["keys of no object", zitadel, { [zitadel]: {} }, []],
    ["keys that mean nothing", "roles", { roles: { admin: false } }, []],
    ["keys of which one means nothing", "roles", { roles: { admin: {}, b: null } }, []],
    ["an object of lists", "realm_access", keycloak, []],
    ["a list with a number", "roles", { roles: ["admin", 1] }, []],
    ["a list of lists", "roles", { roles: [["admin"]] }, []],
    ["a number", "roles", { roles: 1 }, []],
    ["true", "roles", { roles: true }, []],
    ["null", "roles", { roles: null }, []],
    ["a path through text", ["roles", "length"], { roles: "admin" }, []],
    ["a path through a list", ["roles", "0"], { roles: ["admin"] }, []],
    ["what every object inherits", "constructor", {}, []],
    ["what every object inherits, on a path", ["realm_access", "__proto__"], keycloak, []],
  ];
  it.each(cases)("reads %s", async (_name, path, claims, expected) => {
    expect(await groupsOf(path, claims)).toEqual(expected);
  });
});

it("reads no claim that the token does not have, also if other code changed the prototype of objects", async () => {
  const base = Reflect.getPrototypeOf({}) ?? {};
  Object.defineProperty(base, "roles", { value: ["admin"], configurable: true });
  try {
    expect(await groupsOf("roles", {})).toEqual([]);
    expect(await groupsOf(["realm_access", "roles"], { realm_access: {} })).toEqual([]);
  } finally {
    Reflect.deleteProperty(base, "roles");
  }
});

describe("scopesClaim", () => {
  it("reads the one claim that is named, as a list or as text", async () => {
    expect(await scopesOf("permissions", { permissions: ["read:a", "write:a"], scope: "openid" })).toEqual([
      "read:a",
      "write:a",
    ]);
    expect(await scopesOf(["api", "scope"], { api: { scope: "a  b" } })).toEqual(["a", "b"]);
    expect(await scopesOf("permissions", { scope: "admin" })).toEqual([]);
    expect(await scopesOf("permissions", { permissions: [1], scope: "admin" })).toEqual([]);
  });
});

describe("rights", () => {
  it("decides about groups and scopes", async () => {
    const rights: FindRights = ({ roles }) => ({ groups: roles === "x" ? ["a"] : [], scopes: ["s"] });
    const found = await outcome(mode({ rights }), { roles: "x", scope: "openid" });
    expect(found.identity).toMatchObject({ groups: ["a"], scopes: ["s"] });
    const pool = userPool({ userPoolId: "p", issuer, clientId: "api", tokenUse: "id", keys, rights });
    const claims = { token_use: "id", roles: "x", "cognito:groups": ["Admins"] };
    expect((await outcome(pool, claims)).identity).toMatchObject({ groups: ["a"], scopes: ["s"] });
  });

  it("is asked once for each token, with a signal, and may be asynchronous", async () => {
    const signals: boolean[] = [];
    const asked = mode({
      rights: async (_claims, { signal }) => {
        signals.push(signal.aborted);
        return { groups: ["late"], scopes: [] };
      },
    });
    const token = await signer.sign({ iss: issuer, sub: "otto", aud: "api", exp: now + 60 });
    const auth = createAuth([asked], { clock: () => now * 1000 });
    for (const _time of [1, 2]) {
      const view = viewOf({ headers: [["Authorization", token]] });
      expect((await auth.authenticate(view)).groups).toEqual(["late"]);
    }
    expect(signals).toEqual([false]);
  });

  it("does not freeze the lists of the app", async () => {
    const shared = ["a"];
    await outcome(mode({ rights: () => ({ groups: shared, scopes: shared }) }), {});
    expect(Object.isFrozen(shared)).toBe(false);
  });

  const nonsense: readonly (readonly [string, () => unknown])[] = [
    ["nothing", () => undefined],
    ["null", () => null],
    ["true", () => true],
    ["a list", () => ["admin"]],
    ["groups alone", () => ({ groups: ["admin"] })],
    ["text for groups", () => ({ groups: "admin", scopes: [] })],
    ["a list with undefined", () => ({ groups: ["admin", undefined], scopes: [] })],
    ["scopes that are undefined", () => ({ groups: [], scopes: undefined })],
    ["a promise of nothing", async () => undefined],
  ];
  it.each(nonsense)("is a 503 if it returns %s", async (_name, rights) => {
    const { error, event } = await outcome(mode({ rights: rights as FindRights }), {}, { groups: ["admin"] });
    expect([error?.status, error?.reason]).toEqual([503, "verification_failed"]);
    expect(event?.detail).toContain("oidc(): rights must return { groups, scopes }, two lists of texts");
  });

  it("is a 503 if it throws, and a rejection if it throws one", async () => {
    const throwing = (error: Error) => mode({ rights: () => Promise.reject(error) });
    const down = await outcome(throwing(new Error("down")), {});
    expect([down.error?.status, down.error?.reason]).toEqual([503, "verification_failed"]);
    const rejection = new AuthError("forbidden", "tenant_blocked");
    expect((await outcome(throwing(rejection), {})).error?.status).toBe(403);
  });
});

describe("a claim that a route needs", () => {
  const needs = { groups: ["admin"] };
  const cases: readonly (readonly [string, Partial<OidcOptions>, object, string])[] = [
    ["is absent", { groupsClaim: "roles" }, {}, "the token has no claim roles"],
    [
      "is absent, on a path",
      { groupsClaim: ["realm_access", "roles"] },
      {},
      'the token has no claim ["realm_access","roles"]',
    ],
    [
      "is written with dots",
      { groupsClaim: "realm_access.roles" },
      keycloak,
      'a nested claim is a list: ["realm_access","roles"]',
    ],
    [
      "is misspelt",
      { groupsClaim: "role" },
      { roles: ["admin"] },
      'the token has no claim role; it has "roles"',
    ],
    [
      "is misspelt, on a path",
      { groupsClaim: ["realm_access", "rolls"] },
      keycloak,
      'the token has no claim ["realm_access","rolls"]; it has ["realm_access","roles"]',
    ],
    [
      "is named by its parent",
      { groupsClaim: "realm_access" },
      keycloak,
      'the claim realm_access is of the type object, not a list of texts; a nested claim is a list: ["realm_access","roles"]',
    ],
    ["is of another type", { groupsClaim: "roles" }, { roles: 1 }, "the claim roles is of the type number"],
    [
      "has other values",
      { groupsClaim: "roles" },
      { roles: [1] },
      "a list with other values, not a list of texts",
    ],
    [
      "is not named by an option",
      {},
      { roles: ["admin"] },
      "no option names the claim of the caller's groups",
    ],
    [
      "has too many values for the token (Entra ID)",
      { groupsClaim: "groups" },
      { _claim_names: { groups: "src1" }, _claim_sources: { src1: { endpoint: "https://graph.example" } } },
      "but _claim_names: the user has too many for a token",
    ],
    [
      "is read by a function",
      { rights: () => ({ groups: [], scopes: [] }) },
      {},
      "rights returned other groups",
    ],
  ];
  it.each(cases)(
    "%s: the log names it, the caller learns nothing",
    async (_name, options, claims, detail) => {
      const { error, event } = await outcome(mode(options), claims, needs);
      expect([error?.status, error?.reason]).toEqual([403, "group_missing"]);
      expect(event?.detail).toContain(detail);
      expect(error?.reply.body).not.toMatch(/roles|groups|claim/);
    },
  );

  it("is named for scopes too, and not if it has other values", async () => {
    const absent = await outcome(mode({}), {}, { scopes: ["write"] });
    expect(absent.event).toMatchObject({ reason: "scope_missing" });
    expect(absent.event?.detail).toContain("the token has no claim scope or scp");
    const other = await outcome(mode({ groupsClaim: "roles" }), { roles: ["reader"] }, needs);
    expect(other.event?.detail).toBe('needs one of the groups admin; the caller has ["reader"]');
  });

  it("is named too if an API key comes along", async () => {
    const { key, stored } = await newApiKey({ expiresInSeconds: null });
    const auth = createAuth([mode({})], { clock: () => now * 1000, requires: apiKey({ keys: [stored] }) });
    const details: (string | undefined)[] = [];
    auth.onEvent(({ detail }) => details.push(detail));
    const token = await signer.sign({ iss: issuer, sub: "otto", aud: "api", exp: now + 60 });
    const headers: [string, string][] = [
      ["Authorization", `Bearer ${token}`],
      ["x-api-key", key],
    ];
    await expect(auth.authenticate(viewOf({ headers }), { scopes: ["write"] })).rejects.toThrow(AuthError);
    expect(details.join()).toContain("the token has no claim scope or scp");
  });
});
