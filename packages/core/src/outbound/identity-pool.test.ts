import { afterEach, describe, expect, it, vi } from "vitest";
import { type Origin, type Received, type Sent, startOrigin } from "../test/origin.ts";
import { failureOf } from "./test/calls.ts";
import {
  identityPoolCredentials,
  type IdentityPoolCredentialsOptions,
  type Logins,
} from "./identity-pool.ts";

const identityPoolId = "us-east-1:11111111-2222-3333-4444-555555555555";
const userPool = "cognito-idp.us-east-1.amazonaws.com/us-east-1_Books";

interface Asked {
  readonly IdentityPoolId?: string;
  readonly IdentityId?: string;
  readonly Logins?: Logins;
}

interface Pool extends Origin {
  /** `GetId guest`, `GetCredentialsForIdentity <id> <login>` … */
  readonly calls: string[];
}

interface PoolOptions {
  readonly guests?: boolean;
  readonly lifeSeconds?: number;
}

/**
 * An identity pool that answers as Amazon's does: it knows the identity of each login, gives guests new ones, joins a
 * guest's to a login that has none, and rejects an identity of another user.
 */
async function startPool({ guests = true, lifeSeconds = 3600 }: PoolOptions = {}): Promise<Pool> {
  const calls: string[] = [];
  const owners = new Map<string, string | undefined>();
  let made = 0;
  const identityOf = (login: string | undefined) => {
    if (login === undefined && !guests)
      return refused("Unauthenticated access is not supported for this identity pool.");
    const known = login === undefined ? undefined : [...owners].find(([, owner]) => owner === login)?.[0];
    const id = known ?? `us-east-1:${++made}`;
    owners.set(id, login);
    return id;
  };
  const credentialsOf = (asked: string, login: string | undefined) => {
    const owner = owners.get(asked);
    if (!owners.has(asked))
      return {
        status: 400,
        body: { __type: "ResourceNotFoundException", message: `Identity '${asked}' not found.` },
      };
    if (owner !== undefined && owner !== login) {
      return refused(
        "Logins don't match. Please include at least one valid login for this identity or identity pool.",
      );
    }
    const other = login === undefined ? undefined : [...owners].find(([, who]) => who === login)?.[0];
    const IdentityId = other ?? asked;
    owners.set(IdentityId, login);
    return { body: { IdentityId, Credentials: keys(`${login ?? "guest"}${calls.length}`, lifeSeconds) } };
  };
  const origin = await startOrigin((request): Sent => {
    const [service, operation = ""] = (request.headers["x-amz-target"] ?? "").split(".");
    if (request.method !== "POST" || request.path !== "/" || service !== "AWSCognitoIdentityService")
      return { status: 404 };
    if (request.headers["content-type"] !== "application/x-amz-json-1.1") return { status: 415 };
    const asked = JSON.parse(request.body) as Asked;
    const login = asked.Logins?.[userPool]?.split("#")[0];
    calls.push(
      [operation, ...(asked.IdentityId === undefined ? [] : [asked.IdentityId]), login ?? "guest"].join(" "),
    );
    if (operation === "GetCredentialsForIdentity") return credentialsOf(asked.IdentityId ?? "", login);
    if (operation !== "GetId" || asked.IdentityPoolId !== identityPoolId) return { status: 400 };
    const IdentityId = identityOf(login);
    return typeof IdentityId === "string" ? { body: { IdentityId } } : IdentityId;
  });
  return { ...origin, calls };
}

function keys(name: string, lifeSeconds: number): object {
  return {
    AccessKeyId: `ASIA-${name}`,
    SecretKey: `secret-${name}`,
    SessionToken: `token-${name}`,
    Expiration: Date.now() / 1000 + lifeSeconds,
  };
}

function refused(message: string): Sent {
  return {
    status: 400,
    headers: { "x-amzn-errortype": "NotAuthorizedException:", "x-amzn-errormessage": message },
    body: { __type: "NotAuthorizedException", message },
  };
}

afterEach(() => {
  vi.useRealTimers();
});

describe("identityPoolCredentials", () => {
  it("gets a guest's credentials, unsigned and without logins", async () => {
    const pool = await startPool();
    const credentials = await identityPoolCredentials({ identityPoolId, endpoint: pool.url })();
    expect(credentials).toMatchObject({
      accessKeyId: "ASIA-guest2",
      secretAccessKey: "secret-guest2",
      sessionToken: "token-guest2",
      identityId: "us-east-1:1",
    });
    expect(Math.abs((credentials.expiration?.getTime() ?? 0) - Date.now() - 3600_000)).toBeLessThan(60_000);
    expect(pool.calls).toEqual(["GetId guest", "GetCredentialsForIdentity us-east-1:1 guest"]);
    expect(pool.received.map(({ body }) => body)).toEqual([
      JSON.stringify({ IdentityPoolId: identityPoolId }),
      JSON.stringify({ IdentityId: "us-east-1:1" }),
    ]);
    for (const { headers } of pool.received) {
      expect(headers).not.toHaveProperty("authorization");
      expect(headers["cache-control"]).toBe("no-store");
    }
  });

  it("asks Amazon's endpoint of the pool's region unless told otherwise", async () => {
    const asked: string[] = [];
    const fetch: typeof globalThis.fetch = (url) => {
      asked.push(new Request(url).url);
      return Promise.resolve(new Response("{}", { status: 500 }));
    };
    for (const options of [
      {},
      { identityPoolId: identityPoolId.replace("us-east-1", "eu-central-1") },
      { identityPoolId: identityPoolId.replace("us-east-1", "cn-north-1") },
      { endpoint: "http://127.0.0.1:9/cognito" },
    ]) {
      await failureOf(identityPoolCredentials({ identityPoolId, fetch, ...options })());
    }
    expect(asked).toEqual([
      "https://cognito-identity.us-east-1.amazonaws.com/",
      "https://cognito-identity.eu-central-1.amazonaws.com/",
      "https://cognito-identity.cn-north-1.amazonaws.com.cn/",
      "http://127.0.0.1:9/cognito",
    ]);
  });

  it("asks once for a hundred calls at the same time, and remembers", async () => {
    const pool = await startPool();
    const credentials = identityPoolCredentials({ identityPoolId, endpoint: pool.url });
    const all = await Promise.all(Array.from({ length: 100 }, () => credentials()));
    expect(new Set(all).size).toBe(1);
    expect(await credentials()).toBe(all[0]);
    expect(pool.calls).toHaveLength(2);
  });

  it("renews what a service calls expired, once a minute, with the identity that it has", async () => {
    const pool = await startPool();
    const credentials = identityPoolCredentials({ identityPoolId, endpoint: pool.url });
    const first = await credentials();
    const second = await credentials({ forceRefresh: true });
    expect(second.accessKeyId).not.toBe(first.accessKeyId);
    expect(second.identityId).toBe(first.identityId);
    expect(await credentials({ forceRefresh: true })).toBe(second);
    expect(await credentials()).toBe(second);
  });

  it("renews shortly before the end, with the identity that it has", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const pool = await startPool();
    const credentials = identityPoolCredentials({ identityPoolId, endpoint: pool.url });
    const start = Date.now();
    const first = await credentials();
    vi.setSystemTime(start + 3530_000);
    expect(await credentials()).toBe(first);
    vi.setSystemTime(start + 3550_000);
    expect((await credentials()).identityId).toBe(first.identityId);
    expect(pool.calls.slice(2)).toEqual(["GetCredentialsForIdentity us-east-1:1 guest"]);
  });

  it("is a guest until there is a login; the guest's identity becomes the user's", async () => {
    const pool = await startPool();
    let logins: Logins | undefined;
    const credentials = identityPoolCredentials({ identityPoolId, endpoint: pool.url, logins: () => logins });
    const guest = await credentials();
    logins = { [userPool]: "alice" };
    const alice = await credentials();
    expect(alice).toMatchObject({ identityId: guest.identityId, accessKeyId: "ASIA-alice3" });
    expect(pool.calls.slice(2)).toEqual([`GetCredentialsForIdentity ${guest.identityId} alice`]);
    expect(JSON.parse(pool.received[2]?.body ?? "")).toEqual({
      IdentityId: guest.identityId,
      Logins: logins,
    });
  });

  it("stores the identity of the answer, if it differs from the one in the question", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const pool = await startPool();
    await identityPoolCredentials({
      identityPoolId,
      endpoint: pool.url,
      logins: () => ({ [userPool]: "alice" }),
    })();
    let logins: Logins | undefined;
    const credentials = identityPoolCredentials({
      identityPoolId,
      endpoint: pool.url,
      logins: async () => logins,
    });
    expect((await credentials()).identityId).toBe("us-east-1:2");
    logins = { [userPool]: "alice" };
    expect((await credentials()).identityId).toBe("us-east-1:1");
    vi.setSystemTime(Date.now() + 3600_000);
    await credentials();
    expect(pool.calls.slice(4)).toEqual([
      "GetCredentialsForIdentity us-east-1:2 alice",
      "GetCredentialsForIdentity us-east-1:1 alice",
    ]);
  });

  it("discards its credentials when the login changes, and offers no user's identity to another", async () => {
    const pool = await startPool();
    let logins: Logins | undefined = { [userPool]: "alice" };
    const credentials = identityPoolCredentials({ identityPoolId, endpoint: pool.url, logins: () => logins });
    const alice = await credentials();
    logins = { [userPool]: "bob" };
    const bob = await credentials();
    logins = undefined;
    const guest = await credentials();
    expect(new Set([alice, bob, guest].map(({ identityId }) => identityId)).size).toBe(3);
    expect([bob, guest].map(({ accessKeyId }) => accessKeyId)).toEqual(["ASIA-bob4", "ASIA-guest6"]);
    expect(pool.calls.filter((call) => call.startsWith("GetId"))).toEqual([
      "GetId alice",
      "GetId bob",
      "GetId guest",
    ]);
    logins = { [userPool]: "alice#renewed" };
    expect((await credentials()).identityId).toBe(alice.identityId);
  });

  it("never hands what one login is waiting for to another", async () => {
    const pool = await startPool();
    let logins: Logins = { [userPool]: "alice" };
    const credentials = identityPoolCredentials({ identityPoolId, endpoint: pool.url, logins: () => logins });
    const waiting = credentials();
    await Promise.resolve();
    logins = { [userPool]: "bob" };
    const [alice, bob] = await Promise.all([waiting, credentials()]);
    expect([alice.accessKeyId.slice(0, 8), bob.accessKeyId.slice(0, 8)]).toEqual(["ASIA-ali", "ASIA-bob"]);
  });

  it("asks for an identity again if the one it had is gone", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    let gone = false;
    const calls: string[] = [];
    const origin = await startOrigin(({ headers }: Received): Sent => {
      const operation = headers["x-amz-target"]?.split(".")[1] ?? "";
      calls.push(operation);
      if (operation === "GetId") return { body: { IdentityId: "us-east-1:1" } };
      if (gone) return { status: 400, body: { __type: "ResourceNotFoundException" } };
      return { body: { IdentityId: "us-east-1:1", Credentials: keys("a", 600) } };
    });
    const credentials = identityPoolCredentials({ identityPoolId, endpoint: origin.url });
    await credentials();
    vi.setSystemTime(Date.now() + 601_000);
    gone = true;
    expect(await failureOf(credentials())).toContain("ResourceNotFoundException");
    gone = false;
    await credentials();
    expect(calls.slice(2)).toEqual(["GetCredentialsForIdentity", "GetId", "GetCredentialsForIdentity"]);
  });

  it.each<[string, Sent]>([
    ["is throttled", { status: 400, body: { __type: "TooManyRequestsException" } }],
    ["fails", { status: 500 }],
    ["answers without credentials", { body: { IdentityId: "us-east-1:1" } }],
  ])("keeps a guest's identity if a renewal %s", async (_what, failure) => {
    vi.useFakeTimers({ toFake: ["Date"] });
    let isFailing = false;
    let made = 0;
    const origin = await startOrigin(({ headers, body }: Received): Sent => {
      if (headers["x-amz-target"]?.endsWith("GetId")) return { body: { IdentityId: `us-east-1:${++made}` } };
      if (isFailing) return failure;
      const { IdentityId } = JSON.parse(body) as Asked;
      return { body: { IdentityId, Credentials: keys("a", 600) } };
    });
    const credentials = identityPoolCredentials({ identityPoolId, endpoint: origin.url });
    const { identityId } = await credentials();
    vi.setSystemTime(Date.now() + 601_000);
    isFailing = true;
    await failureOf(credentials());
    isFailing = false;
    expect((await credentials()).identityId).toBe(identityId);
  });

  it("says what the pool refuses, and remembers no refusal", async () => {
    const pool = await startPool({ guests: false });
    let logins: Logins | undefined;
    const credentials = identityPoolCredentials({ identityPoolId, endpoint: pool.url, logins: () => logins });
    expect(await failureOf(credentials())).toContain(
      `identityPoolCredentials(): GetId: ${pool.url}/ answered 400: NotAuthorizedException: ` +
        "Unauthenticated access is not supported for this identity pool.",
    );
    logins = { [userPool]: "alice" };
    expect((await credentials()).accessKeyId).toBe("ASIA-alice3");
  });

  it("keeps logins out of errors, echoed or not", async () => {
    const origin = await startOrigin(() => refused("Invalid login token: h-hidden.x.y"));
    const logins = { [userPool]: "h-hidden.x.y" };
    const options = { identityPoolId, endpoint: origin.url, logins: () => logins };
    const said = await failureOf(identityPoolCredentials(options)());
    expect(said).toContain("NotAuthorizedException: Invalid login token: [secret]");
    expect(said).not.toContain("hidden");
  });

  it.each<[string, object, string]>([
    ["no id", {}, "without IdentityId"],
    ["no credentials", { IdentityId: "us-east-1:1" }, "without Expiration"],
    [
      "no secret key",
      { IdentityId: "i", Credentials: { AccessKeyId: "a", SessionToken: "t", Expiration: 2e9 } },
      "without SecretKey",
    ],
    [
      "an end that is no number",
      { IdentityId: "i", Credentials: { AccessKeyId: "a", Expiration: "soon" } },
      "without Expiration",
    ],
  ])("refuses an answer with %s", async (_what, body, sentence) => {
    const origin = await startOrigin(({ headers }) =>
      headers["x-amz-target"]?.endsWith("GetId") && "IdentityId" in body
        ? { body: { IdentityId: "i" } }
        : { body },
    );
    expect(await failureOf(identityPoolCredentials({ identityPoolId, endpoint: origin.url })())).toContain(
      `the pool answered ${sentence}`,
    );
  });

  it("makes no guest of a user whose token is missing", async () => {
    const fetch = vi.fn<typeof globalThis.fetch>();
    for (const token of [undefined, "", 7]) {
      const logins = () => ({ [userPool]: token as string });
      const said = await failureOf(identityPoolCredentials({ identityPoolId, logins, fetch })());
      expect(said).toMatch(/logins returned .* for cognito-idp\.us-east-1\.amazonaws\.com\/us-east-1_Books/);
    }
    expect(fetch).not.toHaveBeenCalled();
  });

  it.each<[string, unknown, string]>([
    ["nothing", undefined, "takes an object with options"],
    ["no pool", {}, "identityPoolId has the form us-east-1:"],
    ["a user pool", { identityPoolId: "us-east-1_Books" }, "identityPoolId has the form us-east-1:"],
    ["a pool of no region", { identityPoolId: "books:1" }, "'books' is not a region; give endpoint"],
    ["an endpoint that is no URL", { identityPoolId, endpoint: "localhost" }, "endpoint is a URL"],
    [
      "an endpoint with a password",
      { identityPoolId, endpoint: "https://me:s3cret@pool.example" },
      "endpoint is a URL",
    ],
    [
      "an endpoint over plain http",
      { identityPoolId, endpoint: "http://emulator:9229" },
      'write allowInsecureHttp: ["emulator:9229"]',
    ],
    [
      "an exception for Amazon's own endpoint",
      { identityPoolId, allowInsecureHttp: ["emulator:9229"] },
      "remove it",
    ],
    ["fixed logins", { identityPoolId, logins: { [userPool]: "t" } }, "logins is a function"],
    ["a misspelt option", { identityPoolId, identityPoolEndpoint: "http://a" }, "Write 'endpoint'"],
  ])("refuses %s when built", (_what, options, sentence) => {
    const build = () => identityPoolCredentials(options as IdentityPoolCredentialsOptions);
    expect(build).toThrow(TypeError);
    expect(build).toThrow(sentence);
  });
});
