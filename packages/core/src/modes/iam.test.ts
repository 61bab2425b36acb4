import { opened } from "../auth/accepted-modes.ts";
import { gzipSync } from "node:zlib";
import { describe, expect, it, onTestFinished } from "vitest";
import { createAuth } from "../auth/auth.ts";
import type { AuthOptions } from "../auth/options.ts";
import { AuthError } from "../refusal/error.ts";
import { exchange, IamServer, machine } from "../test/iam-server.ts";
import { type Draft, presignDraft, sha256, signDraft, testDate, testTime } from "../test/sigv4-signer.ts";
import { viewOf } from "../test/view.ts";
import { type AccessKey, iam, type IamOptions } from "./iam.ts";

async function start(options: Partial<IamOptions> = {}, authOptions?: AuthOptions): Promise<IamServer> {
  const server = await IamServer.start(options, authOptions);
  onTestFinished(() => server.close());
  return server;
}

const get = (server: IamServer, target = "/books/7", ...headers: [string, string][]): Draft => ({
  target,
  headers: [["Host", server.host], ...headers],
});
const post = (server: IamServer, body: string | Buffer, ...headers: [string, string][]): Draft => ({
  ...get(server, "/books", ...headers),
  method: "POST",
  body,
});
const withHeaders = (draft: Draft, ...headers: [string, string][]): Draft => ({
  ...draft,
  headers: [...draft.headers, ...headers],
});

async function outcome(server: IamServer, draft: Draft): Promise<string> {
  const { status, event } = await server.send(draft);
  return event?.reason ?? `${status} ${event?.type}`;
}
const accepted = "200 accepted";

const temporary: AccessKey = {
  secretAccessKey: machine.secretAccessKey,
  sessionToken: "IQoJb3JpZ2luX2VjEXAMPLE//TOKEN==",
  expiresAt: testTime / 1000 + 60,
  accountId: "123456789012",
  userArn: "arn:aws:sts::123456789012:assumed-role/AuthenticatedRole/CognitoIdentityCredentials",
  cognito: {
    identityId: "us-east-1:11111111-2222-3333-4444-555555555555",
    identityPoolId: "us-east-1:00000000-0000-0000-0000-000000000000",
    authType: "authenticated",
    authProvider: "cognito-idp.us-east-1.amazonaws.com/us-east-1_Ab1:CognitoSignIn:alice-sub",
  },
};
const token = temporary.sessionToken ?? "";

describe("iam, who calls", () => {
  it("names a long-term key by its ARN", async () => {
    const server = await start();
    const { body } = await server.send(signDraft(get(server)));
    expect(JSON.parse(body)).toEqual({
      mode: "iam",
      id: "arn:aws:iam::123456789012:user/batch/machine",
      accessKeyId: "AKIDEXAMPLE",
      accountId: "123456789012",
      userArn: "arn:aws:iam::123456789012:user/batch/machine",
      username: "machine",
      cognitoIdentityId: null,
      cognitoIdentityPoolId: null,
      cognitoIdentityAuthType: null,
      cognitoIdentityAuthProvider: null,
      groups: [],
      scopes: [],
      expiresAt: null,
      body: "",
    });
  });

  it("names credentials of an identity pool by the identity, and says when they end", async () => {
    const server = await start({ credentials: async () => temporary });
    const { body } = await server.send(signDraft(get(server), { token }));
    expect(JSON.parse(body)).toMatchObject({
      id: "us-east-1:11111111-2222-3333-4444-555555555555",
      username: "CognitoIdentityCredentials",
      cognitoIdentityId: "us-east-1:11111111-2222-3333-4444-555555555555",
      cognitoIdentityPoolId: "us-east-1:00000000-0000-0000-0000-000000000000",
      cognitoIdentityAuthType: "authenticated",
      cognitoIdentityAuthProvider:
        "cognito-idp.us-east-1.amazonaws.com/us-east-1_Ab1:CognitoSignIn:alice-sub",
      expiresAt: testTime / 1000 + 60,
    });
    expect(body).not.toContain(token);
  });

  it.each([
    ["arn:aws:iam::123456789012:root", "root"],
    ["arn:aws:sts::123456789012:assumed-role/Admin/session", "session"],
    ["a-word", "a-word"],
  ])("takes the last part of %s for the name", async (userArn, username) => {
    const server = await start({ credentials: () => ({ ...machine, userArn }) });
    expect(JSON.parse((await server.send(signDraft(get(server)))).body)).toMatchObject({ username });
  });

  it("accepts guests of an identity pool, and with guests: false rejects them as unknown", async () => {
    const cognito = {
      identityId: "us-east-1:1",
      identityPoolId: "us-east-1:0",
      authType: "unauthenticated",
    } as const;
    const guest = () => ({ ...temporary, cognito });
    const signed = (server: IamServer) => signDraft(get(server), { token });
    for (const guests of [undefined, true]) {
      const open = await start({ credentials: guest, ...(guests !== undefined && { guests }) });
      expect(await outcome(open, signed(open))).toBe(accepted);
    }
    const closed = await start({ credentials: guest, guests: false }, { errorFormat: "appsync" });
    const answer = await closed.send(signed(closed));
    expect(answer).toMatchObject({
      status: 403,
      event: { code: "credentials_refused", reason: "guest_not_accepted" },
    });
    expect(answer.body).toContain("UnrecognizedClientException");
    // Only the owner of the secret learns that it is a guest's.
    const forged = signDraft(get(closed), { token, secret: "another" });
    expect(await outcome(closed, forged)).toBe("signature_mismatch");
    for (const credentials of [() => temporary, () => machine]) {
      const others = await start({ credentials, guests: false });
      const draft = signDraft(get(others), credentials() === machine ? {} : { token });
      expect(await outcome(others, draft)).toBe(accepted);
    }
  });

  it("takes the name that the key source gives, and freezes the identity", async () => {
    const auth = createAuth(
      [iam({ region: "us-east-1", credentials: () => ({ ...machine, username: "bob" }) })],
      {
        clock: () => testTime,
      },
    );
    const { headers } = signDraft({ target: "/", headers: [["host", "a"]] });
    const identity = await auth.authenticate(viewOf({ headers }));
    expect(identity.username).toBe("bob");
    expect([identity, identity.groups, identity.scopes].every(Object.isFrozen)).toBe(true);
  });
});

describe("iam accepts", () => {
  const oneOf: readonly (readonly [string, (server: IamServer) => Draft])[] = [
    ["an unsorted query", (s) => signDraft(get(s, "/?b=2&a=1&C=3"))],
    ["repeated parameters, also out of order", (s) => signDraft(get(s, "/?a=2&a=1&a=10&a"))],
    ["parameters without a value, and empty pieces", (s) => signDraft(get(s, "/?a&b=&&=c"))],
    ["names that sort otherwise with their = sign", (s) => signDraft(get(s, "/?a-b=1&a=2&a.b=3"))],
    ["%7E and ~ in the query", (s) => signDraft(get(s, "/?a=%7E~&b=%41%2a"))],
    ["a + in the query, which is a space", (s) => signDraft(get(s, "/?a=b+c%20d"))],
    ["an escaped UTF-8 path", (s) => signDraft(get(s, "/caf%C3%A9/%E1%88%B4"))],
    ["other characters of a path", (s) => signDraft(get(s, "/a:b@c;d=1,2/!$&'()*+~_%2f%2F/"))],
    ["three dots, and dots in names", (s) => signDraft(get(s, "/.../.well-known/a..b/..c"))],
    ["a path of one slash", (s) => signDraft(get(s, "/"))],
    ["no query after its mark", (s) => signDraft(get(s, "/a?"))],
    ["spaces around and inside values", (s) => signDraft(get(s, "/", ["X-A", `  "a   b"   c  `]))],
    ["a value that is empty", (s) => signDraft(get(s, "/", ["X-A", ""]))],
    ["repeated headers", (s) => signDraft(get(s, "/", ["X-A", "2"], ["x-a", "1"], ["X-A", "3"]))],
    ["values beyond ASCII, byte for byte", (s) => signDraft(get(s, "/", ["X-A", "caf\u00e9 \u00c3\u00a0"]))],
    [
      "headers that proxies change, where they are signed",
      (s) => signDraft(get(s, "/", ["User-Agent", "a"], ["Cache-Control", "no-cache"])),
    ],
    [
      "headers beyond the signed ones",
      (s) =>
        withHeaders(
          signDraft(get(s)),
          ["Accept", "*/*"],
          ["User-Agent", "a"],
          ["amz-sdk-request", "attempt=1"],
          ["X-Amzn-Trace-Id", "Root=1"],
        ),
    ],
    [
      "a hash of the body that is not among the signed headers",
      (s) =>
        signDraft(post(s, "a", ["X-Amz-Content-Sha256", sha256("a")]), {
          signedHeaders: ["host", "x-amz-date"],
        }),
    ],
    ["what CloudFront adds", (s) => withHeaders(signDraft(get(s)), ["X-Amz-Cf-Id", "abc"])],
    [
      "a Date header instead of X-Amz-Date",
      (s) => signDraft(get(s, "/", ["Date", "Thu, 15 Jan 2026 12:00:00 GMT"])),
    ],
    ["a Date header in the form of X-Amz-Date", (s) => signDraft(get(s, "/", ["Date", testDate]))],
    [
      "X-Amz-Date before Date",
      (s) => signDraft(get(s, "/", ["X-Amz-Date", testDate], ["Date", "Thu, 15 Jan 2015 12:00:00 GMT"])),
    ],
    ["a GET with a body", (s) => signDraft({ ...get(s), body: "a" })],
    [
      "a compressed body, by its bytes on the wire",
      (s) => signDraft(post(s, gzipSync("a"), ["Content-Encoding", "gzip"])),
    ],
    ["methods of all kinds", (s) => signDraft({ ...get(s), method: "PROPFIND" })],
  ];
  it.each(oneOf)("%s", async (_name, draft) => {
    const server = await start();
    expect(await outcome(server, draft(server))).toBe(accepted);
  });

  it("a header that any client can send, and ignores it", async () => {
    const server = await start();
    const draft = withHeaders(
      signDraft(get(server)),
      ["X-Forwarded-Host", "other.example"],
      ["X-Forwarded-Prefix", "/x"],
      ["X-Forwarded-Proto", "https"],
      ["X-HTTP-Method-Override", "DELETE"],
    );
    const answer = await server.send(draft);
    expect([answer.status, answer.event?.method, answer.event?.path]).toEqual([200, "GET", "/books/7"]);
  });

  it.each([
    ["commas alone", (value: string) => value.replaceAll(", ", ",")],
    ["many spaces", (value: string) => value.replaceAll(", ", ",   ")],
    [
      "another order",
      (value: string) => value.replace(/ (Credential=[^,]*), (SignedHeaders=[^,]*), (.*)$/, " $3, $2, $1"),
    ],
  ])("an Authorization with %s", async (_name, edit) => {
    const server = await start();
    const { headers, ...draft } = signDraft(get(server));
    const edited = headers.map(([name, value]): [string, string] => [
      name,
      name === "Authorization" ? edit(value) : value,
    ]);
    expect(edited).not.toEqual(headers);
    expect(await outcome(server, { ...draft, headers: edited })).toBe(accepted);
  });

  it.each([
    ["usual", {}, (s: IamServer) => presignDraft(get(s))],
    [
      "with raw semicolons",
      {},
      (s: IamServer) => {
        const draft = presignDraft(get(s, "/?a=1", ["X-Tenant", "a"]));
        return { ...draft, target: draft.target.replace("%3B", ";") };
      },
    ],
    [
      "with escapes in small letters",
      {},
      (s: IamServer) => {
        const draft = presignDraft(get(s));
        return { ...draft, target: draft.target.replaceAll("%2F", "%2f") };
      },
    ],
    [
      "with its parameters in another order",
      {},
      (s: IamServer) => {
        const draft = presignDraft(get(s));
        return { ...draft, target: `/books/7?${draft.target.slice(9).split("&").toReversed().join("&")}` };
      },
    ],
    ["without X-Amz-Expires", {}, (s: IamServer) => presignDraft(get(s), { expires: null })],
    ["for a HEAD", {}, (s: IamServer) => presignDraft({ ...get(s), method: "HEAD" })],
    [
      "with the same date in a header",
      {},
      (s: IamServer) => presignDraft(get(s, "/", ["X-Amz-Date", testDate])),
    ],
    [
      "of temporary credentials",
      { credentials: () => temporary },
      (s: IamServer) => presignDraft(get(s), { token }),
    ],
    [
      "for a week",
      { presigned: { maxAgeSeconds: 604_800 } },
      (s: IamServer) => presignDraft(get(s), { expires: "604800" }),
    ],
    [
      "for a POST with a body",
      { presigned: { methods: ["POST"] } },
      (s: IamServer) => presignDraft(post(s, "a=1")),
    ],
  ] as const)("a presigned request %s", async (_name, options, draft) => {
    const server = await start(options);
    expect(await outcome(server, draft(server))).toBe(accepted);
  });

  it("an unsigned payload if unsignedPayload is set", async () => {
    const server = await start({ unsignedPayload: true });
    const draft = signDraft(post(server, "a=1", ["X-Amz-Content-Sha256", "UNSIGNED-PAYLOAD"]));
    expect(await outcome(server, { ...draft, body: "another" })).toBe(accepted);
  });

  it("a query of a thousand parameters, and rejects one more before it sorts them", async () => {
    const server = await start();
    const query = Array.from({ length: 1000 }, (_, i) => `p${i}`).join("&");
    expect(await outcome(server, signDraft(get(server, `/?${query}`)))).toBe(accepted);
    const { status, event } = await server.send(signDraft(get(server, `/?${query}&more`)));
    expect([status, event?.code, event?.reason]).toEqual([
      400,
      "credentials_malformed",
      "parameters_too_many",
    ]);
  });

  it("every configured region and service", async () => {
    const server = await start({ region: ["us-east-1", "local"], service: ["execute-api", "appsync"] });
    for (const scope of ["us-east-1/appsync", "local/execute-api"]) {
      expect(await outcome(server, signDraft(get(server), { scope: `20260115/${scope}/aws4_request` }))).toBe(
        accepted,
      );
    }
  });

  it("a required header that is signed, and a request that has none", async () => {
    const server = await start({ requireSigned: ["Content-Type"] });
    expect(await outcome(server, signDraft(post(server, "{}", ["Content-Type", "application/json"])))).toBe(
      accepted,
    );
    expect(await outcome(server, signDraft(get(server)))).toBe(accepted);
  });

  it.each([
    ["/a/./b/../c//d", "/a/c/d"],
    ["/../../a/", "/a/"],
    ["//", "/"],
    ["/a/..", "/"],
    ["/a/.", "/a"],
    ["/a/b/../", "/a/"],
    ["/a/%2F/..", "/a"],
  ])("%s signed as %s, where the server routes by the resolved path", async (wire, path) => {
    const server = await start({ dotSegments: "normalise" });
    expect(await outcome(server, signDraft(get(server, wire), { path }))).toBe(accepted);
  });
});

describe("iam and time", () => {
  it("accepts clocks that are off by exactly the skew, and none beyond", async () => {
    const server = await start({ clockSkewSeconds: 60 });
    const draft = signDraft(get(server));
    for (const [offset, reason] of [
      [60_000, accepted],
      [-60_000, accepted],
      [60_001, "date_skewed"],
      [-60_001, "date_skewed"],
    ] as const) {
      server.now = testTime + offset;
      expect([offset, await outcome(server, draft)]).toEqual([offset, reason]);
    }
  });

  it("refuses yesterday's request with a signature that holds", async () => {
    const server = await start();
    const draft = signDraft(get(server));
    expect(await outcome(server, draft)).toBe(accepted);
    server.now += 86_400_000;
    expect(await outcome(server, draft)).toBe("date_skewed");
  });

  it("says by how much, as AWS does, so that clients set their clocks", async () => {
    const server = await start({}, { errorFormat: "apigateway" });
    server.now = testTime + 600_000;
    const late = await server.send(signDraft(get(server)));
    expect([late.status, late.headers["x-amzn-errortype"]]).toEqual([403, "InvalidSignatureException"]);
    expect(JSON.parse(late.body)).toEqual({
      message:
        "Signature expired: 20260115T120000Z is now earlier than 20260115T120500Z (20260115T121000Z - 5 min.)",
    });
    server.now = testTime - 600_000;
    const early = await server.send(signDraft(get(server)));
    expect(JSON.parse(early.body)).toEqual({
      message:
        "Signature not yet current: 20260115T120000Z is still later than 20260115T115500Z (20260115T115000Z + 5 min.)",
    });
    const problem = await start();
    problem.now = server.now;
    expect((await problem.send(signDraft(get(problem)))).headers["x-amzn-errortype"]).toBe(
      "RequestTimeTooSkewed",
    );
  });

  it.each([
    ["20240230T120000Z", Date.UTC(2024, 2, 1, 12)],
    ["20240229T240000Z", Date.UTC(2024, 2, 1)],
    ["20240229T126000Z", Date.UTC(2024, 1, 29, 13)],
    ["20240229T125960Z", Date.UTC(2024, 1, 29, 13)],
    ["20241301T120000Z", Date.UTC(2025, 0, 1, 12)],
    ["20240100T120000Z", Date.UTC(2023, 11, 31, 12)],
    ["20240001T120000Z", Date.UTC(2023, 11, 1, 12)],
    ["20230229T120000Z", Date.UTC(2023, 2, 1, 12)],
    ["20240230T996199Z", Date.UTC(2024, 2, 1, 12)],
    ["00240115T120000Z", Date.UTC(1924, 0, 15, 12)],
  ])("refuses %s, which the calendar does not have", async (date, now) => {
    const server = await start();
    server.now = now;
    const scope = `${date.slice(0, 8)}/us-east-1/execute-api/aws4_request`;
    expect(await outcome(server, signDraft(get(server), { date, scope }))).toBe("date_malformed");
  });

  it("accepts the 29th of February of a leap year", async () => {
    const server = await start();
    server.now = Date.UTC(2024, 1, 29, 23, 59, 59);
    expect(await outcome(server, signDraft(get(server), { date: "20240229T235959Z" }))).toBe(accepted);
  });

  it("takes the day of the scope from the request, not from the server, across midnight", async () => {
    const server = await start();
    server.now = Date.UTC(2026, 0, 16, 0, 2);
    const date = "20260115T235900Z";
    expect(await outcome(server, signDraft(get(server), { date }))).toBe(accepted);
    const scope = "20260116/us-east-1/execute-api/aws4_request";
    expect(await outcome(server, signDraft(get(server), { date, scope }))).toBe("scope_date_differs");
  });

  it("ends a presigned request exactly when it says, whatever the skew, and not before the skew if it says nothing", async () => {
    const server = await start();
    for (const [expires, offset, reason] of [
      ["60", 60_000, accepted],
      ["60", 60_001, "presigned_expired"],
      ["900", 900_000, accepted],
      ["900", -300_000, accepted],
      ["900", -300_001, "date_skewed"],
      [null, 300_000, accepted],
      [null, 300_001, "date_skewed"],
    ] as const) {
      server.now = testTime + offset;
      const result = await outcome(server, presignDraft(get(server), { expires }));
      expect([expires, offset, result]).toEqual([expires, offset, reason]);
    }
  });

  it("expires a presigned request without X-Amz-Expires after maxAgeSeconds, if that is shorter", async () => {
    const server = await start({ presigned: { maxAgeSeconds: 60 } });
    server.now = testTime + 60_001;
    expect(await outcome(server, presignDraft(get(server), { expires: null }))).toBe("date_skewed");
  });

  it("ends credentials at their second", async () => {
    const server = await start({ credentials: () => temporary });
    const draft = signDraft(get(server), { token });
    server.now = testTime + 59_999;
    expect(await outcome(server, draft)).toBe(accepted);
    server.now = testTime + 60_000;
    const answer = await server.send(draft);
    expect([answer.status, answer.event?.code, answer.event?.reason]).toEqual([
      401,
      "credentials_expired",
      "session_expired",
    ]);
  });
});

describe("iam and AWS's texts", () => {
  it.each([
    [
      "a signature of another secret",
      (s: IamServer) => signDraft(get(s), { secret: "x" }),
      "InvalidSignatureException",
      /^The request signature we calculated does not match the signature you provided\. Check your AWS Secret Access Key and signing method\./,
    ],
    [
      "an unknown key",
      (s: IamServer) => signDraft(get(s), { accessKeyId: "AKIDOTHER" }),
      "UnrecognizedClientException",
      /^The security token included in the request is invalid\.$/,
    ],
    [
      "a missing parameter",
      (s: IamServer) => get(s, "/", ["Authorization", "AWS4-HMAC-SHA256 Credential=a"]),
      "IncompleteSignatureException",
      /^Authorization header requires 'Signature' parameter\. Authorization header requires 'SignedHeaders' parameter\.$/,
    ],
    [
      "another algorithm",
      (s: IamServer) => get(s, "/", ["Authorization", "AWS4-SECRET-WORD"]),
      "IncompleteSignatureException",
      /^Unsupported AWS 'algorithm'\.$/,
    ],
    [
      "a wrong scope",
      (s: IamServer) => signDraft(get(s), { scope: "20260114/SECRET/WORD/x" }),
      "InvalidSignatureException",
      /^Credential should be scoped to a valid region\. Credential should be scoped to correct service: 'execute-api'\. Credential should be scoped with a valid terminator: 'aws4_request'\. Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP\.$/,
    ],
    [
      "an unsigned host",
      (s: IamServer) => signDraft(get(s), { signedHeaders: ["x-amz-date"] }),
      "InvalidSignatureException",
      /^'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization\.$/,
    ],
    [
      "nothing",
      (s: IamServer) => get(s),
      "MissingAuthenticationTokenException",
      /^Missing Authentication Token$/,
    ],
  ] as const)("says of %s what API Gateway does, with 403", async (_name, draft, type, message) => {
    const server = await start({}, { errorFormat: "apigateway" });
    const answer = await server.send(draft(server));
    expect([answer.status, answer.headers["x-amzn-errortype"]]).toEqual([403, type]);
    expect((JSON.parse(answer.body) as { message: string }).message).toMatch(message);
    expect(answer.body).not.toContain("SECRET");
  });
});

describe("iam and the place of a signature", () => {
  const view = (draft: Draft) => viewOf({ target: draft.target, headers: draft.headers });
  const mode = iam({ region: "us-east-1", credentials: () => machine });
  const unsigned: Draft = { target: "/", headers: [["host", "a"]] };

  it("claims every Authorization that starts as a signature, and any part of a presigned query in any letter case", () => {
    const placeOf = (draft: Draft) => mode.detect(view(draft))?.place;
    expect(placeOf({ ...unsigned, headers: [["authorization", "aws4-anything"]] })).toBe("authorization");
    const names = ["X-Amz-Algorithm", "x-amz-credential", "X-AMZ-SIGNATURE", "X%2DAmz-Security-Token"];
    const places = names.map((name) => placeOf({ ...unsigned, target: `/?a=1&${name}=` }));
    expect(places).toEqual(["query", "query", "query", "query"]);
    expect(placeOf({ ...unsigned, target: "/?X-Amz-Date=1" })).toBeUndefined();
    expect(placeOf({ ...unsigned, headers: [["authorization", "Bearer a"]] })).toBeUndefined();
  });

  it("rejects both together itself, if precedence lets it decide", async () => {
    const auth = createAuth([mode], { precedence: ["iam"], clock: () => testTime });
    auth.onEvent(() => {});
    const error: unknown = await auth
      .authenticate(view(signDraft(presignDraft(unsigned))))
      .catch((e: unknown) => e);
    expect(error).toMatchObject({ code: "credentials_ambiguous", reason: "signed_twice" });
  });

  it("rejects a repeated Authorization itself, without an earlier check", async () => {
    const { headers } = signDraft(unsigned);
    const twice = viewOf({ headers: [...headers, headers.at(-1) ?? ["", ""]] });
    const detected = mode.detect({ ...twice, header: (name) => viewOf({ headers }).header(name) });
    await expect(async () => detected?.verify(testTime)).rejects.toMatchObject({ reason: "header_repeated" });
  });

  it("takes :authority for the host, and refuses it beside another Host", async () => {
    const draft = signDraft({ target: "/", headers: [["host", "a"]] });
    const http2 = draft.headers.map(([name, value]): [string, string] => [
      name === "host" ? ":authority" : name,
      value,
    ]);
    const ask = async (headers: readonly [string, string][], host?: string) =>
      mode.detect(viewOf({ headers, ...(host !== undefined && { host }) }))?.verify(testTime);
    await expect(ask(http2, "a")).resolves.toMatchObject({ accessKeyId: "AKIDEXAMPLE" });
    await expect(ask(http2)).resolves.toMatchObject({ accessKeyId: "AKIDEXAMPLE" });
    await expect(ask([...http2, ["host", "b"]], "a")).rejects.toMatchObject({ reason: "header_repeated" });
  });

  it("verifies synchronously if the key source and the body are there", () => {
    const draft = signDraft({
      ...unsigned,
      headers: [
        ["host", "a"],
        ["X-Amz-Content-Sha256", "UNSIGNED-PAYLOAD"],
      ],
    });
    const request = viewOf({ headers: draft.headers });
    const unsignedBodies = iam({ region: "us-east-1", credentials: () => machine, unsignedPayload: true });
    expect(unsignedBodies.detect(request)?.verify(testTime)).toMatchObject({ accessKeyId: "AKIDEXAMPLE" });
    const auth = createAuth([unsignedBodies], { clock: () => testTime });
    expect(opened(auth).guard(request)).toMatchObject({ accessKeyId: "AKIDEXAMPLE" });
    const slow = iam({ region: "us-east-1", credentials: async () => machine, unsignedPayload: true });
    expect(slow.detect(request)?.verify(testTime)).toBeInstanceOf(Promise);
  });

  it("verifies against the host and prefix of publicUrl, not against what a proxy sends", async () => {
    const auth = createAuth([mode], { publicUrl: "https://api.example.com/v1", clock: () => testTime });
    auth.onEvent(() => {});
    const signed = signDraft({ target: "/v1/books", headers: [["host", "api.example.com"]] });
    const arrived = signed.headers.map(([name, value]): [string, string] => [
      name,
      name === "host" ? "10.0.0.1:80" : value,
    ]);
    const request = viewOf({ target: "/v1/books", host: "api.example.com", headers: arrived });
    expect(await auth.authenticate(request)).toMatchObject({ mode: "iam" });
  });

  it("reads what fetch servers joined as one value", async () => {
    const signed = signDraft({
      target: "/",
      headers: [
        ["host", "a"],
        ["accept", "a, b"],
      ],
    });
    const ask = (headers: readonly (readonly [string, string])[]) =>
      mode.detect(viewOf({ headers, exact: false, host: "a" }))?.verify(testTime);
    await expect(ask(signed.headers)).resolves.toMatchObject({ mode: "iam" });
    const two = signDraft({
      target: "/",
      headers: [
        ["host", "a"],
        ["accept", "a"],
        ["accept", "b"],
      ],
    });
    const joined = two.headers.filter(([name]) => name !== "accept");
    await expect(ask([...joined, ["accept", "a, b"]])).rejects.toMatchObject({
      reason: "signature_mismatch",
    });
  });
});

describe("iam and the server around it", () => {
  it("verifies the whole target under a mount path", async () => {
    const server = await start({}, {});
    expect(await outcome(server, signDraft(get(server, "/api/books")))).toBe(accepted);
  });

  it("keeps concurrent requests apart while keys are looked up", async () => {
    const keysOf = (id: string): AccessKey => ({
      ...machine,
      secretAccessKey: `secret of ${id}`,
      userArn: `arn:of:${id}`,
    });
    const server = await start({
      credentials: (id) => new Promise((resolve) => setImmediate(() => setImmediate(resolve, keysOf(id)))),
    });
    const answers = await Promise.all(
      Array.from({ length: 40 }, async (_, i) => {
        const accessKeyId = `AKID${i}`;
        const secret = i % 4 === 3 ? `secret of AKID${i - 1}` : `secret of ${accessKeyId}`;
        const draft = signDraft(post(server, `body ${i}`), { accessKeyId, secret });
        const { status, body } = await server.send(draft);
        const { userArn, body: received } = JSON.parse(body) as { userArn?: string; body?: string };
        return i % 4 === 3 ? [status, userArn] : [status, userArn, received];
      }),
    );
    expect(answers).toEqual(
      answers.map((_, i) => (i % 4 === 3 ? [401, undefined] : [200, `arn:of:AKID${i}`, `body ${i}`])),
    );
  });

  it("meets the new secret, and no longer the old one, from the moment the store does", async () => {
    let current: AccessKey = { ...machine, secretAccessKey: "first" };
    const server = await start({ credentials: () => current });
    const ask = (secret: string) => outcome(server, signDraft(get(server), { secret }));
    expect([await ask("first"), await ask("first")]).toEqual([accepted, accepted]);
    current = { ...current, secretAccessKey: "second" };
    expect([await ask("first"), await ask("second")]).toEqual(["signature_mismatch", accepted]);
    current = { ...current, disabled: true };
    expect(await ask("second")).toBe("access_key_disabled");
  });

  it.each<readonly [Readonly<Record<string, unknown>>, string]>([
    [{ disabled: "yes" }, "disabled is true or false"],
    [{ status: "Inactive" }, "has a member 'status'; write 'disabled'"],
    [{ revoked: true }, "has a member 'revoked'; write 'disabled'"],
    [{ active: false }, "has a member 'active'; write 'disabled'"],
    [{ expires_at: 5 }, "has a member 'expires_at'; write 'expiresAt'"],
    [{ Expiration: new Date(0) }, "has a member 'Expiration'; write 'expiresAt'"],
    [{ session_token: "t" }, "has a member 'session_token'; write 'sessionToken'"],
    [{ expiresAt: testTime }, "looks like milliseconds"],
    [{ expiresAt: "never" }, "in seconds since 1970"],
    [{ cognito: { ...temporary.cognito, issuedAt: testTime } }, "cognito.issuedAt"],
    [{ cognito: { ...temporary.cognito, issuedAt: new Date(0).toISOString() } }, "cognito.issuedAt"],
    [{ cognito: { ...temporary.cognito, login: null } }, "cognito.login is"],
    [{ cognito: { ...temporary.cognito, login: '{"sub":"alice"}' } }, "cognito.login is"],
    [{ cognito: { ...temporary.cognito, login: { sub: 1 } } }, "cognito.login.sub"],
    [
      { cognito: { ...temporary.cognito, login: { sub: "alice", originJti: null } } },
      "cognito.login.originJti",
    ],
    [
      { cognito: { ...temporary.cognito, login: { sub: "alice", origin_jti: "o" } } },
      "cognito.login.origin_jti",
    ],
    [{ cognito: { ...temporary.cognito, login: { sub: "alice", iat: testTime } } }, "cognito.login.iat"],
    [{ cognito: { ...temporary.cognito, login: { sub: "alice", iat: "1" } } }, "cognito.login.iat"],
  ])("rejects a key of a store with %j", async (members, sentence) => {
    const credentials = () => ({ ...machine, ...members }) as AccessKey;
    const server = await start({ credentials });
    const { status, event } = await server.send(signDraft(get(server)));
    expect([status, event?.reason]).toEqual([503, "verification_failed"]);
    expect(event?.detail).toContain(sentence);
    expect(event?.detail).not.toContain(machine.secretAccessKey);
  });

  it("ignores other members of what a store holds", async () => {
    const server = await start({
      credentials: () => ({ ...machine, disabled: false, name: "CI", createdAt: 5 }),
    });
    expect(await outcome(server, signDraft(get(server)))).toBe(accepted);
  });

  it("accepts a signature once with a replay store: for unsafe methods, and records no rejected one", async () => {
    const recorded: [string, number][] = [];
    const record = (signature: string, expiresAt: number) => {
      const fresh = recorded.every(([other]) => other !== signature);
      recorded.push([signature, expiresAt]);
      return Promise.resolve(fresh);
    };
    const server = await start({ replay: { record }, presigned: { methods: ["PUT"] } });
    const draft = signDraft(post(server, "a=1"));
    const forged = { ...draft, body: "a=2" };
    expect(await outcome(server, forged)).toBe("signature_mismatch");
    expect(recorded).toEqual([]);
    expect(await outcome(server, draft)).toBe(accepted);
    const again = await server.send(draft);
    expect([again.status, again.event?.code, again.event?.reason]).toEqual([
      401,
      "credentials_refused",
      "replayed",
    ]);
    expect(recorded.map(([, expiresAt]) => expiresAt)).toEqual([
      testTime / 1000 + 301,
      testTime / 1000 + 301,
    ]);

    const safe = signDraft(get(server));
    expect([await outcome(server, safe), await outcome(server, safe)]).toEqual([accepted, accepted]);
    expect(await outcome(server, presignDraft({ ...get(server), method: "PUT" }))).toBe(accepted);
    expect(recorded.at(-1)?.[1]).toBe(testTime / 1000 + 61);
  });

  it("hands a body of 9 MB on to the handler, hash sent or not, and refuses one over the cap", async () => {
    const server = await start({ maxBodyBytes: 10_485_760 });
    const body = "0123456789abcde\n".repeat(589_824);
    for (const headers of [[], [["X-Amz-Content-Sha256", sha256(body)]]] as [string, string][][]) {
      const answer = await server.send(signDraft(post(server, body, ...headers)));
      expect(answer.status).toBe(200);
      expect((JSON.parse(answer.body) as { body: string }).body === body).toBe(true);
    }
    const over = `${body}${body}`;
    expect(await outcome(server, signDraft(post(server, over)))).toBe("body_too_large");
  });

  it("reads no body for a bad date, nor for a bad signature over its hash", async () => {
    const server = await start();
    const declared: [string, string] = ["X-Amz-Content-Sha256", sha256("never sent")];
    for (const draft of [
      signDraft(post(server, "never sent"), { date: "20200101T000000Z" }),
      signDraft(post(server, "never sent", declared), { secret: "another" }),
    ]) {
      const { headers, method, target } = draft;
      const lines = [...headers, ["Content-Length", "10"]].map((pair) => pair.join(": "));
      const head = `${method} ${target} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`;
      expect((await exchange(server.port, Buffer.from(head))).status).toBe(401);
    }
  });

  it("says which headers its clients send, for CORS", () => {
    const { requestHeaders, scheme } = iam({ region: "us-east-1", credentials: () => undefined });
    expect(scheme).toBe("AWS4-HMAC-SHA256");
    expect(requestHeaders).toContain("x-amz-security-token");
  });
});

describe("iam options", () => {
  const good: IamOptions = { region: "us-east-1", credentials: () => undefined };
  it.each([
    ["no region", { region: undefined }, "region is undefined"],
    ["no region in a list", { region: [] }, "region is a word"],
    ["a region with a slash", { region: "a/b" }, "region is a word"],
    ["an empty service", { service: "" }, "service is a word"],
    ["S3", { service: ["execute-api", "s3"] }, "S3 signs in another way"],
    ["keys in a map", { credentials: new Map() }, "a function that finds an access key"],
    ["a skew of 15 minutes and a second", { clockSkewSeconds: 901 }, "from 1 to 900"],
    ["a skew that is not a number", { clockSkewSeconds: Number.NaN }, "from 1 to 900"],
    ["a cap that is not a number", { maxBodyBytes: "1mb" }, "a number of bytes"],
    ["another word for dots", { dotSegments: "normalize" }, "'refuse' or 'normalise'"],
    ["a text for no guests", { guests: "false" }, "guests is true or false"],
    ["a text for true", { unsignedPayload: "true" }, "unsignedPayload is true or false"],
    ["a method in small letters", { presigned: { methods: ["get"] } }, "in capitals"],
    ["no methods", { presigned: { methods: [] } }, "write presigned: false to reject all"],
    ["more than a week", { presigned: { maxAgeSeconds: 604_801 } }, "from 1 to 604800"],
    ["a misspelt option of presigned", { presigned: { maxAge: 60 } }, "maxAgeSeconds"],
    ["presigned: true", { presigned: true }, "takes an object"],
    ["presigned: null", { presigned: null }, "takes an object"],
    ["no required header in a list", { requireSigned: [] }, "header names"],
    ["required headers that are none", { requireSigned: ["content type"] }, "header names"],
    ["one required header", { requireSigned: "content-type" }, "header names"],
    ["a store without record", { replay: new Set() }, "record(signature, expiresAt)"],
    ["a misspelt option", { regions: "us-east-1" }, "Write 'region'"],
    ["an option that is not one", { secret: "a" }, "has no option 'secret'"],
  ])("refuses %s", (_name, options, sentence) => {
    expect(() => iam({ ...good, ...options } as unknown as IamOptions)).toThrow(TypeError);
    expect(() => iam({ ...good, ...options } as unknown as IamOptions)).toThrow(sentence);
  });

  it("lets AuthErrors of a key source through", async () => {
    const server = await start({
      credentials: () => {
        throw new AuthError("rate_limited", "too_many_look_ups", { retryAfter: 3 });
      },
    });
    const answer = await server.send(signDraft(get(server)));
    expect([answer.status, answer.headers["retry-after"]]).toEqual([429, "3"]);
  });
});
