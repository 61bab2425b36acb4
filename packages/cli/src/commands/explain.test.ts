import { apiKey, createAuth, hashApiKey, iam, logLine, none } from "@authmodes/core";
import { outbound, presign } from "@authmodes/core/outbound";
import { createPolicy } from "@authmodes/rules";
import { parseSchema } from "@authmodes/rules/sdl";
import { createTestKit } from "@authmodes/testing";
import { describe, expect, it } from "vitest";
import { cli, folderWith, type Ran, type Surroundings, unwrapped } from "../test/cli.ts";

const schema = `
  type Order @model @auth(rules: [{ allow: owner }, { allow: groups, groups: ["Librarians"], operations: [read] }]) {
    note: String
    owner: String
  }`;
const credentials = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "a-secret-that-is-hidden" };
const signed = createAuth([
  iam({
    region: "us-east-1",
    credentials: (id) =>
      id === "AKIDEXAMPLE" ? { ...credentials, accountId: "1", userArn: "arn:aws:iam::1:user/m" } : undefined,
  }),
  none(),
]);

function explain(
  stdin: string,
  auth?: unknown,
  args: readonly string[] = [],
  more: Surroundings = {},
): Promise<Ran> {
  const withAuth = auth === undefined ? [] : ["--auth", "auth.ts"];
  return cli(["explain", ...withAuth, ...args, "-"], {
    stdin,
    cwd: "/",
    load: async () => ({ auth }),
    ...more,
  });
}

async function signedLine(url: string, body: string): Promise<string> {
  const headers = new Headers({ "content-type": "application/json" });
  const request = {
    method: "POST",
    url: new URL(url),
    headers,
    body: new TextEncoder().encode(body),
    refused: undefined,
  };
  const all = {
    ...Object.fromEntries(headers),
    ...(await outbound.iam({ region: "us-east-1", credentials })(request)),
  };
  const words = Object.entries(all).map(([name, value]) => `-H '${name}: ${value}'`);
  return `$ curl -s -XPOST \\\n  ${words.join(" \\\n  ")} \\\n  --data-raw $'${body}' "${url}"`;
}

describe("authmodes explain", () => {
  it("reads a curl line, and the canonical request and string to sign of its signature", async () => {
    const { code, out } = await explain(await signedLine("http://h:1/a?b=c%20d", '{"x":1}'), signed);
    expect(code).toBe(0);
    expect(out).toContain("accepted by iam: the credentials are valid");
    expect(out).toContain("  id    arn:aws:iam::1:user/m\n");
    expect(out).toContain(
      "Canonical request\n    POST\n    /a\n    b=c%20d\n    content-type:application/json\n    host:h:1\n",
    );
    expect(out).toMatch(/String to sign\n {4}AWS4-HMAC-SHA256\n {4}\d{8}T\d{6}Z\n/);
    expect(out).not.toMatch(/Signature=[0-9a-f]/);
  });

  it("compares them line by line with the client's", async () => {
    const line = await signedLine("http://h:1/a", "{}");
    const { out } = await explain(line, signed, ["--json"]);
    const { signature } = JSON.parse(out) as { signature: Record<string, readonly { server: string }[]> };
    const ours = signature["canonicalRequest"]?.map(({ server }) => server) ?? [];
    const theirs = ours.map((text) => text.replace("host:h:1", "host:proxy").replace(/^\/a$/, "/a/"));
    const cwd = await folderWith({ "client.txt": [...theirs, "more"].join("\n") });
    const compared = await explain(line, signed, ["--canonical-request", "client.txt"], { cwd });
    expect(compared.out).toContain("  server /a\n  client /a/\n");
    expect(compared.out).toContain("  server host:h:1\n  client host:proxy\n");
    expect(compared.out).toContain("  client more\n");
    expect(compared.out.match(/^ {2}client/gm)).toHaveLength(3);
  });

  it("shows no secret that is signed along", async () => {
    const secret = "c3NhbXBsZS1zZXNzaW9u";
    const line = (await signedLine("http://h/a", "{}"))
      .replaceAll("content-type;", "content-type;cookie;")
      .replace("-H 'x-amz-date", `-H 'Cookie: id=${secret}' -H 'x-api-key: ${secret}' -H 'x-amz-date`);
    const { out } = await explain(line, signed);
    expect(out).toMatch(/cookie:\(hidden: \d+ characters, sha256 [0-9a-f]{8}…\)/);
    expect(out).not.toContain(secret);
  });

  it("reads a presigned URL", async () => {
    const url = await presign({ url: "https://h/a", region: "us-east-1", credentials, expiresInSeconds: 60 });
    const { code, out } = await explain(url.href, signed);
    expect(code).toBe(0);
    expect(out).toContain("iam   credentials in query: verified");
    expect(out).toContain("good for    60 s");
    expect(out).not.toContain(url.searchParams.get("X-Amz-Signature") ?? "");
  });

  it("says what rule decides, and what the record has to do with it", async () => {
    const kit = await createTestKit();
    const issuer = "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_Bookstore";
    const policy = createPolicy(parseSchema(schema), { issuers: { userPools: issuer } });
    const auth = kit.auth({ policy });
    const token = await kit.userPool.token({ username: "alice" });
    const owner = `${kit.userPool.sub("alice")}::alice`;
    const cwd = await folderWith({
      "mine.json": JSON.stringify({ owner }),
      "theirs.json": '{"owner":"1::bob"}',
    });
    const ask = (...args: readonly string[]) =>
      explain(token, auth, ["--model", "Order", "--operation", ...args], { cwd });

    const mine = await ask("update", "--record", "mine.json");
    expect(mine).toMatchObject({ code: 0 });
    expect(mine.out).toContain("The rules: update Order\n  allowed by Order:userPools:owner");
    const theirs = await ask("update", "--record", "theirs.json");
    expect(theirs).toMatchObject({ code: 1 });
    expect(theirs.out).toContain("  denied\n  Order owner: bob, not alice");
    const unknown = await ask("read");
    expect(unwrapped(unknown.out)).toContain("give the record: --record record.json");
  });

  it("asks the rules of a schema about a token that is not verified, and says so", async () => {
    const kit = await createTestKit();
    const cwd = await folderWith({ "schema.graphql": schema });
    const args = ["--schema", "schema.graphql", "--model", "Order", "--operation", "list"];
    const librarian = await kit.userPool.token({ groups: ["Librarians"] });
    const { code, out, err } = await explain(librarian, undefined, args, { cwd });
    expect(code).toBe(0);
    expect(out).toContain("no auth was given, so nothing is verified");
    expect(out).toContain("The rules: list Order, if the credentials were valid\n  allowed by");
    expect(err).toContain("--auth src/auth.ts");
    const nameless = await kit.userPool.token({ groups: ["Librarians"], claims: { username: 7 } });
    expect(await explain(nameless, undefined, args, { cwd })).toMatchObject({ code: 0 });
  });

  it("finds a rejection in a log, in lines and in JSON, whatever a logger puts around it", async () => {
    const auth = createAuth([
      apiKey({ keys: [{ id: "a", hash: await hashApiKey("good"), expiresAt: null }] }),
    ]);
    const events: Parameters<typeof logLine>[0][] = [];
    auth.onEvent((event) => events.push(event));
    await explain("GET /books?secret=1 HTTP/1.1\nHost: h\nx-api-key: wrong\n", auth);
    const [event] = events;
    if (event === undefined) return expect.unreachable();
    const logs = [
      `2026-01-01 other\n2026-01-01 [error] ${logLine(event)}\nmore`,
      `{"level":50}\n{"level":50,"msg":"refused","event":${JSON.stringify(event)}}`,
      // NestJS: in colors, with the time since the line before, and as JSON.
      `\u001b[33m[Nest] 7 - \u001b[39m 10:00   \u001b[33mWARN\u001b[39m [AuthModes] \u001b[33m${logLine(event)}\u001b[39m\u001b[33m +2ms\u001b[39m`,
      JSON.stringify({ level: "warn", pid: 7, message: logLine(event), context: "AuthModes" }),
    ];
    for (const log of logs) {
      const cwd = await folderWith({ "server.log": log });
      const { code, out } = await cli(["explain", event.id, "--log", "server.log"], { cwd });
      expect(code).toBe(1);
      expect(out).toContain("refused by apiKey: GET /books: no stored key has this hash\n");
      expect(out).toContain("  ✗ the key is known\n");
    }
    const piped = await cli(["explain", `urn:uuid:${event.id}`, "--log", "/dev/null"]);
    expect(piped).toMatchObject({ code: 2, out: "" });
    expect(piped.err).toContain(`/dev/null has no refusal ${event.id}`);
  });

  it("reads what editors make of a request", async () => {
    const { out } = await explain("\nPOST /a?x HTTP/1.1\r\nHost: h\r\nX-Other: 1\r\n\r\nbody\r\n", signed, [
      "--json",
    ]);
    expect(JSON.parse(out)).toMatchObject({ verdict: "accepted", mode: "none" });
  });

  it("puts variables of a curl line in, and runs nothing", async () => {
    const auth = createAuth([
      apiKey({ keys: [{ id: "a", hash: await hashApiKey("good"), expiresAt: null }] }),
    ]);
    const line = 'curl -H "x-api-key: $KEY" http://h/a';
    expect(await explain(line, auth, [], { env: { KEY: "good" } })).toMatchObject({ code: 0 });
    const unset = await explain(line, auth);
    expect(unset).toMatchObject({ code: 2, out: "" });
    expect(unset.err).toContain("the variable KEY is not set here");
    const command = await explain('curl -H "x-api-key: $(touch /tmp/x)" http://h/a', auth);
    expect(command.err).toContain("a shell would run a command in it");
  });

  it("reads grouped and attached options of curl, and all that it sends", async () => {
    const hash = await hashApiKey("good");
    const auth = createAuth([apiKey({ keys: [{ id: "a", hash, expiresAt: null, disabled: true }] })]);
    const line =
      "curl -sSXPUT -o/dev/null --max-time=3 -d a=1 -dx=y --data-urlencode 'q=a b' -Hx-api-key:good http://h/a";
    const { out } = await explain(line, auth);
    expect(out).toContain("refused by apiKey: the API key is disabled or revoked\n");
    expect(out).toContain("  ✗ the key is known\n  · the key has not expired (not reached)\n");
  });

  it("does not say again what was given as an argument", async () => {
    const token = "eyJhbGciOiJub25lIn0.eyJpc3MiOiJ4In0.c2ln";
    const { out, err } = await cli(["explain", token], { cwd: "/" });
    expect(err).toContain("note: others on this machine can read");
    expect(err).toContain("npx authmodes explain - --auth src/auth.ts");
    expect(out + err).not.toContain(token);
  });

  it.each([
    { what: "nothing", args: [], ask: {}, says: "npx authmodes explain token.txt" },
    { what: "a file that is not there", args: ["tokn.txt"], says: "There is no such file" },
    { what: "other text", stdin: "hello", args: ["-"], says: "neither a token nor a request" },
    {
      what: "a broken header",
      stdin: "GET / HTTP/1.1\nHost h\n",
      args: ["-"],
      says: "Line 2 of the request",
    },
    {
      what: "curl that signs",
      stdin: "curl --aws-sigv4 x http://h",
      args: ["-"],
      says: "Add -v to the line",
    },
    { what: "a form", stdin: "curl -F a=b http://h", args: ["-"], says: "What -F sends cannot be told" },
    { what: "an open quote", stdin: "curl -H 'a: b http://h", args: ["-"], says: "the quote at character 9" },
    { what: "curl without a URL", stdin: "curl -X POST", args: ["-"], says: "names no URL" },
    {
      what: "no operation",
      stdin: "GET / HTTP/1.1",
      args: ["-", "--model", "A"],
      says: "--model A --operation get",
    },
    {
      what: "no model",
      stdin: "GET / HTTP/1.1",
      args: ["-", "--operation", "get"],
      says: "--operation get --model Book",
    },
    {
      what: "no rules",
      stdin: "GET / HTTP/1.1",
      args: ["-", "--operation", "get", "--model", "A"],
      says: "--model A --schema schema.graphql",
    },
    {
      what: "no auth in the module",
      stdin: "GET / HTTP/1.1",
      args: ["-", "--auth", "x.ts"],
      says: "exports no auth",
    },
  ])("says with $what what would work", async ({ args, stdin, ask, says }) => {
    const around = { cwd: "/", load: async () => ({}), ...(stdin !== undefined && { stdin }) };
    const { code, out, err } = await cli(["explain", ...args], {
      ...around,
      ...(ask && { ask: ask as never }),
    });
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toContain(says);
  });
});
