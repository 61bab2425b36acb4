import { describe, expect, it } from "vitest";
import { AuthError } from "../refusal/error.ts";
import { apiKey, newApiKey } from "../modes/api-key.ts";
import { iam } from "../modes/iam.ts";
import { none } from "../modes/none.ts";
import { oidc } from "../modes/oidc.ts";
import { viewOf } from "../test/view.ts";
import { createAuth } from "./auth.ts";
import type { AuthEvent } from "./events.ts";

const jwt = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJzIn0.c2ln";
const jwe = "eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0..u5LxMC9PT1xPYpkO.FKTi0c6Vg.KjBUPkAIhB3pSD9";
const { key: ownKey } = await newApiKey({ expiresInSeconds: 60 });
const invalidToken =
  'Bearer error="invalid_token", error_description="This kind of credentials is not accepted here"';

async function rejection(
  auth: ReturnType<typeof createAuth>,
  ...headers: readonly (readonly [string, string])[]
): Promise<{ readonly error: AuthError; readonly event: AuthEvent | undefined }> {
  const events: AuthEvent[] = [];
  const stop = auth.onEvent((event) => events.push(event));
  const error = await auth.authenticate(viewOf({ headers })).then(
    () => new AuthError("misconfigured", "accepted"),
    (thrown: unknown) => thrown,
  );
  stop();
  if (!(error instanceof AuthError)) throw error;
  return { error, event: events.at(-1) };
}

describe("credentials that no mode reads", () => {
  const issuer = { issuer: "https://id.example.com", audience: "api" };
  const auth = createAuth([apiKey({ keys: () => undefined }), oidc(issuer), none()]);

  const tokens: readonly (readonly [string, string, string])[] = [
    ["an opaque token", "Bearer ya29.a0AfH6SMBx", "request an audience to get a JWT"],
    ["a raw opaque token", "s3cret-opaque", "neither a JWT nor a SigV4 signature"],
    ["an API key", `Bearer ${ownKey}`, "looks like an API key: send it in the header of apiKey()"],
    ["an API key of AppSync", "da2-abcdefghijklmnopqrstuvwxyz", "looks like an API key"],
    ["an encrypted token", `Bearer ${jwe}`, "encrypted (a JWE, of five parts)"],
    ["a raw encrypted token", jwe, "request a signed one"],
    ["undefined", "Bearer undefined", "before it has a token"],
    ["null", "Bearer null", "before it has a token"],
    ["a promise", "Bearer [object Promise]", "before it has a token"],
    ["a token in quotation marks", `Bearer "${jwt}"`, "in quotation marks; send it without them"],
    ["a raw token in quotation marks", `"${jwt}"`, "in quotation marks"],
    ["Bearer twice", `Bearer Bearer ${jwt}`, "'Bearer' twice"],
    ["no token", "Bearer", "holds no token"],
    ["an opaque DPoP token", "DPoP opaque", "neither a JWT nor a SigV4 signature"],
  ];
  it.each(tokens)("are not reported as missing: %s", async (_name, authorization, detail) => {
    const { error, event } = await rejection(auth, ["Authorization", authorization]);
    expect([error.status, error.code, error.reason]).toEqual([401, "mode_not_accepted", "mode_not_served"]);
    expect(event?.detail).toContain(detail);
    expect(error.headers["WWW-Authenticate"]).toBe(`${invalidToken}, ApiKey`);
  });

  const others: readonly (readonly [string, string, string])[] = [
    ["a password", "Basic YTpiLWhpZGRlbg==", "(Basic), which no mode reads"],
    ["another scheme", `JWT ${jwt}`, "a scheme that no mode reads; send 'Bearer <token>'"],
    ["a signature", "AWS4-HMAC-SHA256 Credential=AKID/a, Signature=00", "add iam() to createAuth()"],
    ["an empty header", "", "holds no token"],
  ];
  it.each(others)("get a plain challenge for other schemes: %s", async (_name, authorization, detail) => {
    const { error, event } = await rejection(auth, ["Authorization", authorization]);
    expect([error.status, error.code, error.reason]).toEqual([401, "mode_not_accepted", "mode_not_served"]);
    expect(event?.detail).toContain(detail);
    expect(error.headers["WWW-Authenticate"]).toBe('Bearer realm="api", ApiKey');
  });

  it("are neither quoted in the log nor explained to the caller", async () => {
    for (const [, authorization, detail] of [...tokens, ...others]) {
      const { error, event } = await rejection(auth, ["Authorization", authorization]);
      expect(error.reply.body + JSON.stringify(error.headers)).not.toContain(detail);
      for (const secret of ["ya29", "s3cret", "eyJ", "YTpi", "AKID"])
        expect(event?.detail).not.toContain(secret);
    }
  });

  it("are a JWT that the server reads elsewhere only", async () => {
    const cookies = createAuth([oidc({ ...issuer, from: { cookie: "session" } })]);
    const { error, event } = await rejection(cookies, ["Authorization", `Bearer ${jwt}`]);
    expect([error.reason, error.headers["WWW-Authenticate"]]).toEqual(["mode_not_served", invalidToken]);
    expect(event?.detail).toContain("or 'header' to its 'from'");
  });

  it("are answered as AWS answers them for a server with one mode", async () => {
    const credentials = () => undefined;
    const format = { errorFormat: "apigateway" } as const;
    const signed = createAuth([iam({ region: "us-east-1", credentials })], format);
    const keyed = createAuth([apiKey({ keys: () => undefined })], format);
    for (const [server, type] of [
      [signed, "IncompleteSignatureException"],
      [keyed, "ForbiddenException"],
    ] as const) {
      const { error } = await rejection(server, ["Authorization", "Bearer opaque"]);
      expect([error.status, error.headers["x-amzn-ErrorType"]]).toEqual([403, type]);
    }
  });
});

describe("an x-api-key that no mode reads", () => {
  const issuer = { issuer: "https://id.example.com", audience: "api" };
  const key = ["x-api-key", "amk_secret"] as const;

  it("is not reported as missing, and is never none", async () => {
    for (const auth of [
      createAuth([oidc(issuer)]),
      createAuth([oidc(issuer), none()]),
      createAuth([none()]),
    ]) {
      for (const value of ["amk_secret", ""]) {
        const { error, event } = await rejection(auth, ["x-api-key", value]);
        expect([error.status, error.code, error.reason]).toEqual([
          401,
          "mode_not_accepted",
          "mode_not_served",
        ]);
        expect(event?.detail).toContain("add apiKey() to createAuth()");
        expect(JSON.stringify([event, error.reply])).not.toContain("secret");
      }
    }
    const { error } = await rejection(createAuth([oidc(issuer)]), key);
    expect(error.headers["WWW-Authenticate"]).toBe('Bearer realm="api"');
  });

  it("is ignored beside other credentials, unless precedence names its mode", async () => {
    const identity = { mode: "own", id: "a", groups: [], scopes: [], expiresAt: null } as const;
    const own = { name: "own", detect: () => ({ place: "x-own", verify: () => identity }) } as const;
    const view = viewOf({ headers: [key] });
    expect((await createAuth([own]).authenticate(view)).id).toBe("a");
    const asked = await rejection(createAuth([own], { precedence: ["apiKey"] }), key);
    expect([asked.error.reason, asked.event?.detail]).toEqual([
      "mode_not_served",
      expect.stringContaining("precedence names apiKey"),
    ]);
    const second = createAuth([own], { precedence: ["own", "apiKey"] });
    expect((await second.authenticate(viewOf({ headers: [key] }))).id).toBe("a");
    const bearer = await rejection(createAuth([oidc(issuer)]), key, ["Authorization", "Bearer opaque"]);
    expect(bearer.event?.detail).toContain("neither a JWT nor a SigV4 signature");
  });

  it("is never none beside an apiKey() or a required key with another header, which do not read it", async () => {
    const other = apiKey({ keys: () => undefined, header: "x-partner-key" });
    for (const auth of [
      createAuth([other, none()]),
      createAuth([oidc(issuer), other]),
      createAuth([none()], { requires: other }),
    ]) {
      const { error, event } = await rejection(auth, key);
      expect([error.code, error.reason]).toEqual(["mode_not_accepted", "mode_not_served"]);
      expect(event?.detail).toContain("the header that its apiKey() reads");
    }
    const both = await rejection(createAuth([other, none()]), key, ["x-partner-key", "k"]);
    expect(both.error.reason).toBe("api_key_unknown");
    const precedence = ["apiKey", "oidc"];
    const token = ["Authorization", `Bearer ${jwt}`] as const;
    const beside = await rejection(createAuth([oidc(issuer), other], { precedence }), key, token);
    expect(beside.error.reason).toBe("issuer_unknown");
  });

  it("belongs to a mode that reads it, and to the key of requires", async () => {
    const keys = () => undefined;
    const missing = ["credentials_missing", "no_credentials"];
    const required = await rejection(createAuth([oidc(issuer)], { requires: apiKey({ keys }) }), key);
    expect([required.error.code, required.error.reason]).toEqual(missing);
    const reader = { name: "reader", requestHeaders: ["x-api-key"], detect: () => undefined };
    expect((await rejection(createAuth([reader]), key)).error.reason).toBe("no_credentials");
    expect((await rejection(createAuth([apiKey({ keys })]), key)).error.reason).toBe("api_key_unknown");
  });
});

describe("the challenge", () => {
  it("says nothing of the token if another credential was rejected", async () => {
    const issuer = { issuer: "https://id.example.com", audience: "api" };
    const auth = createAuth([apiKey({ keys: () => undefined }), oidc(issuer)]);
    const key = await rejection(auth, ["x-api-key", "wrong"]);
    expect([key.error.code, key.error.headers["WWW-Authenticate"]]).toEqual([
      "credentials_refused",
      'Bearer realm="api", ApiKey',
    ]);
    const missing = await rejection(auth);
    expect(missing.error.headers["WWW-Authenticate"]).toBe('Bearer realm="api", ApiKey');
    const foreign = await rejection(auth, ["Authorization", `Bearer ${jwt}`]);
    expect([foreign.error.code, foreign.error.headers["WWW-Authenticate"]]).toEqual([
      "credentials_refused",
      'Bearer error="invalid_token", error_description="The credentials were refused", ApiKey',
    ]);
  });

  it("says nothing of a good token beside a required key that is wrong", async () => {
    const { stored } = await newApiKey({ expiresInSeconds: 60 });
    const identity = { mode: "oidc", id: "a", groups: [], scopes: [], expiresAt: null } as const;
    const mode = {
      name: "oidc",
      scheme: "Bearer",
      detect: () => ({ place: "authorization", verify: () => identity }),
    } as const;
    const auth = createAuth([mode], { requires: apiKey({ keys: [stored] }) });
    const { error } = await rejection(auth, ["Authorization", `Bearer ${jwt}`], ["x-api-key", "wrong"]);
    expect([error.reason, error.headers["WWW-Authenticate"]]).toEqual([
      "api_key_unknown",
      'Bearer realm="api"',
    ]);
  });

  it("of a mode that the route does not accept is that of its credential", async () => {
    const issuer = { issuer: "https://id.example.com", audience: "api" };
    const auth = createAuth([apiKey({ keys: () => undefined }), oidc(issuer), oidcLike("other")]);
    const key = await rejection(auth.only("oidc"), ["x-api-key", "k"]);
    expect(key.error.headers["WWW-Authenticate"]).toBe('Bearer realm="api"');
    const token = await rejection(auth.only("other"), ["Authorization", `Bearer ${jwt}`]);
    expect([token.error.reason, token.error.headers["WWW-Authenticate"]]).toEqual([
      "mode_not_on_route",
      invalidToken,
    ]);
  });
});

function oidcLike(name: string) {
  return { name, scheme: "Bearer", detect: () => undefined };
}
