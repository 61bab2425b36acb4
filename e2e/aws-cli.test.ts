import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import type { AccessKeyPair } from "./support/app.ts";
import { callersOf } from "./support/callers.ts";
import { type Finished, run } from "./support/process.ts";
import { isMissing } from "./support/programs.ts";
import { parseWhoami } from "./support/whoami.ts";

const bookstore = inject("bookstore");
const { url, region, credentials } = bookstore;
const callers = callersOf(bookstore);

describe.skipIf(isMissing("aws"))("the AWS CLI", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "aws-cli-"));
    await writeFile(join(folder, "message"), "Grüße");
  });
  afterAll(() => rm(folder, { recursive: true }));

  /** It signs this command for `execute-api`, and sends it below the endpoint's path. */
  function postToConnection(keys: AccessKeyPair & { readonly sessionToken?: string }): Promise<Finished> {
    const command = "apigatewaymanagementapi post-to-connection --connection-id L0SM9cOFvHcCIhw= --debug";
    const data = `fileb://${join(folder, "message")}`;
    return run("aws", [...command.split(" "), "--data", data, "--endpoint-url", `${url}/whoami`], {
      env: {
        HOME: folder, // not the configuration of the person who runs the tests
        AWS_ACCESS_KEY_ID: keys.accessKeyId,
        AWS_SECRET_ACCESS_KEY: keys.secretAccessKey,
        AWS_SESSION_TOKEN: keys.sessionToken ?? "",
        AWS_DEFAULT_REGION: region,
        AWS_EC2_METADATA_DISABLED: "true",
        AWS_MAX_ATTEMPTS: "1",
      },
    });
  }

  /** The command has no output of its own: what the server answered stands in its log. */
  function answerOf({ code, stderr }: Finished): unknown {
    const body = /Response body:\n(?:b')?(\{.*\})/.exec(stderr)?.[1];
    if (code !== 0 || body === undefined) throw new Error(stderr.slice(-4000));
    return parseWhoami(body);
  }

  it("posts with an access key", async () => {
    const finished = await postToConnection(credentials.machine);
    expect(answerOf(finished)).toMatchObject({ ...callers.machine, bytes: 7 });
  });

  it("posts with temporary credentials", async () => {
    const finished = await postToConnection(credentials.alice.aws);
    expect(answerOf(finished)).toMatchObject({ ...callers.aliceSigning, bytes: 7 });
  });

  it("is refused with another secret", async () => {
    const { secretAccessKey } = credentials.guest;
    const { code, stderr } = await postToConnection({ ...credentials.machine, secretAccessKey });
    expect(code).not.toBe(0);
    expect(stderr).toContain("401");
  });
});
