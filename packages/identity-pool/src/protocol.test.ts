import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { AuthError, createAuth, type IamIdentity, oidc, userPool } from "@authmodes/core";
import { createTestKit } from "@authmodes/testing";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { beforeAll, describe, expect, it } from "vitest";
import { Operations } from "./operations.ts";
import { settingsOf } from "./options.ts";
import { Sessions } from "./sessions.ts";
import {
  accountId,
  clientId,
  createWorld,
  newKey,
  oidcName,
  poolId,
  Scene,
  userPoolName,
  type World,
} from "./test/pool.ts";

const uuid = "[0-9a-f]{8}-[0-9a-f]{4}-[48][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}";
const idShape = new RegExp(`^us-east-1:${uuid}$`);

let world: World;
let scene: Scene;
beforeAll(async () => {
  world = await createWorld();
  scene = new Scene(world);
});

function refused(type: string, message: RegExp | string, status = 400) {
  return expect.objectContaining({
    status,
    __type: type,
    message: typeof message === "string" ? message : expect.stringMatching(message),
  });
}

const differ =
  "Logins don't match. Please include at least one valid login for this identity or identity pool.";

describe("a guest", () => {
  it.each([
    ["without Logins", undefined],
    ["with empty Logins", {}],
    ["with null", null],
  ])("gets credentials of the guests' role %s", async (_, logins) => {
    const { IdentityId } = await scene.call("GetId", { IdentityPoolId: poolId, Logins: logins });
    expect(IdentityId).toMatch(idShape);
    const answer = await scene.getCredentials(IdentityId, { Logins: logins });
    expect(answer.status).toBe(200);
    expect(answer.IdentityId).toBe(IdentityId);
    const { Credentials: credentials } = answer;
    expect(credentials).toEqual({
      AccessKeyId: expect.stringMatching(/^ASIA[A-Z2-7]{16}$/),
      SecretKey: expect.stringMatching(/^[A-Za-z0-9+/]{40}$/),
      SessionToken: expect.stringMatching(/^[\w-]+\.\.[\w-]+\.[\w-]+\.[\w-]+$/),
      Expiration: scene.kit.clock.now() / 1000 + 3600,
    });
    expect(credentials.SessionToken.length).toBeLessThan(4096);
    expect(await scene.caller(credentials)).toMatchObject({
      mode: "iam",
      id: IdentityId,
      accountId,
      cognitoIdentityId: IdentityId,
      cognitoIdentityPoolId: poolId,
      cognitoIdentityAuthType: "unauthenticated",
      cognitoIdentityAuthProvider: null,
      userArn: `arn:aws:sts::${accountId}:assumed-role/guest/CognitoIdentityCredentials`,
      expiresAt: credentials.Expiration,
    });
  });

  it("has another identity and other secrets each time, and keeps an identity", async () => {
    const [one, other] = [await scene.guest(), await scene.guest()];
    expect(other.IdentityId).not.toBe(one.IdentityId);
    const again = await scene.getCredentials(one.IdentityId);
    expect(again.IdentityId).toBe(one.IdentityId);
    expect(again.Credentials.SecretKey).not.toBe(one.Credentials.SecretKey);
    expect(again.Credentials.AccessKeyId).not.toBe(one.Credentials.AccessKeyId);
  });

  it("is recognised by every instance with the same identity key, and by no other pool", async () => {
    const { IdentityId } = await scene.getId();
    expect(await new Scene(world).getCredentials(IdentityId)).toMatchObject({ status: 200 });
    const others = [{ identityKey: newKey() }, { id: poolId.replace("5a3c1f0e", "5a3c1f0f") }];
    for (const other of others) {
      expect(await new Scene(world, other).getCredentials(IdentityId)).toEqual(
        refused("ResourceNotFoundException", `Identity '${IdentityId}' not found.`),
      );
    }
  });

  it("is not kept by the pool, however many there are: each id is another, and proves itself", async () => {
    setFlagsFromString("--expose-gc");
    const collect = runInNewContext("gc") as () => void;
    const settings = settingsOf(world.options);
    const operations = new Operations(settings, new Sessions(settings));
    const count = 20_000;
    const make = async () => (await operations.call("GetId", { IdentityPoolId: poolId }))["IdentityId"];
    const ids = new Set<unknown>();
    for (let i = 0; i < count; i++) ids.add(await make());
    expect(ids.size).toBe(count);
    collect();
    const before = process.memoryUsage().heapUsed;
    for (let i = 0; i < count; i++) await make();
    collect();
    // An id alone has 46 characters.
    expect((process.memoryUsage().heapUsed - before) / count).toBeLessThan(30);
    for (const id of [...ids].slice(-3).map(String)) {
      expect(await new Scene(world).getCredentials(id)).toMatchObject({ status: 200, IdentityId: id });
    }
  }, 60_000);

  it("is rejected unless guests are switched on", async () => {
    const { guests, ...options } = world.options;
    const closed = new Scene({ kit: world.kit, options });
    const message = "Unauthenticated access is not supported for this identity pool.";
    expect(guests).toBe("guest");
    expect(await closed.getId()).toEqual(refused("NotAuthorizedException", message));
    const { IdentityId } = await scene.getId();
    expect(await closed.getCredentials(IdentityId)).toEqual(refused("NotAuthorizedException", message));
    expect(await closed.user()).toMatchObject({ status: 200 });
  });

  it.each([1, 8, 14, 15, 20, 25, 33])("cannot make up an identity: digit %i is changed", async (at) => {
    const { IdentityId } = await scene.getId();
    const place = "us-east-1:".length + at;
    const digit =
      IdentityId[place] === "-" ? "-" : (Number.parseInt(IdentityId[place] ?? "", 16) ^ 1).toString(16);
    const other = `${IdentityId.slice(0, place)}${digit}${IdentityId.slice(place + 1)}`;
    if (other === IdentityId) return;
    expect(await scene.getCredentials(other)).toEqual(refused("ResourceNotFoundException", /not found/));
  });

  it("gets no credentials of a user's identity", async () => {
    const { IdentityId } = await scene.user();
    expect(await scene.getCredentials(IdentityId)).toEqual(
      refused("NotAuthorizedException", `Access to Identity '${IdentityId}' is forbidden.`),
    );
    expect(await scene.getCredentials(IdentityId, { Logins: {} })).toMatchObject({ status: 400 });
    // The version of the UUID is all that a stranger could change.
    const asGuest = IdentityId.replace(/-8(?=[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$)/, "-4");
    expect(await scene.getCredentials(asGuest)).toEqual(refused("ResourceNotFoundException", /not found/));
  });

  it("cannot choose a role", async () => {
    const { IdentityId } = await scene.getId();
    const arn = `arn:aws:iam::${accountId}:role/admin`;
    expect(await scene.getCredentials(IdentityId, { CustomRoleArn: arn })).toEqual(
      refused("InvalidParameterException", /CustomRoleArn/),
    );
  });
});

describe("a signed-in user", () => {
  it("gets credentials of the users' role, with the provider that services parse", async () => {
    const answer = await scene.user();
    const sub = scene.kit.userPool.sub("alice");
    const caller = await scene.caller(answer.Credentials);
    expect(caller).toMatchObject({
      id: answer.IdentityId,
      cognitoIdentityId: answer.IdentityId,
      cognitoIdentityAuthType: "authenticated",
      cognitoIdentityAuthProvider: `${userPoolName},${userPoolName}:CognitoSignIn:${sub}`,
      userArn: `arn:aws:sts::${accountId}:assumed-role/reader/CognitoIdentityCredentials`,
      accessKeyId: answer.Credentials.AccessKeyId,
    });
    // As handlers behind API Gateway read it.
    expect((caller as IamIdentity).cognitoIdentityAuthProvider?.split(":").at(-1)).toBe(sub);
  });

  it("has one identity on every instance and after every sign-in, and others have others", async () => {
    const alice = await scene.user();
    expect(alice.IdentityId).toMatch(idShape);
    world.kit.clock.advance(100);
    expect((await new Scene(world, { keys: newKey() }).user()).IdentityId).toBe(alice.IdentityId);
    expect((await scene.user({ username: "bob" })).IdentityId).not.toBe(alice.IdentityId);
    const other = new Scene(world, { identityKey: newKey() });
    expect((await other.user()).IdentityId).not.toBe(alice.IdentityId);
  });

  it("of an OpenID provider is another one than the same subject of a user pool", async () => {
    const sub = scene.kit.userPool.sub("alice");
    const Logins = { [oidcName]: await scene.kit.oidc.token({ sub, audience: clientId }) };
    const { IdentityId } = await scene.getId(Logins);
    expect(IdentityId).not.toBe((await scene.user()).IdentityId);
    const { Credentials } = await scene.getCredentials(IdentityId, { Logins });
    expect(await scene.caller(Credentials)).toMatchObject({
      cognitoIdentityAuthProvider: `${oidcName},${oidcName}:OIDC:${sub}`,
    });
  });

  it("of an OpenID provider has an id token as browsers get it, bound to their request", async () => {
    const claims = { nonce: "n", at_hash: "h", c_hash: "h" };
    const token = await scene.kit.oidc.token({ audience: clientId, claims });
    expect(await scene.getId({ [oidcName]: token })).toMatchObject({ status: 200 });
  });

  it("cannot pass for another user by a subject with a colon", async () => {
    const victim = scene.kit.userPool.sub("alice");
    const Logins = { [oidcName]: await scene.kit.oidc.token({ sub: `f:${victim}`, audience: clientId }) };
    const { IdentityId } = await scene.getId(Logins);
    const { Credentials } = await scene.getCredentials(IdentityId, { Logins });
    const { cognitoIdentityAuthProvider: provider } = (await scene.caller(Credentials)) as IamIdentity;
    expect(provider?.split(":").at(-1)).toBe(`f%3A${victim}`);
  });

  it("who was a guest before gets the user's identity", async () => {
    const { IdentityId: asGuest } = await scene.getId();
    const Logins = await scene.logins();
    const answer = await scene.getCredentials(asGuest, { Logins });
    expect(answer.IdentityId).toBe((await scene.user()).IdentityId);
  });

  it("gets nothing of another user's identity", async () => {
    const { IdentityId: ofBob } = await scene.user({ username: "bob" });
    expect(await scene.getCredentials(ofBob, { Logins: await scene.logins() })).toEqual(
      refused("NotAuthorizedException", differ),
    );
  });

  it("gets nothing of an unknown identity", async () => {
    for (const id of [
      "us-east-1:00000000-0000-4000-8000-000000000000",
      "eu-west-1:00000000-0000-8000-8000-000000000000",
    ]) {
      expect(await scene.getCredentials(id, { Logins: await scene.logins() })).toEqual(
        refused("ResourceNotFoundException", `Identity '${id}' not found.`),
      );
    }
  });
});

describe("a login is rejected", () => {
  const invalid = (sentence: string) => refused("NotAuthorizedException", `Invalid login token. ${sentence}`);

  it.each([
    ["an access token", { use: "access" }, "Token is not an ID token"],
    ["of another client", { wrong: "audience" }, "Incorrect token audience."],
    ["signed with another key", { wrong: "key" }, "Couldn't verify signed token."],
    ["changed after signing", { wrong: "tampered" }, "Couldn't verify signed token."],
    ["with HMAC by the public key", { wrong: "algHmac" }, "Couldn't verify signed token."],
    ["not yet valid", { wrong: "notYetValid" }, "Couldn't verify signed token."],
    ["of another issuer", { wrong: "issuer" }, "Issuer doesn't match providerName"],
  ] as const)("%s", async (_, token, message) => {
    const Logins = await scene.logins(token);
    expect(await scene.getId(Logins)).toEqual(invalid(message));
    const { IdentityId } = await scene.user();
    expect(await scene.getCredentials(IdentityId, { Logins })).toEqual(invalid(message));
  });

  it("without a signature", async () => {
    expect(await scene.getId(await scene.logins({ wrong: "algNone" }))).toEqual(
      refused("InvalidParameterException", "The login token is not a signed JWT."),
    );
    const [head, claims] = Object.values(await scene.logins({ wrong: "algNone" }))[0]?.split(".") ?? [];
    expect(await scene.getId({ [userPoolName]: `${head}.${claims}.AAAA` })).toEqual(
      refused("NotAuthorizedException", /^Invalid login token/),
    );
  });

  it("expired", async () => {
    const now = scene.kit.clock.now() / 1000;
    expect(await scene.getId(await scene.logins({ wrong: "expired" }))).toEqual(
      invalid(`Token expired: ${now} >= ${now - 3600}`),
    );
  });

  it("of another provider than its name says", async () => {
    const token = await scene.kit.oidc.token({ audience: clientId });
    expect(await scene.getId({ [userPoolName]: token })).toEqual(
      invalid("Issuer doesn't match providerName"),
    );
  });

  it.each([
    ["an unknown provider", "accounts.google.com"],
    ["the issuer with its scheme", `https://${userPoolName}`],
    ["another spelling", `${userPoolName}/`],
    ["upper case", userPoolName.toUpperCase()],
    ["a member of every object", "__proto__"],
  ])("of %s", async (_, provider) => {
    const token = await scene.kit.userPool.token({ use: "id" });
    const answer = await scene.send(
      { "x-amz-target": "AWSCognitoIdentityService.GetId" },
      `{"IdentityPoolId":"${poolId}","Logins":{"${provider}":"${token}"}}`,
    );
    expect(answer).toEqual(refused("NotAuthorizedException", differ));
  });

  it.each([
    ["a scope", { scope: "openid" }],
    ["Keycloak's mark of access tokens", { claims: { typ: "Bearer" } }],
    ["Cognito's mark of access tokens", { claims: { token_use: "access" } }],
    ["Microsoft's scopes", { claims: { scp: "user.read" } }],
  ])("an access token of an OpenID provider, by %s", async (_, more) => {
    const token = await scene.kit.oidc.token({ audience: clientId, ...more });
    expect(await scene.getId({ [oidcName]: token })).toEqual(invalid("Token is not an ID token"));
  });

  it("with claims that no session token has room for", async () => {
    const token = await scene.kit.oidc.token({ audience: clientId, claims: { sid: "s".repeat(3000) } });
    const logins = { [oidcName]: token };
    const { IdentityId } = await scene.getId(logins);
    expect(await scene.call("GetCredentialsForIdentity", { IdentityId, Logins: logins })).toEqual(
      refused("InvalidParameterException", /claims that identify the login are too long.*sid/),
    );
  });

  it.each([
    ["at+jwt", "Invalid login token. Token is not an ID token"],
    ["JWT", undefined],
  ])("an access token of an OpenID provider, by its type: %s", async (typ, message) => {
    const { privateKey, publicKey } = await generateKeyPair("RS256");
    const jwk = { ...(await exportJWK(publicKey)), kid: "k", alg: "RS256" };
    const issuer = "https://own.example";
    const fetch = async () => Response.json({ keys: [jwk] });
    const own = oidc({
      issuer,
      audience: "web",
      tokenUse: "both",
      jwksUri: `${issuer}/keys`,
      keySet: { fetch },
    });
    const providers = createAuth([own], { clock: world.kit.clock.now });
    providers.onEvent(() => undefined);
    const now = world.kit.clock.now() / 1000;
    const token = await new SignJWT({ iss: issuer, aud: "web", sub: "ann", iat: now, exp: now + 60 })
      .setProtectedHeader({ alg: "RS256", kid: "k", typ })
      .sign(privateKey);
    expect((await new Scene(world, { providers }).getId({ "own.example": token })).message).toBe(message);
  });

  it("while its issuer is down, for which clients try again", async () => {
    const kit = await createTestKit({ now: world.kit.clock.now });
    const providers = createAuth([userPool({ ...kit.userPool.options, tokenUse: "id" })], {
      clock: kit.clock.now,
    });
    providers.onEvent(() => undefined);
    kit.userPool.online = false;
    const answer = await new Scene(world, { providers }).getId(await scene.logins());
    expect(answer).toEqual(refused("ExternalServiceException", /at the moment/, 503));
    expect(answer.headers.get("retry-after")).toBe("5");
  });

  it("that the providers' auth revoked or only reports", async () => {
    const modes = [userPool({ ...world.kit.userPool.options, tokenUse: "id" })] as const;
    const revoking = createAuth(modes, { clock: world.kit.clock.now, revoked: () => true });
    const reporting = createAuth(modes, { clock: world.kit.clock.now, reportOnly: true });
    revoking.onEvent(() => undefined);
    reporting.onEvent(() => undefined);
    expect(await new Scene(world, { providers: revoking }).getId(await scene.logins())).toEqual(
      invalid("Couldn't verify signed token."),
    );
    // @ts-expect-error such an auth has callers without an issuer
    const scenes = new Scene(world, { providers: reporting });
    expect(await scenes.getId(await scene.logins({ wrong: "key" }))).toEqual(
      invalid("Couldn't verify signed token."),
    );
  });

  it("that the providers' auth counts too many of", async () => {
    const usage = () => {
      throw new AuthError("rate_limited", "rate_exceeded");
    };
    const modes = [userPool({ ...world.kit.userPool.options, tokenUse: "id" })] as const;
    const providers = createAuth(modes, { clock: world.kit.clock.now, usage });
    providers.onEvent(() => undefined);
    expect(await new Scene(world, { providers }).getId(await scene.logins())).toEqual(
      refused("TooManyRequestsException", "Too many requests", 429),
    );
  });

  it.each([
    ["two logins", { [userPoolName]: "a.b.c", [oidcName]: "a.b.c" }],
    ["a token that is no text", { [userPoolName]: 7 }],
    ["a token with a line break", { [userPoolName]: "a.b.c\r\nx: y" }],
    ["an empty token", { [userPoolName]: "" }],
    ["a long token", { [userPoolName]: `a.b.${"c".repeat(16_384)}` }],
  ])("as malformed: %s", async (_, logins) => {
    const answer = await scene.getId(logins);
    expect(answer).toEqual(refused("InvalidParameterException", /login/i));
    expect(JSON.stringify(answer)).not.toMatch(/a\.b\.c/);
  });
});

describe("a request is rejected", () => {
  it("for another pool", async () => {
    const other = poolId.replace("5a3c1f0e", "5a3c1f0f");
    expect(await scene.call("GetId", { IdentityPoolId: other })).toEqual(
      refused("ResourceNotFoundException", `IdentityPool '${other}' not found.`),
    );
  });

  it.each([
    ["no pool", "GetId", {}],
    ["an id that is no text", "GetId", { IdentityPoolId: 7 }],
    ["an id of another shape", "GetId", { IdentityPoolId: "<script>" }],
    ["an id that is too long", "GetId", { IdentityPoolId: `us-east-1:${"a".repeat(60)}` }],
    ["no identity", "GetCredentialsForIdentity", {}],
    ["logins that are a list", "GetId", { IdentityPoolId: poolId, Logins: ["x"] }],
    ["a body that is a list", "GetId", []],
  ])("with %s", async (_, operation, input) => {
    expect(await scene.call(operation, input)).toEqual(refused("InvalidParameterException", /./));
  });

  it.each(["", "not json", '"text"', "null", "[".repeat(60_000), '{"IdentityPoolId":'])(
    "with the body %j",
    async (body) => {
      const answer = await scene.send({ "x-amz-target": "AWSCognitoIdentityService.GetId" }, body);
      expect(answer).toEqual(refused("InvalidParameterException", "The body is not a JSON object."));
    },
  );

  it("with a body over 64 KiB", async () => {
    const body = JSON.stringify({ IdentityPoolId: poolId, pad: "x".repeat(1024 * 1024) });
    const answer = await scene.send({ "x-amz-target": "AWSCognitoIdentityService.GetId" }, body);
    expect(answer).toEqual(refused("InvalidParameterException", /65536/, 413));
  });

  it.each(["GetOpenIdToken", "ListIdentities", "constructor", ""])(
    "for the operation %j",
    async (operation) => {
      expect(await scene.call(operation, {})).toEqual(refused("UnknownOperationException", /./));
    },
  );

  it("by another method", async () => {
    for (const method of ["GET", "PUT", "DELETE"]) {
      const response = await scene.pool.handler(new Request("http://pool.test/", { method }));
      expect([response.status, response.headers.get("allow")]).toEqual([405, "POST, OPTIONS"]);
    }
  });
});

it("answers browsers of any origin, and names the error in a header", async () => {
  const preflight = await scene.pool.handler(new Request("http://pool.test/x", { method: "OPTIONS" }));
  expect(preflight.status).toBe(204);
  expect(preflight.headers.get("access-control-allow-origin")).toBe("*");
  expect(preflight.headers.get("access-control-allow-headers")?.split(",")).toEqual([
    "content-type",
    "x-amz-target",
    "x-amz-user-agent",
    "amz-sdk-invocation-id",
    "amz-sdk-request",
    "cache-control",
    "pragma",
  ]);
  const { headers } = await scene.call("GetId", {});
  expect(headers.get("access-control-allow-origin")).toBe("*");
  expect(headers.get("access-control-expose-headers")).toBe("x-amzn-requestid,x-amzn-errortype,date");
  expect(headers.get("x-amzn-errortype")).toBe("InvalidParameterException:");
  expect(headers.get("content-type")).toBe("application/x-amz-json-1.1");
  expect(headers.get("cache-control")).toBe("no-store");
  expect(headers.get("x-amzn-requestid")).toMatch(/^[0-9a-f-]{36}$/);
});
