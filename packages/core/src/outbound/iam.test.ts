import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Sha256 } from "@aws-crypto/sha256-js";
import { HttpRequest } from "@smithy/protocol-http";
import { SignatureV4 } from "@smithy/signature-v4";
import aws4 from "aws4";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createAuth } from "../auth/auth.ts";
import { AuthError } from "../refusal/error.ts";
import { iam as iamMode, type IamOptions } from "../modes/iam.ts";
import { nodeView } from "../request/node.ts";
import { haveVectors, readVectors, type Vector } from "../test/vectors.ts";
import { viewOf } from "../test/view.ts";
import { createAuthFetch } from "./auth-fetch.ts";
import { iam, type IamSourceOptions } from "./iam.ts";
import { presign } from "./presign.ts";
import type { OutboundRequest } from "./header-source.ts";

const time = Date.UTC(2026, 0, 15, 12);
const credentials = {
  accessKeyId: "AKIDEXAMPLE",
  secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
};
const temporary = { ...credentials, sessionToken: "IQoJb3JpZ2luX2VjEXAMPLE//TOKEN==" };
const options: IamSourceOptions = { region: "us-east-1", credentials, clock: () => time };

interface Parts {
  readonly method?: string;
  readonly url: string;
  readonly headers?: readonly (readonly [string, string])[];
  readonly body?: Uint8Array;
  readonly refused?: Response;
}

function requestOf({ method = "GET", url, headers = [], body, refused }: Parts): OutboundRequest {
  const copy = headers.map(([name, value]): [string, string] => [name, value]);
  return { method, url: new URL(url), headers: new Headers(copy), body, refused };
}

function signatureIn(authorization: string | undefined): string | undefined {
  return /Signature=([0-9a-f]{64})$/.exec(authorization ?? "")?.[1];
}

const verifierOptions: IamOptions = {
  region: "us-east-1",
  presigned: { methods: ["GET", "PUT"] },
  credentials: (id) => ({
    secretAccessKey: credentials.secretAccessKey,
    accountId: "1",
    userArn: "arn:aws:iam::1:user/a",
    ...(id === "ASIATEMPORARY" && { sessionToken: temporary.sessionToken, expiresAt: null }),
  }),
};
const strict = iamMode(verifierOptions);
/** URLs may hold `//`, which signers resolve. */
const resolving = iamMode({ ...verifierOptions, dotSegments: "normalise" });

interface Received {
  readonly method: string;
  readonly target: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Uint8Array;
}

/** As a server receives it that was sent with the source's headers. */
function received(request: OutboundRequest, added: Readonly<Record<string, string>>): Received {
  const { method, url, body = new Uint8Array() } = request;
  const headers = new Headers(request.headers);
  for (const [name, value] of Object.entries(added)) headers.set(name, value);
  return { method, target: url.pathname + url.search, headers: [["host", url.host], ...headers], body };
}

async function verify(request: Received, verifier = resolving): Promise<string> {
  try {
    const identity = await verifier.detect(viewOf(request))?.verify(time);
    return identity?.accessKeyId ?? "not signed";
  } catch (error) {
    if (error instanceof AuthError) return error.reason;
    throw error;
  }
}

// Whatever can be asked for: paths and queries of bytes, escapes and odd characters, as URLs carry them.
const word = fc.string({
  unit: fc.constantFrom(...Array.from("abzAZ09-._~!$&'()*+,;=:@%/ é")),
  maxLength: 8,
});
const escaped = fc
  .oneof(word, word.map(encodeURIComponent))
  .map((text) => text.replaceAll(/%(?![0-9A-F]{2})/gi, "%25"));
const headerValue = fc
  .string({ unit: fc.constantFrom(...Array.from("abc,;=\"' \u00e9\u00a0")), maxLength: 12 })
  .map((text) => text.replaceAll(/^ +| +$/g, ""));
const headerName = fc.constantFrom(
  "accept",
  "content-type",
  "cookie",
  "x-amz-user-agent",
  "x-tenant",
  "user-agent",
  "range",
);
const anyRequest: fc.Arbitrary<Parts> = fc
  .record({
    method: fc.constantFrom("GET", "POST", "PUT", "DELETE", "PATCH", "HEAD"),
    path: fc.array(escaped, { maxLength: 4 }),
    query: fc.array(fc.tuple(escaped, fc.option(escaped)), { maxLength: 4 }),
    port: fc.option(fc.integer({ min: 1, max: 65_535 })),
    headers: fc.uniqueArray(fc.tuple(headerName, headerValue), { maxLength: 4, selector: ([name]) => name }),
    body: fc.option(fc.uint8Array({ minLength: 1 }), { nil: undefined }),
  })
  .map(({ method, headers, path, query, port, body }) => {
    const pieces = query.map(([name, value]) => (value === null ? name : `${name}=${value}`)).join("&");
    const authority = port === null ? "api.example.com" : `api.example.com:${port}`;
    const url = `https://${authority}/${path.join("/").replaceAll(/[?#]/g, "")}?${pieces}`;
    return body === undefined ? { method, headers, url } : { method, headers, url, body };
  })
  // These are refused on purpose.
  .filter(
    ({ url }) => !/[\\#]|\/(?:\.|%2e){1,2}(?:\/|$|\?)/i.test(new URL(url).pathname + new URL(url).search),
  );

/** Those whose query is text: other signers decode it into letters. */
const utf8Request = anyRequest.filter(({ url }) => {
  try {
    return decodeURIComponent(new URL(url).search) !== undefined;
  } catch {
    return false;
  }
});

describe("outbound.iam", () => {
  it("makes what the verifier accepts, whatever the request", async () => {
    await fc.assert(
      fc.asyncProperty(anyRequest, fc.boolean(), fc.boolean(), async (parts, contentSha256, isTemporary) => {
        const used = isTemporary ? { ...temporary, accessKeyId: "ASIATEMPORARY" } : credentials;
        const request = requestOf(parts);
        const added = await iam({ ...options, credentials: used, contentSha256 })(request);
        expect("x-amz-content-sha256" in added).toBe(contentSha256);
        expect(await verify(received(request, added))).toBe(used.accessKeyId);
      }),
      { numRuns: 500 },
    );
  });

  it("makes signatures that a changed byte of what is signed undoes", async () => {
    const edit = fc.record({
      what: fc.constantFrom("method", "target", "header", "body", "signature"),
      at: fc.nat(),
      by: fc.integer({ min: 1, max: 255 }),
    });
    await fc.assert(
      fc.asyncProperty(anyRequest, fc.boolean(), edit, async (parts, contentSha256, { what, at, by }) => {
        const request = requestOf(parts);
        const signed = received(request, await iam({ ...options, contentSha256 })(request));
        const changed = changeByte(signed, what, at, by);
        fc.pre(changed !== undefined && !saysTheSame(signed, changed));
        expect(await verify(changed ?? signed, strict)).not.toBe("AKIDEXAMPLE");
      }),
      { numRuns: 1000 },
    );
  });

  it("signs as @smithy/signature-v4 does, given the same headers", async () => {
    // It hashes text as UTF-8, which is not what goes over the wire.
    const ascii = utf8Request.filter(({ headers = [] }) =>
      headers.every(([, value]) => /^[\x20-\x7e]*$/.test(value)),
    );
    await fc.assert(
      fc.asyncProperty(ascii, async (parts) => {
        const request = requestOf(parts);
        const added = await iam(options)(request);
        const names = /SignedHeaders=([^,]*)/.exec(added["authorization"] ?? "")?.[1]?.split(";") ?? [];
        const sent = new Map(received(request, added).headers);
        const { url, method, body } = request;
        const query: Record<string, string[]> = {};
        for (const [name, value] of parametersOf(url.search)) (query[name] ??= []).push(value);
        const signer = new SignatureV4({
          region: "us-east-1",
          service: "execute-api",
          credentials,
          sha256: Sha256,
        });
        const signed = await signer.sign(
          new HttpRequest({
            method,
            protocol: "https:",
            hostname: url.hostname,
            path: url.pathname,
            query,
            headers: Object.fromEntries(names.map((name) => [name, sent.get(name) ?? ""])),
            body: Buffer.from(body ?? ""),
          }),
          { signingDate: new Date(time), unsignableHeaders: new Set() },
        );
        expect(signatureIn(added["authorization"])).toBe(signatureIn(signed.headers["authorization"]));
      }),
      { numRuns: 200 },
    );
  });

  it("signs as aws4 does, given the same headers", async () => {
    // It leaves out parameters without a name.
    const plain = utf8Request.filter(({ url }) => !/[?&]=/.test(url));
    await fc.assert(
      fc.asyncProperty(plain, async (parts) => {
        const request = requestOf({ ...parts, headers: [] });
        const { authorization, ...added } = await iam(options)(request);
        const { url, method, body } = request;
        const theirs = {
          host: url.host,
          method,
          path: url.pathname + url.search,
          service: "execute-api",
          region: "us-east-1",
          headers: { host: url.host, ...added },
          ...(body !== undefined && { body: Buffer.from(body) }),
          extraHeadersToIgnore: { "content-type": true, "content-length": true },
        };
        const signed = aws4.sign(theirs, credentials);
        expect(signatureIn(authorization)).toBe(signatureIn(String(signed.headers?.["Authorization"])));
      }),
      { numRuns: 200 },
    );
  });

  it("signs all headers but those that others change on the way", async () => {
    const headers = Object.entries({
      accept: "a",
      "cache-control": "a",
      connection: "a",
      cookie: "a",
      expect: "a",
      from: "a",
      "keep-alive": "a",
      "max-forwards": "1",
      pragma: "a",
      "proxy-authorization": "a",
      referer: "a",
      "sec-fetch-mode": "cors",
      te: "a",
      trailer: "a",
      "transfer-encoding": "a",
      upgrade: "a",
      "user-agent": "a",
      "x-amzn-trace-id": "a",
      "x-tenant": "a",
    });
    const { authorization } = await iam(options)(requestOf({ url: "https://a.example/", headers }));
    expect(authorization).toContain(
      "SignedHeaders=accept;cookie;host;x-amz-content-sha256;x-amz-date;x-tenant,",
    );
    expect(authorization).toMatch(
      /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/20260115\/us-east-1\/execute-api\/aws4_request, SignedHeaders=/,
    );
  });

  it("signs what the caller says of the body's hash, and adds none of its own", async () => {
    const headers = [["x-amz-content-sha256", "UNSIGNED-PAYLOAD"]] as const;
    const request = requestOf({
      url: "https://a.example/",
      headers,
      method: "POST",
      body: new Uint8Array(3),
    });
    const added = await iam(options)(request);
    expect(Object.keys(added)).toEqual(["x-amz-date", "authorization"]);
    expect(await verify(received(request, added))).toBe("payload_unsigned");
  });

  it("calls a provider before every request, and signs with its result", async () => {
    let asked = 0;
    const source = iam({
      ...options,
      credentials: async () => ({ ...temporary, accessKeyId: `ASIA${asked++}` }),
    });
    const request = requestOf({ url: "https://a.example/" });
    const [first, second] = [await source(request), await source(request)];
    expect(first["authorization"]).toContain("Credential=ASIA0/");
    expect(second["authorization"]).toContain("Credential=ASIA1/");
    expect(second["x-amz-security-token"]).toBe(temporary.sessionToken);
    expect([source.needsBody, source.headerNames]).toEqual([true, ["x-amz-security-token"]]);
  });

  it("sets a clock that is wrong by the answer that refused it", async () => {
    const refused = (date: string) => new Response(null, { status: 401, headers: { date } });
    const dated = async (answer: Response) =>
      (await iam(options)(requestOf({ url: "https://a.example/", refused: answer })))["x-amz-date"];
    expect(await dated(refused("Thu, 15 Jan 2026 12:10:00 GMT"))).toBe("20260115T121000Z");
    expect(await dated(refused("Thu, 15 Jan 2026 11:50:00 GMT"))).toBe("20260115T115000Z");
    expect(await dated(refused("Thu, 15 Jan 2026 12:01:00 GMT"))).toBe("20260115T120000Z");
    expect(await dated(refused("soon"))).toBe("20260115T120000Z");
    expect(await dated(new Response(null, { status: 401 }))).toBe("20260115T120000Z");
  });

  it.each([
    ["no region", { region: undefined }, "region is undefined"],
    ["S3", { service: "s3" }, "S3 signs in another way"],
    ["no credentials", { credentials: undefined }, "credentials is undefined"],
    ["credentials without an id", { credentials: { secretAccessKey: "a" } }, "no accessKeyId"],
    [
      "credentials without a secret",
      { credentials: { accessKeyId: "a", secretAccessKey: "" } },
      "no secretAccessKey",
    ],
    ["an empty token", { credentials: { ...credentials, sessionToken: "" } }, "sessionToken"],
    ["a text for true", { contentSha256: "no" }, "contentSha256 is true or false"],
    ["a misspelt option", { regoin: "a" }, "Write 'region'"],
  ])("refuses %s when built", (_name, wrong, sentence) => {
    expect(() => iam({ ...options, ...wrong } as unknown as IamSourceOptions)).toThrow(TypeError);
    expect(() => iam({ ...options, ...wrong } as unknown as IamSourceOptions)).toThrow(sentence);
  });

  it("rejects credentials without a secret, and a query that cannot be parsed", async () => {
    const half = iam({ ...options, credentials: async () => ({ accessKeyId: "a", secretAccessKey: "" }) });
    await expect(half(requestOf({ url: "https://a.example/" }))).rejects.toThrow("no secretAccessKey");
    await expect(iam(options)(requestOf({ url: "https://a.example/?a=%zz" }))).rejects.toThrow("write '%25'");
  });
});

describe("presign", () => {
  const presignOptions = { region: "us-east-1", credentials, expiresInSeconds: 60, clock: () => time };
  const receive = (url: URL, method = "GET"): Received => ({
    method,
    target: url.pathname + url.search,
    headers: [["host", url.host]],
    body: new Uint8Array(),
  });

  it("makes URLs that the verifier accepts, for the query that they had", async () => {
    await fc.assert(
      fc.asyncProperty(anyRequest, fc.boolean(), async ({ url }, isTemporary) => {
        const used = isTemporary ? { ...temporary, accessKeyId: "ASIATEMPORARY" } : credentials;
        const signed = await presign({ ...presignOptions, url, credentials: used });
        expect(await verify(receive(signed))).toBe(used.accessKeyId);
        const own = [...signed.searchParams].filter(([name]) => !name.startsWith("X-Amz-"));
        expect(sorted(own)).toEqual(sorted([...new URL(url).searchParams]));
      }),
      { numRuns: 300 },
    );
  });

  it("makes them for one method and one host", async () => {
    const url = await presign({ ...presignOptions, url: "https://api.example.com/a", method: "PUT" });
    expect(await verify(receive(url, "PUT"))).toBe("AKIDEXAMPLE");
    expect(await verify(receive(url))).toBe("signature_mismatch");
    url.host = "other.example.com";
    expect(await verify(receive(url, "PUT"))).toBe("signature_mismatch");
  });

  it("signs as @smithy/signature-v4 does", async () => {
    const url = await presign({
      ...presignOptions,
      url: "https://api.example.com/a%20b/c?x=1&y=a%2Bb",
      credentials: temporary,
    });
    const signer = new SignatureV4({
      region: "us-east-1",
      service: "execute-api",
      credentials: temporary,
      sha256: Sha256,
    });
    const request = new HttpRequest({
      method: "GET",
      protocol: "https:",
      hostname: "api.example.com",
      path: "/a%20b/c",
      query: { x: "1", y: "a+b" },
      headers: { host: "api.example.com" },
    });
    const signed = await signer.presign(request, { expiresIn: 60, signingDate: new Date(time) });
    expect(Object.fromEntries(url.searchParams)).toEqual(signed.query);
  });

  it.each([
    ["no life", { expiresInSeconds: undefined }, "expiresInSeconds is undefined"],
    ["more than a week", { expiresInSeconds: 604_801 }, "from 1 to 604800"],
    ["half a second", { expiresInSeconds: 1.5 }, "a whole number"],
    ["a method that is not sent so", { method: "put" }, "write 'PUT'"],
    ["a URL that is signed", { url: "https://a.example/?x-amz-date=1" }, "X-Amz- parameters already"],
    ["a misspelt option", { expiresIn: 60 }, "Write 'expiresInSeconds'"],
    ["no URL", { url: "a" }, "Invalid URL"],
  ])("rejects %s", async (_name, wrong, sentence) => {
    const all = { ...presignOptions, url: "https://a.example/", ...wrong };
    await expect(presign(all as Parameters<typeof presign>[0])).rejects.toThrow(TypeError);
    await expect(presign(all as Parameters<typeof presign>[0])).rejects.toThrow(sentence);
  });
});

describe("over HTTP", () => {
  const clock = { now: time };
  const mode = iamMode({
    region: "us-east-1",
    credentials: () => ({ ...credentials, accountId: "1", userArn: "arn:a" }),
  });
  const auth = createAuth([mode], { clock: () => clock.now });
  auth.onEvent(() => {});
  const server = createServer((request, response) => {
    auth.authenticate(nodeView(request)).then(
      () => request.pipe(response),
      (error: unknown) => {
        const { status } = error as AuthError;
        response
          .writeHead(status, { date: new Date(clock.now).toUTCString() })
          .end((error as AuthError).reason);
      },
    );
  });
  const origin = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  beforeAll(() => new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve)));
  afterAll(() => void server.close());

  it("signs what fetch really sends", async () => {
    const send = createAuthFetch(iam(options), { origins: [origin()] });
    const paths = [
      "/a b/é|{}^`<>\"'",
      "/a%2Fb/%E1%88%B4?q=a+b%20c'\"<>`{}|^&q&=",
      "/?x=é",
      "/;a=1,2/:@!$&'()*+",
    ];
    for (const path of paths) {
      const answer = await send(`${origin()}${path}`, {
        method: "POST",
        body: "title=Dune",
        headers: { accept: "a,  b", "x-tenant": "é" },
      });
      expect([path, answer.status, await answer.text()]).toEqual([path, 200, "title=Dune"]);
    }
  });

  it("comes through with a clock that is ten minutes off", async () => {
    const send = createAuthFetch(iam(options), { origins: [origin()] });
    clock.now = time + 600_000;
    const answer = await send(`${origin()}/a`, { method: "POST", body: "a" });
    clock.now = time;
    expect(answer.status).toBe(200);
  });

  it("makes presigned URLs that fetch carries", async () => {
    const url = await presign({
      ...options,
      url: `${origin()}/a b?q=é'+ %2B`,
      expiresInSeconds: 60,
    });
    expect((await fetch(url)).status).toBe(200);
  });
});

describe.skipIf(!haveVectors)("AWS's vectors, signed", () => {
  /** Not what a URL object or a Headers object would write in another way: raw spaces, dots, repeats, folded lines. */
  const carried = ({ request, normalised, tokenUnsigned }: Vector) => {
    const url = new URL(`https://example.amazonaws.com${request.target}`);
    const names = request.headers.map(([name]) => name.toLowerCase());
    const folded = request.headers.some(([, value]) => value.includes("\n"));
    const asWritten = url.pathname + url.search === request.target;
    return normalised && !tokenUnsigned && asWritten && !folded && new Set(names).size === names.length;
  };
  const vectors = readVectors().filter(carried);
  const optionsFor = ({ accessKeyId, secretAccessKey, sessionToken, region, service, time }: Vector) => ({
    region,
    service,
    clock: () => time,
    credentials: { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) },
  });
  const urlOf = ({ request }: Vector) => `https://example.amazonaws.com${request.target}`;

  it("are most of them", () => expect(vectors).toHaveLength(20));

  it.each(vectors.map((vector) => [vector.name, vector] as const))(
    "%s, in the header",
    async (_name, vector) => {
      const { method, headers, body } = vector.request;
      const bytes = body === "" ? {} : { body: Buffer.from(body, "latin1") };
      // Only what the vector has beside the host: the sender adds undefined headers and a length.
      const request = requestOf({ method, url: urlOf(vector), headers, ...bytes });
      const added = await iam({ ...optionsFor(vector), contentSha256: vector.signBody })(request);
      expect(signatureIn(added["authorization"])).toBe(vector.header.signature);
    },
  );

  const hostOnly = vectors.filter(
    ({ request, signBody }) => request.headers.length === 1 && request.body === "" && !signBody,
  );
  it.each(hostOnly.map((vector) => [vector.name, vector] as const))(
    "%s, presigned",
    async (_name, vector) => {
      const { method } = vector.request;
      const url = await presign({
        ...optionsFor(vector),
        url: urlOf(vector),
        method,
        expiresInSeconds: vector.expires,
      });
      expect(url.searchParams.get("X-Amz-Signature")).toBe(vector.query.signature);
    },
  );
});

function changeByte(request: Received, what: string, at: number, by: number): Received | undefined {
  const edit = (text: string) => {
    if (text === "") return undefined;
    const i = at % text.length;
    return text.slice(0, i) + String.fromCharCode((text.charCodeAt(i) + by) % 256) + text.slice(i + 1);
  };
  const { method, target, headers, body } = request;
  if (what === "method") return { ...request, method: edit(method) ?? method };
  if (what === "target") return { ...request, target: edit(target) ?? target };
  if (what === "body") {
    const copy = new Uint8Array(body);
    if (copy.length === 0) return { ...request, body: new Uint8Array([by]) };
    copy[at % copy.length] = ((copy[at % copy.length] ?? 0) + by) % 256;
    return { ...request, body: copy };
  }
  const authorization = headers.find(([name]) => name === "authorization")?.[1] ?? "";
  const signed = /SignedHeaders=([^,]*)/.exec(authorization)?.[1]?.split(";") ?? [];
  const name = what === "signature" ? "authorization" : (signed[at % signed.length] ?? "host");
  const changed = headers.map(
    ([other, value]) => [other, other === name ? (edit(value) ?? "x") : value] as const,
  );
  return { ...request, headers: changed };
}

/** What a signature does not tell apart: spellings of the query, spaces in values and in Authorization. */
function saysTheSame(a: Received, b: Received): boolean {
  const form = ({ method, target, headers, body }: Received) => {
    const [path = "", query = ""] = target.split(/\?(.*)/s, 2);
    const values = headers.map(([name, value]) => [
      name,
      value.replaceAll(/[\t-\r ]+/g, name === "authorization" ? "" : " ").replaceAll(/^ | $/g, ""),
    ]);
    return JSON.stringify([method, path, sorted(parametersOf(query)), values, [...body]]);
  };
  return form(a) === form(b);
}

function sorted(pairs: readonly (readonly [string, string])[]): string[] {
  return pairs.map((pair) => JSON.stringify(pair)).toSorted();
}

function parametersOf(search: string): [string, string][] {
  const decode = (text: string) =>
    Buffer.from(
      text
        .replaceAll("+", " ")
        .replaceAll(/%([0-9a-f]{2})/gi, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
      "latin1",
    ).toString("utf8");
  return search
    .replace(/^\?/, "")
    .split("&")
    .filter((piece) => piece !== "")
    .map((piece) => piece.split(/=(.*)/s, 2))
    .map(([name = "", value = ""]) => [decode(name), decode(value)]);
}
