import { createPublicKey, randomUUID, sign } from "node:crypto";
import { describe, expect, it } from "vitest";
import { createAuth } from "../auth/auth.ts";
import { oidc, type OidcOptions } from "../modes/oidc.ts";
import { userPool } from "../modes/user-pool.ts";
import { AuthError } from "../refusal/error.ts";
import { base64url, newSigner, type Signer } from "../test/signer.ts";
import { viewOf } from "../test/view.ts";

// Tokens as an Application Load Balancer writes them: padded, signed by a key of the region.

const now = 1_800_000_000;
const signer = newSigner("ES256");
const stranger = newSigner("ES256");
const issuer = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Pool";
const arn = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/web/50dc6c495c0c9188";
const other = "arn:aws:elasticloadbalancing:us-east-1:111122223333:loadbalancer/app/admin/60dc6c495c0c9188";
const kid = randomUUID();

function padded(value: unknown): string {
  const part = base64url(
    typeof value === "string" || value instanceof Uint8Array ? value : JSON.stringify(value),
  );
  return part.padEnd(Math.ceil(part.length / 4) * 4, "=");
}

interface Parts {
  readonly header?: object;
  readonly claims?: object;
  readonly by?: Signer;
}

const header = { typ: "JWT", kid, alg: "ES256", iss: issuer, client: "web", signer: arn, exp: now + 120 };

async function tokenOf({ header: more = {}, claims = {}, by = signer }: Parts = {}): Promise<string> {
  const input = `${padded({ ...header, ...more })}.${padded({ sub: "otto", email: "o@x.example", ...claims })}`;
  const key = { key: by.privateKey, dsaEncoding: "ieee-p1363" } as const;
  return `${input}.${padded(sign("sha256", Buffer.from(input), key))}`;
}

function keyServer(answer: (url: string) => Response = () => new Response(pemOf(signer))) {
  const asked: string[] = [];
  const fetch = async (input: string | URL | Request) => {
    const url = String(input instanceof Request ? input.url : input);
    asked.push(url);
    return answer(url);
  };
  return { asked, fetch };
}

function pemOf({ privateKey }: Signer): string {
  return createPublicKey(privateKey).export({ type: "spki", format: "pem" }).toString();
}

function serverOf(options: Partial<OidcOptions> = {}, { fetch, asked } = keyServer()) {
  const mode = oidc({ issuer, clientId: "web", from: { loadBalancer: arn }, keySet: { fetch }, ...options });
  let time = now;
  const auth = createAuth([mode], { clock: () => time * 1000 });
  const events: string[] = [];
  auth.onEvent((event) => events.push(JSON.stringify(event)));
  const ask = async (token: string, more: readonly (readonly [string, string])[] = []): Promise<string> => {
    const view = viewOf({ headers: [["X-Amzn-Oidc-Data", token], ...more] });
    return auth.authenticate(view).then(
      (identity) => `accepted ${identity.id}`,
      (error: unknown) => (error instanceof AuthError ? error.reason : String(error)),
    );
  };
  return { ask, asked, auth, events, setTime: (seconds: number) => void (time = seconds) };
}

const url = `https://public-keys.auth.elb.eu-west-1.amazonaws.com/${kid}`;

describe("x-amzn-oidc-data", () => {
  it("is accepted with a key of the region of the load balancer, fetched once", async () => {
    const { ask, asked } = serverOf();
    expect(await ask(await tokenOf())).toBe("accepted otto");
    expect(await ask(await tokenOf())).toBe("accepted otto");
    expect(await ask(await tokenOf({ claims: { sub: "eve", iss: issuer, exp: now + 120 } }))).toBe(
      "accepted eve",
    );
    expect(asked).toEqual([url]);
  });

  it("has the claims, with the issuer and expiry of the header", async () => {
    const { auth } = serverOf({ groupsClaim: "roles" });
    const view = viewOf({ headers: [["x-amzn-oidc-data", await tokenOf({ claims: { roles: ["a"] } })]] });
    expect(await auth.authenticate(view)).toMatchObject({
      mode: "oidc",
      issuer,
      groups: ["a"],
      expiresAt: now + 120,
      claims: { iss: issuer, exp: now + 120, email: "o@x.example" },
    });
    const mode = oidc({ issuer, clientId: "web", from: { loadBalancer: arn } });
    expect(mode.detect(view)).toHaveProperty("forward", undefined);
  });

  it("is rejected if it is bound to a key, also if such tokens of the issuer are not", async () => {
    const { ask } = serverOf({ from: ["header", { loadBalancer: arn }], confirmation: "ignore" });
    expect(await ask(await tokenOf())).toBe("accepted otto");
    expect(await ask(await tokenOf({ claims: { cnf: { jkt: "a" } } }))).toBe("sender_constrained");
  });

  it("is checked by options that an object inherits", async () => {
    const { fetch } = keyServer();
    const options: OidcOptions = Object.create({
      issuer,
      clientId: "web",
      from: { loadBalancer: arn },
      keySet: { fetch },
      maxAuthAgeSeconds: 60,
    });
    const view = viewOf({
      headers: [["x-amzn-oidc-data", await tokenOf({ claims: { auth_time: now - 9999 } })]],
    });
    const asked = createAuth([oidc(options)], { clock: () => now * 1000 }).authenticate(view);
    await expect(asked).rejects.toMatchObject({ reason: "sign_in_too_old" });
  });

  it("is accepted without padding, in any length of claims", async () => {
    const { ask } = serverOf();
    for (const name of ["", "a", "ab", "abc"])
      expect(await ask(await tokenOf({ claims: { name } }))).toBe("accepted otto");
    const plain = await signer.sign({ sub: "otto" }, header);
    expect(await ask(plain)).toBe("accepted otto");
  });

  const bad: readonly (readonly [string, Parts, string])[] = [
    ["another load balancer", { header: { signer: other } }, "signer_refused"],
    ["no signer", { header: { signer: undefined } }, "signer_refused"],
    ["a list of signers", { header: { signer: [arn] } }, "signer_refused"],
    ["a longer ARN", { header: { signer: `${arn}0` } }, "signer_refused"],
    ["a key id that is no UUID", { header: { kid: "key-1" } }, "kid_malformed"],
    ["a key id that leads elsewhere", { header: { kid: `../${kid}` } }, "kid_malformed"],
    ["a key id with more", { header: { kid: `${kid}?x` } }, "kid_malformed"],
    ["a key id with a line break", { header: { kid: `${kid}\n` } }, "kid_malformed"],
    ["no key id", { header: { kid: undefined } }, "kid_malformed"],
    ["another client", { header: { client: "mobile" } }, "client_refused"],
    ["no client", { header: { client: undefined } }, "token_malformed"],
    [
      "a client in the claims",
      { header: { client: "x" }, claims: { azp: "web", aud: "web" } },
      "client_refused",
    ],
    ["another issuer", { header: { iss: "https://evil.example" } }, "issuer_unknown"],
    ["another issuer in the claims", { claims: { iss: "https://evil.example" } }, "issuer_unknown"],
    [
      "the issuer in the claims alone",
      { header: { iss: undefined }, claims: { iss: issuer } },
      "token_malformed",
    ],
    ["an expiry that has passed", { header: { exp: now } }, "token_expired"],
    [
      "an expiry of the header that has passed",
      { header: { exp: now }, claims: { exp: now + 9 } },
      "token_expired",
    ],
    ["an expiry of the claims that has passed", { claims: { exp: now } }, "token_expired"],
    ["no expiry", { header: { exp: undefined } }, "expiry_missing"],
    ["no expiry in the header", { header: { exp: undefined }, claims: { exp: now + 9 } }, "expiry_missing"],
    ["an expiry that is text", { header: { exp: "2100" } }, "expiry_missing"],
    ["an expiry of the claims that is text", { claims: { exp: "2100" } }, "claim_malformed"],
    ["another key", { by: stranger }, "signature_mismatch"],
    ["no signature", { header: { alg: "none" } }, "algorithm_refused"],
    ["another algorithm", { header: { alg: "RS256" } }, "algorithm_refused"],
    ["a shared secret", { header: { alg: "HS256" } }, "algorithm_refused"],
    ["critical extensions", { header: { crit: ["exp"] } }, "crit_unsupported"],
    ["no subject", { claims: { sub: undefined } }, "subject_missing"],
  ];
  it.each(bad)("is rejected with %s", async (_name, parts, reason) => {
    const { ask, asked } = serverOf();
    expect(await ask(await tokenOf(parts))).toBe(reason);
    expect(asked.filter((one) => one !== url)).toEqual([]);
  });

  it("is rejected if it was changed, or is no token", async () => {
    const { ask } = serverOf();
    const [first, , third] = (await tokenOf()).split(".");
    expect(await ask(`${first}.${padded({ sub: "admin" })}.${third}`)).toBe("signature_mismatch");
    for (const text of [
      "",
      "opaque",
      "a.b",
      `${await tokenOf()}.x`,
      `${await tokenOf()}=`,
      `=${await tokenOf()}`,
    ])
      expect(await ask(text), text).toMatch(/^(?:token_malformed|signer_refused)$/);
    expect(await ask(await tokenOf({ claims: { padding: "x".repeat(9000) } }))).toBe("token_too_large");
  });

  it("is no token of the issuer, nor the other way round", async () => {
    const keys = { keys: [signer.jwk] };
    const from = ["header", { loadBalancer: arn }] as const;
    const { auth } = serverOf({ from });
    const both = createAuth([oidc({ issuer, clientId: "web", from, keys })], { clock: () => now * 1000 });
    both.onEvent(() => {});
    const asked = (name: string, value: string) =>
      both.authenticate(viewOf({ headers: [[name, value]] })).then(
        ({ id }) => id,
        (error: unknown) => (error as AuthError).reason,
      );
    const own = await signer.sign({ iss: issuer, sub: "api", azp: "web", exp: now + 60 });
    expect(await asked("authorization", `Bearer ${own}`)).toBe("api");
    expect(await asked("x-amzn-oidc-data", own)).toBe("signer_refused");
    expect(await asked("authorization", `Bearer ${await signer.sign({ sub: "otto" }, header)}`)).toBe(
      "issuer_unknown",
    );
    expect(auth.modes).toEqual(["oidc"]);
  });

  it("is rejected twice, beside Authorization, and for a page of another site", async () => {
    const { ask, auth, events } = serverOf();
    const token = await tokenOf();
    expect(await ask(token, [["x-amzn-oidc-data", token]])).toBe("token_repeated");
    expect(await ask(token, [["authorization", "Bearer x"]])).toBe("several_credentials");
    const post = viewOf({
      method: "POST",
      headers: [
        ["x-amzn-oidc-data", token],
        ["origin", "https://evil.example"],
      ],
    });
    await expect(auth.authenticate(post)).rejects.toMatchObject({ reason: "token_cross_site" });
    expect(events.join()).not.toContain(token.slice(0, 20));
    expect(events).toHaveLength(3);
  });

  it("accepts several load balancers, each by the keys of its region", async () => {
    const { ask, asked } = serverOf({ from: { loadBalancer: [arn, other] } });
    expect(await ask(await tokenOf())).toBe("accepted otto");
    expect(await ask(await tokenOf({ header: { signer: other } }))).toBe("accepted otto");
    expect(asked).toEqual([url, url.replace("eu-west-1", "us-east-1")]);
  });
});

describe("the keys of load balancers", () => {
  it("are fetched at most five times a minute for names that callers invent", async () => {
    const missing = keyServer((asked) =>
      asked === url ? new Response(pemOf(signer)) : new Response("", { status: 404 }),
    );
    const { ask, asked, setTime } = serverOf({}, missing);
    expect(await ask(await tokenOf())).toBe("accepted otto");
    const invented = async () => ask(await tokenOf({ header: { kid: randomUUID() }, by: stranger }));
    for (let i = 0; i < 4; i++) expect(await invented()).toBe("kid_unknown");
    expect(await invented()).toBe("key_fetches_spent");
    expect(asked).toHaveLength(5);
    expect(await ask(await tokenOf({ claims: { sub: "next" } }))).toBe("accepted next");
    setTime(now + 61);
    expect(await invented()).toBe("kid_unknown");
  });

  it("are fetched once for requests at the same time", async () => {
    const { ask, asked } = serverOf();
    const tokens = await Promise.all(["a", "b", "c"].map((sub) => tokenOf({ claims: { sub } })));
    expect(await Promise.all(tokens.map((token) => ask(token)))).toEqual([
      "accepted a",
      "accepted b",
      "accepted c",
    ]);
    expect(asked).toHaveLength(1);
  });

  it("are fetched again after a failure", async () => {
    const answers = [500, 404, 200];
    const failing = keyServer(() => new Response(pemOf(signer), { status: answers.shift() ?? 200 }));
    const { ask, asked } = serverOf({}, failing);
    expect(await ask(await tokenOf())).toBe("keys_unavailable");
    expect(await ask(await tokenOf())).toBe("kid_unknown");
    expect(await ask(await tokenOf())).toBe("accepted otto");
    expect(asked).toEqual([url, url, url]);
  });

  it.each([
    ["is down", () => new Response("", { status: 500 })],
    ["answers with something else", () => new Response("<html>")],
    ["answers with a private key", () => new Response(privatePem())],
    ["answers with a key of another type", () => new Response(pemOf(newSigner("RS256", "x", 1024)))],
    [
      "redirects elsewhere",
      () => new Response("", { status: 302, headers: { location: "https://evil.example/key" } }),
    ],
    ["answers without end", () => new Response("x".repeat(300_000))],
  ])("are a 503 if their server %s", async (_name, answer) => {
    const { auth } = serverOf({}, keyServer(answer));
    const view = viewOf({ headers: [["x-amzn-oidc-data", await tokenOf()]] });
    await expect(auth.authenticate(view)).rejects.toMatchObject({ status: 503, reason: "keys_unavailable" });
  });

  it("need no discovery", async () => {
    const { auth, asked } = serverOf();
    await auth.ready();
    expect(asked).toEqual([]);
    expect(auth.describe()[0]?.settings).toEqual({ from: "x-amzn-oidc-data" });
    expect(auth.describe()[0]?.issuers[0]?.keys.usable).toBe(true);
  });
});

function privatePem(): string {
  return signer.privateKey.export({ type: "pkcs8", format: "pem" }).toString();
}

describe("options", () => {
  const good = { issuer, clientId: "web" };
  const from = { loadBalancer: arn };
  it.each([
    ["no client", { issuer, audience: "api", from: ["header", from] }, /needs clientId/],
    [
      "an audience",
      { ...good, from, audience: "api" },
      /audience means nothing for tokens of a load balancer/,
    ],
    ["keys", { ...good, from, keys: { keys: [signer.jwk] } }, /keys means nothing/],
    ["a profile", { ...good, from, profile: "at+jwt" }, /profile means nothing/],
    ["algorithms", { ...good, from, algorithms: ["ES256"] }, /algorithms means nothing/],
    ["no ARN", { ...good, from: { loadBalancer: [] } }, /every token would be rejected/],
    ["true", { ...good, from: { loadBalancer: true } }, /is the ARN of an Application Load Balancer/],
    ["a name", { ...good, from: { loadBalancer: "web" } }, /is the ARN of an Application Load Balancer/],
    [
      "an ARN of a target group",
      { ...good, from: { loadBalancer: arn.replace("/app/", "/net/") } },
      /is the ARN/,
    ],
    [
      "a region with a path",
      { ...good, from: { loadBalancer: arn.replace("eu-west-1", "x.evil/") } },
      /is the ARN/,
    ],
    ["albArn", { ...good, from: { albArn: arn } }, /Write 'loadBalancer'/],
  ])("throw for %s", (_name, options, sentence) => {
    const build = () => oidc(options as OidcOptions);
    expect(build).toThrow(TypeError);
    expect(build).toThrow(sentence);
  });

  it("belong to oidc with a known issuer", () => {
    expect(() => userPool({ userPoolId: "eu-west-1_Pool", clientId: "web", from })).toThrow(
      /are read by oidc/,
    );
    expect(() => oidc({ issuers: () => undefined, from })).toThrow(/write issuer in place of issuers/);
    expect(oidc({ issuer, clientId: null, from }).name).toBe("oidc");
    expect(oidc({ ...good, from, tokenUse: "both" }).name).toBe("oidc");
  });
});
