import { expect, it } from "vitest";
import { createAuth } from "../auth/auth.ts";
import { oidc, type OidcOptions } from "../modes/oidc.ts";
import { userPool, type UserPoolOptions } from "../modes/user-pool.ts";
import { AuthError } from "../refusal/error.ts";
import { newSigner } from "../test/signer.ts";
import { viewOf } from "../test/view.ts";
import type { AuthMode, Requirements } from "../types.ts";

// Tokens as providers write them, each accepted with the meaning that it has, or rejected with what to write.
// docs/identity-providers.md has the options to copy; its test uses them.

const now = 1_800_000_000;
const signer = newSigner("RS256", "k1");
const { alg: _alg, use: _use, ...bare } = signer.jwk;
const keys = { keys: [bare, { ...bare, kid: "enc", use: "enc", alg: "RSA-OAEP" }] };

const tenant = "11111111-2222-3333-4444-555555555555";
const v1 = `https://sts.windows.net/${tenant}/`;
const v2 = `https://login.microsoftonline.com/${tenant}/v2.0`;
const keycloak = "https://id.example.com/realms/shop";
const okta = "https://dev-1.okta.com/oauth2/default";
const auth0 = "https://tenant.eu.auth0.com/";
const zitadel = "urn:zitadel:iam:org:project:roles";
const pool = "eu-west-1_AbCdEfGhI";
const poolIssuer = `https://cognito-idp.eu-west-1.amazonaws.com/${pool}`;
const clients = Object.fromEntries(
  Array.from({ length: 120 }, (_, i) => [`client-${i}`, { roles: ["view-profile", "manage-account"] }]),
);
const ofKeycloak = {
  iss: keycloak,
  aud: "account",
  typ: "Bearer",
  azp: "shop-web",
  realm_access: { roles: ["offline_access", "admin"] },
  resource_access: { "shop-api": { roles: ["editor"] } },
  scope: "openid email",
};

/** What a caller gets, or the reason and a part of what the log says. */
type Expected =
  | { readonly groups?: readonly string[]; readonly scopes?: readonly string[] }
  | readonly [string, string];
interface Sent {
  readonly claims: Readonly<Record<string, unknown>>;
  readonly header?: Readonly<Record<string, unknown>>;
  readonly needs?: Requirements;
}

const oidcCases: readonly (readonly [string, OidcOptions, Sent, Expected])[] = [
  [
    "Auth0: permissions as scopes, roles under a name with dots",
    { issuer: auth0, audience: "api", groupsClaim: "https://example.com/roles", scopesClaim: "permissions" },
    {
      claims: {
        iss: auth0,
        aud: ["api", `${auth0}userinfo`],
        azp: "spa",
        scope: "openid",
        permissions: ["write:books"],
        "https://example.com/roles": ["admin"],
      },
      needs: { scopes: ["write:books"], groups: ["admin"] },
    },
    { groups: ["admin"], scopes: ["write:books"] },
  ],
  [
    "Auth0: the slash forgotten in the option",
    { issuer: auth0.slice(0, -1), audience: "api" },
    { claims: { iss: auth0, aud: "api" } },
    ["issuer_unknown", `"${auth0}" and "${auth0.slice(0, -1)}": they differ by the slash at the end`],
  ],
  [
    "Keycloak: the realm's roles",
    { issuer: keycloak, clientId: "shop-web", groupsClaim: ["realm_access", "roles"] },
    { claims: ofKeycloak },
    { groups: ["offline_access", "admin"], scopes: ["openid", "email"] },
  ],
  [
    "Keycloak: roles of realm and client by a function",
    {
      issuer: keycloak,
      clientId: "shop-web",
      rights: ({ realm_access: realm, scope }) => ({
        groups: (realm as { readonly roles: readonly string[] }).roles.map((role) => `realm:${role}`),
        scopes: String(scope).split(" "),
      }),
    },
    { claims: ofKeycloak },
    { groups: ["realm:offline_access", "realm:admin"], scopes: ["openid", "email"] },
  ],
  [
    "Keycloak: a path with dots in one name",
    { issuer: keycloak, clientId: "shop-web", groupsClaim: "realm_access.roles" },
    { claims: ofKeycloak, needs: { groups: ["admin"] } },
    ["group_missing", 'a nested claim is a list: ["realm_access","roles"]'],
  ],
  [
    "Keycloak: a token without sub",
    { issuer: keycloak, clientId: "shop-web" },
    { claims: { ...ofKeycloak, sub: undefined } },
    ["subject_missing", "no sub"],
  ],
  [
    "Keycloak: a long token",
    { issuer: keycloak, clientId: "shop-web" },
    { claims: { ...ofKeycloak, resource_access: clients } },
    ["token_too_large", "maxTokenLength raises the limit"],
  ],
  [
    "Keycloak: a long token, with a higher limit",
    { issuer: keycloak, clientId: "shop-web", maxTokenLength: 16_384 },
    { claims: { ...ofKeycloak, resource_access: clients } },
    { scopes: ["openid", "email"] },
  ],
  [
    "Keycloak: an ID token where the audience is checked",
    { issuer: keycloak, audience: "shop-web" },
    { claims: { iss: keycloak, aud: "shop-web", typ: "ID", azp: "shop-web" } },
    ["token_use_refused", "typ 'ID', so it is an ID token"],
  ],
  [
    "Entra ID, version 2: keys without alg, scp as text",
    { issuer: v2, audience: "00000000-aaaa", clientId: "web", groupsClaim: "roles" },
    {
      claims: {
        iss: v2,
        aud: "00000000-aaaa",
        azp: "web",
        tid: tenant,
        scp: "Books.Read Books.Write",
        roles: ["Admin"],
      },
    },
    { groups: ["Admin"], scopes: ["Books.Read", "Books.Write"] },
  ],
  [
    "Entra ID, version 1: the client is in appid",
    { issuer: v1, audience: "api://books", clientId: "web", clientIdClaim: "appid" },
    { claims: { iss: v1, aud: "api://books", appid: "web", scp: "Books.Read" } },
    { scopes: ["Books.Read"] },
  ],
  [
    "Entra ID, version 1: without the option",
    { issuer: v1, audience: "api://books", clientId: "web" },
    { claims: { iss: v1, aud: "api://books", appid: "web" } },
    ["client_refused", 'set clientIdClaim: "appid"'],
  ],
  [
    "Entra ID: too many groups",
    { issuer: v2, audience: "a", groupsClaim: "groups" },
    { claims: { iss: v2, aud: "a", _claim_names: { groups: "src1" } }, needs: { groups: ["g1"] } },
    ["group_missing", "no groups, but _claim_names"],
  ],
  [
    "Okta: scp as a list, the client in cid",
    {
      issuer: okta,
      audience: "api://default",
      clientId: "0oa1",
      clientIdClaim: "cid",
      groupsClaim: "groups",
    },
    {
      claims: {
        iss: okta,
        aud: "api://default",
        cid: "0oa1",
        scp: ["openid", "books.read"],
        groups: ["Everyone"],
      },
    },
    { groups: ["Everyone"], scopes: ["openid", "books.read"] },
  ],
  [
    "RFC 9068 (Duende, Hydra): scope as a list, the client in client_id",
    { issuer: okta, audience: "https://api", clientId: "web", profile: "at+jwt" },
    {
      claims: { iss: okta, aud: "https://api", client_id: "web", jti: "1", iat: now, scope: ["a", "b"] },
      header: { typ: "at+jwt" },
    },
    { scopes: ["a", "b"] },
  ],
  [
    "Supabase: roles in app_metadata",
    {
      issuer: "https://p.supabase.co/auth/v1",
      audience: "authenticated",
      groupsClaim: ["app_metadata", "roles"],
    },
    {
      claims: {
        iss: "https://p.supabase.co/auth/v1",
        aud: "authenticated",
        role: "authenticated",
        app_metadata: { roles: ["admin"] },
      },
    },
    { groups: ["admin"] },
  ],
  [
    "Zitadel: roles are the keys of an object",
    { issuer: "https://my.zitadel.cloud", audience: "229", groupsClaim: zitadel },
    {
      claims: {
        iss: "https://my.zitadel.cloud",
        aud: ["229", "230"],
        client_id: "229",
        [zitadel]: { admin: { "12": "a.zitadel.cloud" }, editor: {} },
      },
    },
    { groups: ["admin", "editor"] },
  ],
  [
    "Clerk: the role in an organization",
    {
      issuer: "https://x.clerk.accounts.dev",
      clientId: "https://app.example.com",
      groupsClaim: ["o", "rol"],
    },
    {
      claims: {
        iss: "https://x.clerk.accounts.dev",
        azp: "https://app.example.com",
        o: { id: "org_1", rol: "admin" },
      },
    },
    { groups: ["admin"] },
  ],
  [
    "Google: an issuer without a scheme, an ID token by its client",
    { issuer: "accounts.google.com", clientId: "1.apps.googleusercontent.com" },
    { claims: { iss: "accounts.google.com", aud: "1.apps.googleusercontent.com", at_hash: "h", nonce: "n" } },
    {},
  ],
  [
    "a token that expired 2 seconds ago, with a tolerance",
    { issuer: okta, audience: "a", clockToleranceSeconds: 30 },
    { claims: { iss: okta, aud: "a", exp: now - 2 } },
    {},
  ],
];

const poolCases: readonly (readonly [string, UserPoolOptions, Sent, Expected])[] = [
  [
    "Cognito: machine to machine",
    { userPoolId: pool, clientId: "c1" },
    {
      claims: { client_id: "c1", token_use: "access", scope: "api/read api/write" },
      header: { typ: undefined },
    },
    { scopes: ["api/read", "api/write"] },
  ],
  [
    "Cognito: an ID token where access is asked for",
    { userPoolId: pool, clientId: "c1" },
    { claims: { aud: "c1", token_use: "id" } },
    ["token_use_refused", 'token_use is "id", not access'],
  ],
  [
    "Cognito: groups of a trigger, as JSON in text, by a function",
    {
      userPoolId: pool,
      clientId: "c1",
      tokenUse: "id",
      rights: (claims) => ({ groups: JSON.parse(String(claims["custom:roles"])) as string[], scopes: [] }),
    },
    { claims: { aud: "c1", token_use: "id", "custom:roles": '["admin"]' } },
    { groups: ["admin"] },
  ],
  [
    "Cognito: groups in another claim, without the function",
    { userPoolId: pool, clientId: "c1", tokenUse: "id" },
    { claims: { aud: "c1", token_use: "id", "custom:roles": '["admin"]' }, needs: { groups: ["admin"] } },
    ["group_missing", "the token has no claim cognito:groups"],
  ],
  [
    "Cognito: groups as text, which Cognito never writes",
    { userPoolId: pool, clientId: "c1" },
    {
      claims: { client_id: "c1", token_use: "access", "cognito:groups": "admin" },
      needs: { groups: ["admin"] },
    },
    ["group_missing", "the caller has []"],
  ],
];

async function check(mode: AuthMode, { claims, header, needs }: Sent, expected: Expected): Promise<void> {
  const auth = createAuth([mode], { clock: () => now * 1000 });
  auth.onEvent(() => {});
  const token = await signer.sign({ iss: poolIssuer, sub: "u", exp: now + 60, ...claims }, header);
  const asked = auth.authenticate(viewOf({ headers: [["Authorization", `Bearer ${token}`]] }), needs ?? {});
  const found = await asked.catch((error: unknown) => error);
  if (!("length" in expected)) {
    expect(found).toMatchObject({ id: "u", ...expected });
    return;
  }
  expect(found).toBeInstanceOf(AuthError);
  const [reason, detail] = expected;
  expect(found).toMatchObject({ reason, detail: expect.stringContaining(detail) });
}

it.each(oidcCases)("%s", async (_name, options, sent, expected) => {
  await check(oidc({ ...options, keys }), sent, expected);
});

it.each(poolCases)("%s", async (_name, options, sent, expected) => {
  await check(userPool({ ...options, keys }), sent, expected);
});
