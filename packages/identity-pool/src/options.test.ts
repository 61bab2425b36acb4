import { apiKey, createAuth, none, oidc, userPool } from "@authmodes/core";
import { beforeAll, expect, it } from "vitest";
import { createIdentityPool } from "./create.ts";
import { createWorld, identityKey, keys, newKey, roles, userPoolName, type World } from "./test/pool.ts";

let world: World;
beforeAll(async () => {
  world = await createWorld();
});

/** Options as JavaScript programs write them. */
function create(changes: object): unknown {
  return createIdentityPool({ ...world.options, ...changes });
}

const short = Buffer.alloc(31, 7).toString("base64");

it.each<[string, object, RegExp]>([
  ["an unknown option", { identityPoolId: "x" }, /no option 'identityPoolId'. Write 'id'/],
  ["a missing key", { keys: "" }, /keys is missing: 32 random bytes/],
  ["an undefined key", { keys: undefined }, /keys is undefined. Is an environment variable missing/],
  ["a short key", { keys: short }, /keys: key 1 of 1 is not 32 bytes/],
  ["a short second key", { keys: `${keys},${short}` }, /keys: key 2 of 2 is not 32 bytes/],
  ["a key without its padding", { keys: keys.slice(0, -1) }, /key 1 of 1 is not 32 bytes/],
  ["a key that spells others' bytes", { keys: keys.replace(/.=$/, "B=") }, /key 1 of 1 is not 32 bytes/],
  ["a key in hexadecimal digits", { keys: "ab".repeat(32) }, /key 1 of 1/],
  ["an empty second key", { keys: `${keys},` }, /key 2 of 2/],
  ["a short identity key", { identityKey: short }, /identityKey: key 1 of 1/],
  [
    "two identity keys",
    { identityKey: `${newKey()},${newKey()}` },
    /identityKey is one key, which never changes/,
  ],
  ["an identity key that rotates", { identityKey: keys }, /identityKey is one of keys/],
  ["a pool without a region", { id: "5a3c1f0e-8d1b-4c5e-9f00-0123456789ab" }, /id is a region and a UUID/],
  ["a numeric account", { accountId: 123 }, /accountId/],
  [
    "an ARN for a role",
    { roles: { "arn:aws:iam::1:role/x": ["* *"] }, guests: "x" },
    /write the name, not its ARN/,
  ],
  ["a role that may call nothing", { roles: { ...roles, guest: [] } }, /\["\* \*"\] allows all/],
  ["a path without a method", { roles: { ...roles, guest: ["/books"] } }, /METHOD \/path/],
  ["a method in lower case", { roles: { ...roles, guest: ["get /books"] } }, /METHOD \/path/],
  ["a path with a query", { roles: { ...roles, guest: ["GET /books?limit=1"] } }, /without a query/],
  [
    "an unknown guests' role",
    { guests: "visitor" },
    /guests is the name of one of roles \(guest, reader, editor, admin\), not "visitor"/,
  ],
  ["guests: false", { guests: false }, /guests is the name of their role, not false\. Leave it out/],
  ["guests: true", { guests: true }, /guests is the name of their role, not true/],
  [
    "an unknown users' role",
    { authenticated: "user" },
    /authenticated is the name of one of roles .*, not "user"/,
  ],
  ["a short lifetime", { lifetimeSeconds: 900 }, /shortLived: true if no client is an Amplify app/],
  ["shortLived for a long lifetime", { shortLived: true }, /remove it/],
  ["shortLived: false", { shortLived: false }, /true or left out/],
  ["a lifetime of a second", { lifetimeSeconds: 1, shortLived: true }, /from 60 to 43200/],
  ["a lifetime of days", { lifetimeSeconds: 100_000 }, /from 60 to 43200/],
  ["a lifetime as text", { lifetimeSeconds: "3600" }, /number of seconds/],
  ["a clock that is a number", { clock: 7 }, /clock is a function/],
  [
    "an unknown provider",
    { roleMappings: { "cognito-idp": { from: "token", otherwise: "deny" } } },
    /is no provider/,
  ],
  [
    "a provider with its scheme",
    { roleMappings: { [`https://${userPoolName}`]: { from: "token", otherwise: "deny" } } },
    new RegExp(`write '${userPoolName}'`),
  ],
  ["a mapping without otherwise", { roleMappings: { [userPoolName]: { from: "token" } } }, /otherwise is/],
  [
    "a mapping without rules",
    { roleMappings: { [userPoolName]: { from: [], otherwise: "deny" } } },
    /1 to 25 rules/,
  ],
  [
    "a rule with an unknown role",
    {
      roleMappings: {
        [userPoolName]: { from: [{ claim: "a", match: "equals", value: "b", role: "x" }], otherwise: "deny" },
      },
    },
    /rule 1: role is the name of one of roles .*, not "x"/,
  ],
  [
    "a rule with AWS's spelling",
    {
      roleMappings: {
        [userPoolName]: {
          from: [{ claim: "a", match: "Equals", value: "b", role: "admin" }],
          otherwise: "deny",
        },
      },
    },
    /match is one of equals, notEqual/,
  ],
])("%s does not start", (_, changes, message) => {
  expect(() => create(changes)).toThrow(TypeError);
  expect(() => create(changes)).toThrow(message);
});

it("a pool for no caller does not start", () => {
  const { guests: _, providers, authenticated: __, ...rest } = world.options;
  expect(() => createIdentityPool(rest)).toThrow(/would reject every request/);
  expect(() => createIdentityPool({ ...rest, authenticated: "reader", guests: "guest" })).toThrow(
    /needs providers/,
  );
  expect(() => create({ authenticated: undefined })).toThrow(/authenticated is undefined/);
  expect(() => createIdentityPool({ ...rest, ...(providers && { providers }) })).toThrow(
    /needs authenticated/,
  );
});

it("providers that would accept no id token do not start", () => {
  const { kit } = world;
  const { options } = kit.userPool;
  const issuer = kit.oidc.issuer;
  const cases: readonly (readonly [object, RegExp])[] = [
    [userPool(options), /createIdentityPool/],
    [createAuth([userPool(options)]), /tokenUse: "id"/],
    [createAuth([userPool({ ...options, tokenUse: "id", from: { cookie: "t" } })]), /remove its 'from'/],
    [createAuth([oidc({ issuer, clientId: "web" })]), /needs audience/],
    [createAuth([oidc({ issuer, audience: null })]), /needs audience/],
    [createAuth([oidc({ issuer, audience: "web" })]), /needs tokenUse: "both"/],
    [createAuth([oidc({ issuer, audience: "web", tokenUse: "access" })]), /needs tokenUse: "both"/],
    [createAuth([oidc({ issuer, audience: "web", tokenUse: "both", profile: "at+jwt" })]), /no profile/],
    [createAuth([oidc({ issuers: () => undefined })]), /list them/],
    [createAuth([none()]), /has the mode none/],
    [createAuth([apiKey({ keys: [] }), userPool({ ...options, tokenUse: "id" })]), /has the mode apiKey/],
  ];
  for (const [providers, message] of cases) expect(() => create({ providers })).toThrow(message);
});

it("errors quote no key", () => {
  const almost = keys.slice(0, -3);
  for (const changes of [
    { keys: almost },
    { identityKey: `${identityKey},${almost}` },
    { identityKey: keys },
  ]) {
    expect(() => create(changes)).toThrow(TypeError);
    try {
      create(changes);
    } catch (error) {
      expect(String(error)).not.toContain(almost.slice(0, 20));
      expect(String(error)).not.toContain(identityKey.slice(0, 20));
    }
  }
});
