import { existsSync, readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Auth } from "@authmodes/core";
import { describe, expect, it } from "vitest";
import { cli, folderWith, importIn } from "../test/cli.ts";

// Files as projects have them. The folder is outside the repository; without it, these tests are skipped, and import.test.ts
// has the same kinds in short.

const folder = fileURLToPath(new URL("../../../../../shared/cases/inputs/config", import.meta.url));
const isThere = existsSync(folder);
const input = (name: string) => readFileSync(join(folder, name), "utf8");

interface Result {
  readonly report: string;
  readonly code: string;
  readonly auth: Auth;
}

async function imported(name: string, text: string, args: readonly string[]): Promise<Result> {
  const cwd = await folderWith({ [name]: text });
  const { code, out, err } = await cli(["import", name, ...args], { cwd });
  expect({ code, err }).toEqual({ code: 0, err: "" });
  const { auth } = await importIn<{ readonly auth: Promise<Auth> }>(cwd, "auth.ts");
  return { report: out, code: await readFile(join(cwd, "auth.ts"), "utf8"), auth: await auth };
}

async function refusal(name: string, text: string, args: readonly string[]): Promise<string> {
  const cwd = await folderWith({ [name]: text });
  const { code, out, err } = await cli(["import", name, ...args], { cwd });
  expect({ code, out }).toEqual({ code: 2, out: "" });
  return err;
}

const pool = (region: string) => `https://cognito-idp.${region}.amazonaws.com/${region}_AbCdEfGhI`;
const idToken = 'write userPool: { tokenUse: "id" }';

describe.skipIf(!isThere)("authmodes import", () => {
  it.each<{
    file: string;
    args?: readonly string[];
    modes: readonly string[];
    issuer?: string;
    settings?: object;
    says?: readonly string[];
  }>([
    {
      file: "01-aws-exports-gen1.js",
      modes: ["iam"],
      says: ["no mode for SummaryAPI", "id token", "--also userPool --without iam"],
    },
    {
      file: "01-aws-exports-gen1.js",
      args: ["--also", "userPool", "--without", "iam"],
      modes: ["userPool"],
      issuer: pool("eu-central-1"),
      says: [idToken],
    },
    {
      file: "03-aws-exports-env.js",
      args: ["--region", "eu-west-1"],
      modes: ["iam"],
      says: ["--also userPool --without iam"],
    },
    { file: "04-amplify-configure-in-app.tsx", modes: ["userPool"], issuer: pool("us-east-1") },
    { file: "06-export-const-as-const.ts", modes: ["userPool"], issuer: pool("ap-southeast-2") },
    {
      file: "07-rest-v6-defaultAuthMode.js",
      modes: ["userPool"],
      issuer: pool("us-east-1"),
      says: [idToken],
    },
    {
      file: "08-v5-configure.js",
      args: ["--also", "userPool"],
      modes: ["userPool"],
      issuer: pool("us-west-2"),
      says: [idToken],
    },
    {
      file: "08-v5-configure.js",
      args: ["--also", "iam", "--region", "us-west-2"],
      modes: ["iam"],
      settings: { guests: "refused" },
      says: ["Guests of the identity pool are rejected, as the file says"],
    },
    {
      file: "09-native-two-apis.json",
      args: ["--api", "PlansApi"],
      modes: ["userPool"],
      issuer: pool("eu-west-2"),
    },
    {
      file: "10-amplifyconfiguration.dart",
      args: ["--api", "ShopGraphQLApi"],
      modes: ["userPool"],
      issuer: pool("eu-west-2"),
    },
    { file: "12-native-flat-plugin.dart", modes: ["userPool"], issuer: pool("ap-southeast-2") },
    {
      file: "14-outputs-gen2.json",
      modes: ["userPool", "apiKey", "iam"],
      issuer: pool("us-east-1"),
    },
    { file: "15-amplify_outputs.dart", modes: ["userPool", "apiKey", "iam"], issuer: pool("us-east-1") },
    {
      file: "16-outputs-auth-only.json",
      args: ["--also", "userPool"],
      modes: ["userPool"],
      issuer: pool("us-east-1"),
      says: [idToken],
    },
    {
      file: "19-gen2-resource-clerk.ts",
      modes: ["oidc"],
      issuer: "https://sweeping-wildcat-6.clerk.accounts.dev",
      settings: { maxAuthAgeSeconds: "86400", maxTokenAgeSeconds: "300", clientId: "appsync" },
    },
    {
      file: "21-cdk-l2-graphqlapi.ts",
      args: ["--authorizer", "https://auth.example.com/", "--user-pool-id", "us-east-1_AbCdEfGhI"],
      modes: ["lambda", "userPool", "oidc"],
      issuer: pool("us-east-1"),
      settings: { maxTokenAgeSeconds: "3600", clientId: "web or ios", ttlSeconds: "3600" },
    },
    {
      file: "27-outputs-flutter-rest_api.json",
      modes: ["userPool"],
      issuer: pool("us-west-2"),
      says: [idToken],
    },
    {
      file: "30-gen2-old-modes-in-comment.ts",
      args: ["--user-pool-id", "us-east-1_AbCdEfGhI", "--client-id", "web"],
      modes: ["userPool"],
    },
  ])("reads $file $args", async ({ file, args = [], modes, issuer, settings = {}, says = [] }) => {
    const { report, auth } = await imported(file, input(file), args);
    expect(auth.modes.toSorted()).toEqual(modes.toSorted());
    const described = auth.describe();
    const issuers = described.flatMap((mode) => mode.issuers);
    if (issuer !== undefined) expect(issuers.map((one) => one.issuer)).toContain(issuer);
    const all = [...described, ...issuers].flatMap((one) => Object.entries(one.settings));
    for (const setting of Object.entries(settings)) expect(all).toContainEqual(setting);
    for (const text of says) expect(report).toContain(text);
  });

  it.each<[file: string, args: readonly string[], ...says: string[]]>([
    ["03-aws-exports-env.js", [], "is code on line 9", "--region us-east-1"],
    [
      "03-aws-exports-env.js",
      ["--also", "userPool", "--without", "iam"],
      "aws_user_pools_id is code",
      "--user-pool-id",
    ],
    ["08-v5-configure.js", [], "API.endpoints[0].custom_header", "--also userPool"],
    ["09-native-two-apis.json", [], "PlansApi, ShopGraphQLApi", "--api PlansApi"],
    ["10-amplifyconfiguration.dart", [], "PlansApi, ShopGraphQLApi", "--api PlansApi"],
    ["16-outputs-auth-only.json", [], "no API, only a user pool", "--also userPool"],
    [
      "21-cdk-l2-graphqlapi.ts",
      [],
      "userPoolId is code on line 8, column 83",
      "takes tokens for a Lambda authorizer",
      "--user-pool-id us-east-1_AbCdEfGhI --authorizer ./authorizer.ts\n",
    ],
    ["21-cdk-l2-graphqlapi.ts", ["--user-pool-id", "us-east-1_AbCdEfGhI"], "--authorizer ./authorizer.ts\n"],
    ["28-custom-roles-gen1.json", [], "--custom-roles 28-custom-roles-gen1.json"],
    ["29-custom-roles-env.json", [], "--custom-roles 29-custom-roles-env.json"],
    ["30-gen2-old-modes-in-comment.ts", [], "--user-pool-id"],
  ])("asks about %s %j", async (file, args, ...says) => {
    const err = await refusal(file, input(file), args);
    for (const text of says) expect(err).toContain(text);
  });

  it.each([
    ["28-custom-roles-gen1.json", ["--app-id", "d1a2b3"], '["amplify-d1a2b3", "CypressTestRole"]', ""],
    [
      "29-custom-roles-env.json",
      ["--env", "dev"],
      '["myproject-dev-role", "arn:aws:sts::111122223333:assumed-role/admin-dev/session", "AROAEXAMPLE:*"]',
      "The role AROAEXAMPLE:* matches no caller",
    ],
  ])("reads %s", async (file, flags, roles, note) => {
    const api = { awsAPIPlugin: { endpointType: "REST", region: "us-east-1", authorizationType: "AWS_IAM" } };
    const cwd = await folderWith({ "api.json": JSON.stringify(api), [file]: input(file) });
    const args = ["import", "api.json", "--custom-roles", file];
    const asked = await cli(args, { cwd });
    expect(asked).toMatchObject({
      code: 2,
      err: expect.stringContaining(flags.join(" ").split(" ")[0] ?? ""),
    });
    const { code, out } = await cli([...args, ...flags], { cwd });
    expect(code).toBe(0);
    expect(out).toContain(note);
    expect(await readFile(join(cwd, "auth.ts"), "utf8")).toContain(`adminRoles = ${roles};`);
  });
});

describe.skipIf(!isThere)("ways to write aws-exports", () => {
  const script = isThere ? input("33-exports-variants.sh") : "";
  const data = /^B='(.*)'$/m.exec(script)?.[1] ?? "";
  const variants = [...script.matchAll(/^t (\w+) "((?:[^"\\]|\\.)*)" "([^"]*)"/gm)].map(
    ([, extension = "", text = "", what = ""]) => ({
      what,
      name: `f.${extension}`,
      text: text.replaceAll('\\"', '"').replaceAll("$B", data),
    }),
  );
  const readable = variants.filter(({ what }) => what !== "JSON.parse");

  it("are all tried", () => {
    expect({ variants: variants.length, readable: readable.length }).toEqual({ variants: 16, readable: 15 });
  });

  it.each(readable)("read: $what", async ({ name, text }) => {
    const { auth } = await imported(name, text, []);
    expect(auth.modes).toEqual(["userPool"]);
    expect(auth.describe()[0]?.issuers[0]?.issuer).toBe(pool("us-east-1"));
  });

  it("are rejected with the place and what would be read: JSON.parse", async () => {
    const { name = "", text = "" } = variants.find(({ what }) => what === "JSON.parse") ?? {};
    const err = await refusal(name, text, []);
    expect(err).toMatch(/line 1, column \d+: no object is written out here/);
    expect(err).toContain("export default { … }");
  });
});
