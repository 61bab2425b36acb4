import { describe, expect, inject, it } from "vitest";
import type { AccessKeyPair } from "./support/app.ts";
import { callersOf } from "./support/callers.ts";
import { run } from "./support/process.ts";
import { isMissing } from "./support/programs.ts";

const bookstore = inject("bookstore");
const { url, region, service, credentials } = bookstore;
const callers = callersOf(bookstore);

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

async function curl(...args: readonly string[]): Promise<Answer> {
  const { stdout, stderr } = await run("curl", [
    "--silent",
    "--show-error",
    "--write-out",
    "\n%{http_code}",
    ...args,
  ]);
  const end = stdout.lastIndexOf("\n");
  if (end === -1) throw new Error(stderr);
  return { status: Number(stdout.slice(end)), body: JSON.parse(stdout.slice(0, end)) };
}

function signed(
  { accessKeyId, secretAccessKey }: AccessKeyPair,
  ...args: readonly string[]
): Promise<Answer> {
  const scope = `aws:amz:${region}:${service}`;
  return curl("--aws-sigv4", scope, "--user", `${accessKeyId}:${secretAccessKey}`, ...args);
}

describe.skipIf(isMissing("curl"))("curl --aws-sigv4", () => {
  it("asks with a query", async () => {
    const answer = await signed(credentials.machine, `${url}/whoami?a=1&b=two`);
    expect(answer).toMatchObject({ status: 200, body: { ...callers.machine, bytes: 0 } });
  });

  it("sends a body", async () => {
    const answer = await signed(credentials.machine, "--data", '{"title":"Emma"}', `${url}/whoami/books`);
    expect(answer).toMatchObject({ status: 200, body: { ...callers.machine, bytes: 16 } });
  });

  it("sends a session token", async () => {
    const { guest } = credentials;
    const token = `x-amz-security-token: ${guest.sessionToken}`;
    const answer = await signed(guest, "--header", token, "--data", "a=1", `${url}/whoami`);
    expect(answer).toMatchObject({ status: 200, body: { ...callers.guest, bytes: 3 } });
  });

  it("is refused without the session token of temporary credentials", async () => {
    const answer = await signed(credentials.guest, `${url}/whoami`);
    expect(answer).toMatchObject({ status: 401, body: { code: "credentials_refused" } });
  });

  it("is refused with another secret", async () => {
    const forged = { ...credentials.machine, secretAccessKey: credentials.guest.secretAccessKey };
    const answer = await signed(forged, `${url}/whoami`);
    expect(answer).toMatchObject({ status: 401, body: { code: "credentials_refused" } });
  });
});

describe.skipIf(isMissing("curl"))("curl with a header", () => {
  it.each([
    ["an API key", `x-api-key: ${credentials.apiKey}`, callers.apiKey],
    ["a token of the user pool", `authorization: Bearer ${credentials.alice.accessToken}`, callers.alice],
    ["a token of the OIDC issuer", `authorization: Bearer ${credentials.otto.accessToken}`, callers.otto],
    ["a token for the authorizer", `authorization: ${credentials.lambda.token}`, callers.lambda],
  ])("that holds %s", async (_name, header, caller) => {
    const answer = await curl("--header", header, "--data-binary", "12345", `${url}/whoami`);
    expect(answer).toMatchObject({ status: 200, body: { ...caller, bytes: 5 } });
  });
});
