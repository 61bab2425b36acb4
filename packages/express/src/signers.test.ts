import http from "node:http";
import type { AddressInfo } from "node:net";
import { Sha256 } from "@aws-crypto/sha256-js";
import { SignatureV4 } from "@smithy/signature-v4";
import aws4 from "aws4";
import { AwsClient } from "aws4fetch";
import express from "express";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { authenticate, authErrorHandler, createAuth, getIdentity, iam } from "./index.ts";

// Requests that were reported to signers as rejected, by the signers of other projects, over HTTP.

const key = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY" };
const userArn = "arn:aws:iam::111122223333:user/ann";
const at = { region: "us-east-1", service: "execute-api" };
const find = (id: string) =>
  id === key.accessKeyId
    ? { secretAccessKey: key.secretAccessKey, accountId: "111122223333", userArn }
    : undefined;

const auth = createAuth([iam({ region: "us-east-1", credentials: find })]);
auth.onEvent(() => {});
const app = express();
app.use(authenticate(auth), express.text({ type: "*/*" }));
app.use((request, response) => {
  response.json({ id: getIdentity(request, auth).id, url: request.originalUrl, body: request.body ?? "" });
});
app.use(authErrorHandler());
const server = http.createServer(app);
const host = () => `127.0.0.1:${(server.address() as AddressInfo).port}`;
beforeAll(() => new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve)));
afterAll(() => void server.close());

interface Sent {
  readonly method?: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

type Send = (sent: Sent) => Promise<{ readonly status: number; readonly text: string }>;

/** Sends the path as it is: `fetch` would normalise it. */
function raw({ method = "GET", path, headers, body }: Sent): ReturnType<Send> {
  return new Promise((resolve, reject) => {
    const { port } = server.address() as AddressInfo;
    const request = http.request(
      { host: "127.0.0.1", port, method, path, headers, setHost: false },
      (answer) => {
        let text = "";
        answer.on("data", (data) => (text += String(data)));
        answer.on("end", () => resolve({ status: answer.statusCode ?? 0, text }));
      },
    );
    request.on("error", reject).end(body);
  });
}

const lengthOf = (body: string | undefined) =>
  body === undefined ? {} : { "content-length": String(Buffer.byteLength(body)) };

const signers: Readonly<Record<string, Send>> = {
  aws4: ({ method = "GET", path, headers, body }) => {
    const wanted = { host: host(), method, path, headers: { ...headers }, ...at };
    const signed = aws4.sign({ ...wanted, ...(body !== undefined && { body }) }, key);
    const all = Object.entries(signed.headers ?? {}).map(([name, value]) => [name, String(value)]);
    return raw({
      method,
      path: signed.path ?? path,
      headers: Object.fromEntries(all) as Record<string, string>,
      ...(body !== undefined && { body }),
    });
  },
  aws4fetch: async ({ path, ...init }) => {
    const client = new AwsClient({ ...key, ...at, retries: 0 });
    const answer = await client.fetch(`http://${host()}${path}`, init);
    return { status: answer.status, text: await answer.text() };
  },
  "@smithy/signature-v4": async ({ method = "GET", path, headers, body }) => {
    const url = new URL(`http://${host()}${path}`);
    const query: Record<string, string[]> = {};
    for (const [name, value] of url.searchParams) (query[name] ??= []).push(value);
    const signer = new SignatureV4({ credentials: key, ...at, sha256: Sha256 });
    const signed = await signer.sign({
      method,
      protocol: "http:",
      hostname: url.hostname,
      path: url.pathname,
      query,
      headers: { ...headers, ...lengthOf(body), host: url.host },
      ...(body !== undefined && { body }),
    });
    const encoded = (text: string) =>
      encodeURIComponent(text).replaceAll(
        /[!'()*]/g,
        (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
      );
    const pairs = Object.entries(query).flatMap(([name, values]) =>
      values.map((value) => `${encoded(name)}=${encoded(value)}`),
    );
    const target = url.pathname + (pairs.length === 0 ? "" : `?${pairs.join("&")}`);
    return raw({ method, path: target, headers: signed.headers, ...(body !== undefined && { body }) });
  },
};

const json = { "content-type": "application/json" };

const reported: readonly (readonly [what: string, sent: Sent])[] = [
  ["a colon in the path", { path: "/users/eu-central-1:1-2/info" }],
  ["an escaped colon", { path: "/users/eu-central-1%3A1-2/info" }],
  ["@connections, escaped", { path: "/prod/%40connections/d_Jb%3D" }],
  ["@connections", { path: "/prod/@connections/d_Jb=" }],
  ["a URL in a segment", { path: "/p/https%3A%2F%2Fa.example%2Fb%2F" }],
  ["letters beyond ASCII in the path", { path: "/brand/Citro%C3%ABn/x" }],
  ["a + in the path", { path: "/a+b" }],
  ["%2B in the path", { path: "/10%2B2.jpg" }],
  ["a space in the path", { path: "/a%20b" }],
  ["* in the path", { path: "/*/*/_search/" }],
  ["~ in the path", { path: "/~ann/a_b-c.d" }],
  ["escapes in lower case", { path: "/caf%c3%a9?q=%c3%a9" }],
  ["*!'() in the query", { path: "/x?foo=*!'()" }],
  ["the same escaped", { path: "/x?foo=%2A%21%27%28%29" }],
  ["@ in the query", { path: "/x?email=my@email.example" }],
  ["%2B in the query", { path: "/x?phone_number=%2B905" }],
  ["a + in the query", { path: "/x?q=a+b" }],
  ["%3D at the end of the query", { path: "/x?id=abc%3D" }],
  ["an empty value and none", { path: "/x?a=&b" }],
  ["a repeated parameter", { path: "/x?a=2&a=1&a=10" }],
  ["brackets in names", { path: "/x?ids[]=2&ids[]=1" }],
  ["; in the query", { path: "/x?a=1;b=2" }],
  ["an escaped &", { path: "/x?a=%26&b=%23" }],
  ["a JSON body", { method: "POST", path: "/x", body: '{"a":"é"}', headers: json }],
  [
    "a form",
    {
      method: "POST",
      path: "/x",
      body: "a=1&b=2",
      headers: { "content-type": "application/x-www-form-urlencoded" },
    },
  ],
  ["a DELETE with a body", { method: "DELETE", path: "/x", body: '{"a":1}', headers: json }],
  ["runs of spaces in a header", { path: "/x", headers: { "x-note": "a   b  c " } }],
  ["a GET with a content type", { path: "/x", headers: json }],
  ["a range", { path: "/x", headers: { range: "bytes=0-5" } }],
];

describe.each(Object.entries(signers))("%s signs what is accepted", (_name, send) => {
  it.each(reported)("%s", async (_what, sent) => {
    const { status, text } = await send(sent);
    expect([status, text]).toMatchObject([200, expect.stringContaining(userArn)]);
    if (sent.body !== undefined) expect(JSON.parse(text)).toMatchObject({ body: sent.body });
  });
});

it("a request that was changed on the way is rejected", async () => {
  const { headers = {} } = aws4.sign({ host: host(), path: "/x?a=1", ...at }, key);
  const all = Object.entries(headers).map(([name, value]) => [name, String(value)]);
  const sent = Object.fromEntries(all) as Record<string, string>;
  expect((await raw({ path: "/x?a=1", headers: sent })).status).toBe(200);
  expect((await raw({ path: "/x?a=2", headers: sent })).status).toBe(401);
  const tight = { ...sent, Authorization: sent["Authorization"]?.replaceAll(", ", ",") ?? "" };
  expect((await raw({ path: "/x?a=1", headers: tight })).status).toBe(200); // as some signers write it
});
