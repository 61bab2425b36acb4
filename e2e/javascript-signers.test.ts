import { Sha256 } from "@aws-crypto/sha256-js";
import { HttpRequest } from "@smithy/protocol-http";
import { SignatureV4 } from "@smithy/signature-v4";
import { sign } from "aws4";
import { AwsClient } from "aws4fetch";
import { describe, expect, inject, it } from "vitest";
import { callersOf } from "./support/callers.ts";
import { whoamiOf } from "./support/whoami.ts";

const bookstore = inject("bookstore");
const { url, region, service, credentials } = bookstore;
const callers = callersOf(bookstore);
const { host, hostname, port } = new URL(url);
const body = '{"title":"Émile"}'; // 18 bytes
const json = { "content-type": "application/json" };

describe("@smithy/signature-v4", () => {
  const signer = new SignatureV4({ service, region, credentials: credentials.guest, sha256: Sha256 });

  it.each([
    ["a GET with a query", "GET", "/whoami", undefined, 0],
    ["a POST", "POST", "/whoami/books/%C3%89mile%20%2F%201", body, 18],
    ["a DELETE with a body", "DELETE", "/whoami", body, 18],
  ])("signs %s", async (_name, method, path, sent, bytes) => {
    const request = new HttpRequest({
      method,
      hostname,
      port: Number(port),
      path,
      query: { title: "a b+c/d~e'(f)*", page: "2" },
      headers: { host, ...json },
      body: sent,
    });
    const { headers } = await signer.sign(request);
    const query = "page=2&title=a%20b%2Bc%2Fd~e%27%28f%29%2A";
    const response = await fetch(`${url}${path}?${query}`, {
      method,
      headers,
      ...(sent !== undefined && { body: sent }),
    });
    expect(await whoamiOf(response)).toMatchObject({ ...callers.guest, bytes });
  });

  it("signs for appsync too", async () => {
    const appsync = new SignatureV4({
      service: "appsync",
      region,
      credentials: credentials.machine,
      sha256: Sha256,
    });
    const { headers } = await appsync.sign(
      new HttpRequest({ method: "POST", hostname, path: "/whoami", headers: { host, ...json }, body }),
    );
    const response = await fetch(`${url}/whoami`, { method: "POST", headers, body });
    expect(await whoamiOf(response)).toMatchObject({ ...callers.machine, bytes: 18 });
  });

  it("is refused for a service that the server does not stand for", async () => {
    const s3 = new SignatureV4({ service: "s3", region, credentials: credentials.machine, sha256: Sha256 });
    const { headers } = await s3.sign(
      new HttpRequest({ method: "GET", hostname, path: "/whoami", headers: { host } }),
    );
    expect((await fetch(`${url}/whoami`, { headers })).status).toBe(401);
  });
});

describe("aws4", () => {
  it.each([
    ["GET", "/whoami?b=2&a=1&a=0", undefined, 0],
    ["POST", "/whoami/books/a%20b?q=it's%20here", body, 18],
  ])("signs a %s", async (method, path, sent, bytes) => {
    const request = sign(
      { host, service, region, method, path, headers: json, ...(sent !== undefined && { body: sent }) },
      credentials.guest,
    );
    const headers = Object.entries(request.headers ?? {}).map(([name, value]): [string, string] => [
      name,
      String(value),
    ]);
    const response = await fetch(`${url}${request.path ?? ""}`, {
      method,
      headers,
      ...(sent !== undefined && { body: sent }),
    });
    expect(await whoamiOf(response)).toMatchObject({ ...callers.guest, bytes });
  });
});

describe("aws4fetch", () => {
  const client = new AwsClient({ ...credentials.alice.aws, service, region, retries: 0 });

  it("asks with a query", async () => {
    const response = await client.fetch(`${url}/whoami?title=a+b&author=J%C3%B6rg&c`);
    expect(await whoamiOf(response)).toMatchObject({ ...callers.aliceSigning, bytes: 0 });
  });

  it("sends a body, whose type it does not sign", async () => {
    const response = await client.fetch(`${url}/whoami/a%20b`, { method: "PUT", body, headers: json });
    expect(await whoamiOf(response)).toMatchObject({ ...callers.aliceSigning, bytes: 18 });
  });
});
