import { Sha256 } from "@aws-crypto/sha256-js";
import { presign } from "@authmodes/core/outbound";
import { HttpRequest } from "@smithy/protocol-http";
import { SignatureV4 } from "@smithy/signature-v4";
import { AwsClient } from "aws4fetch";
import { sign } from "aws4";
import { describe, expect, inject, it } from "vitest";
import { callersOf } from "./support/callers.ts";
import { run } from "./support/process.ts";
import { isMissing } from "./support/programs.ts";
import { parseWhoami, whoamiOf } from "./support/whoami.ts";

const bookstore = inject("bookstore");
const { url, region, service, credentials } = bookstore;
const callers = callersOf(bookstore);
const { host, hostname, port } = new URL(url);

async function smithyUrl(expiresIn: number): Promise<string> {
  const signer = new SignatureV4({ service, region, credentials: credentials.guest, sha256: Sha256 });
  const { path, query } = await signer.presign(
    new HttpRequest({
      hostname,
      port: Number(port),
      path: "/whoami/a%20b",
      query: { title: "Emma & co", page: "1" },
      headers: { host },
    }),
    { expiresIn },
  );
  return `${url}${path}?${new URLSearchParams(query as Record<string, string>).toString()}`;
}

describe("a presigned URL", () => {
  it("of @smithy/signature-v4 is opened with fetch", async () => {
    expect(await whoamiOf(await fetch(await smithyUrl(60)))).toMatchObject({ ...callers.guest, bytes: 0 });
  });

  it("with another query is refused", async () => {
    const changed = (await smithyUrl(60)).replace("page=1", "page=2");
    expect((await fetch(changed)).status).toBe(401);
  });

  it("does not open for another method", async () => {
    const response = await fetch(await smithyUrl(60), { method: "DELETE" });
    expect(response.status).toBe(401);
  });

  it("that would last longer than the server lets one is refused", async () => {
    expect((await fetch(await smithyUrl(3600))).status).toBe(401);
  });

  it("of aws4, which names no end, is opened", async () => {
    const { path = "" } = sign(
      { host, service, region, path: "/whoami?a=1", signQuery: true },
      credentials.machine,
    );
    expect(await whoamiOf(await fetch(url + path))).toMatchObject({ ...callers.machine, bytes: 0 });
  });

  it("of aws4fetch, which names no end, is opened", async () => {
    const client = new AwsClient({ ...credentials.guest, service, region });
    const request = await client.sign(`${url}/whoami?a=1`, { aws: { signQuery: true } });
    expect(await whoamiOf(await fetch(request))).toMatchObject({ ...callers.guest, bytes: 0 });
  });

  it.skipIf(isMissing("curl"))("of ours is opened with curl", async () => {
    const signed = await presign({
      url: `${url}/whoami/caf%C3%A9?title=it's+(here)&b=2&a`,
      region,
      service,
      credentials: credentials.guest,
      expiresInSeconds: 60,
    });
    const { stdout } = await run("curl", ["--silent", "--show-error", signed.href]);
    expect(parseWhoami(stdout)).toMatchObject({ ...callers.guest, bytes: 0 });
  });
});
