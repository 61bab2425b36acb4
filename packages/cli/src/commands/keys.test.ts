import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { randomBytes } from "node:crypto";
import { apiKey, createAuth, type IdentityOf, nodeView } from "@authmodes/core";
import { fileStore, openAccessKeys, openKeys } from "@authmodes/keys";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { cli, folderWith } from "../test/cli.ts";

interface Created {
  readonly id: string;
  readonly key: string;
  readonly expiresAt: number;
}

/** Runs a command in a folder, and returns what `--json` prints. */
function runner(cwd: string, env: Readonly<Record<string, string>> = {}) {
  return async <T>(...args: readonly string[]): Promise<T> => {
    const { code, out, err } = await cli([...args, "--json"], { cwd, env });
    expect({ code, err }).toEqual({ code: 0, err: "" });
    return JSON.parse(out) as T;
  };
}

/** Serves the keys of the folder, and returns a function that calls it with a key. */
async function serve(cwd: string): Promise<(key: string) => Promise<number>> {
  const keys = await openKeys(fileStore(join(cwd, "authmodes-keys.jsonl")));
  const auth = createAuth([apiKey({ keys: keys.find })]);
  auth.onEvent(() => {});
  const server = createServer((request, response) => {
    auth.authenticate(nodeView(request)).then(
      ({ id }: IdentityOf<typeof auth>) => response.end(id),
      (error: { readonly status: number }) => response.writeHead(error.status).end(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(async () => {
    server.close();
    await keys.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return async (key) => (await fetch(url, { headers: { "x-api-key": key } })).status;
}

describe("keys", () => {
  it("live from an empty folder on: create, rotate, disable, enable, revoke", async () => {
    const cwd = await folderWith({});
    const run = runner(cwd);
    const call = await serve(cwd);
    const created = await run<Created>(
      "keys",
      "create",
      "--name",
      "shop",
      "--scopes",
      "a/read",
      "a/write",
      "--expires-in-days",
      "2",
    );
    expect(Object.keys(created)).toEqual(["id", "key", "expiresAt"]);
    expect(Math.abs(created.expiresAt - Date.now() / 1000 - 2 * 86_400)).toBeLessThan(10);
    expect(await call(created.key)).toBe(200);
    const rotated = await run<Created>("keys", "rotate", created.id, "--overlap-seconds", "60");
    expect([await call(created.key), await call(rotated.key)]).toEqual([200, 200]);
    expect(await run("keys", "show", created.id)).toMatchObject({
      name: "shop",
      scopes: ["a/read", "a/write"],
      state: "active",
    });
    const again = await run<Created>("keys", "rotate", created.id, "--overlap-seconds", "0");
    // The server hears of it within a second or so.
    await expect.poll(() => call(rotated.key), { timeout: 5000 }).toBe(401);
    expect(await call(again.key)).toBe(200);
    expect(await run("keys", "disable", created.id, "--reason", "holiday")).toMatchObject({
      state: "disabled",
    });
    await expect.poll(() => call(again.key), { timeout: 5000 }).toBe(401);
    expect(await run("keys", "enable", created.id)).toMatchObject({ state: "active" });
    await expect.poll(() => call(again.key), { timeout: 5000 }).toBe(200);
    expect(await run("keys", "revoke", created.id, "--reason", "leaked")).toMatchObject({
      state: "revoked",
      reason: "leaked",
    });
    expect(await cli(["keys", "enable", created.id], { cwd })).toEqual({
      code: 2,
      out: "",
      err: `The key '${created.id}' is revoked for good; create another\n`,
    });
    await expect.poll(() => call(again.key), { timeout: 5000 }).toBe(401);
    const { keys } = await run<{ readonly keys: readonly object[] }>("keys", "list");
    expect(keys).toMatchObject([{ id: created.id, state: "revoked", name: "shop" }]);
    const atRest = await readFile(join(cwd, "authmodes-keys.jsonl"), "utf8");
    for (const { key } of [created, rotated, again]) expect(atRest).not.toContain(key);
  });

  it("print for people: the key once, and a table that fits a terminal", async () => {
    const cwd = await folderWith({});
    const { out } = await cli(["keys", "create", "--name", `a${"b".repeat(30)}\u001B[2J`.slice(0, 31)], {
      cwd,
    });
    const [key = "", ...more] = out.match(/am_live_\w{49}/g) ?? [];
    expect(more).toEqual([]);
    expect(out).toMatch(
      /^The key [0-9a-f]{12}, shown this once\. It expires at \d{4}-\d\d-\d\d \d\d:\d\d UTC\.\n/,
    );
    const list = await cli(["keys", "list"], { cwd });
    expect(list.out).toContain("active");
    expect(list.out).not.toContain(key);
    for (const line of list.out.split("\n")) expect(line.length).toBeLessThanOrEqual(100);
    const id = /^[0-9a-f]{12}/m.exec(list.out)?.[0] ?? "";
    expect((await cli(["keys", "show", id], { cwd })).out).toContain("last used");
    const empty = await folderWith({});
    const { out: none } = await cli(["keys", "list"], { cwd: empty });
    expect(none).toBe(`The file ${join(empty, "authmodes-keys.jsonl")} has no keys.\n`);
  });

  it("print a name that is too long for the table below its row", async () => {
    const cwd = await folderWith({});
    const name = `partner ${"of a long name ".repeat(5)}.`;
    await cli(["keys", "create", "--name", name], { cwd });
    const { out } = await cli(["keys", "list"], { cwd });
    expect(out.split("\n").slice(1)).toEqual([
      expect.stringMatching(/^[0-9a-f]{12}  active  \S+ \S+  never$/),
      `  ${name.slice(0, 77)}`,
      `  ${name.slice(78)}`,
      "",
    ]);
  });

  it("show until when the value before a rotation is accepted, unless none is", async () => {
    const cwd = await folderWith({});
    const { id } = await runner(cwd)<Created>("keys", "create");
    const show = async () => (await cli(["keys", "show", id], { cwd })).out;
    expect(await show()).not.toContain("rotated");
    await cli(["keys", "rotate", id], { cwd });
    expect(await show()).toMatch(/^  rotated    the value before is accepted until \d{4}-/m);
    await cli(["keys", "revoke", id], { cwd });
    expect(await show()).not.toContain("rotated");
  });

  it("are imported with their plans, all or nothing", async () => {
    const value = "0123456789-0123456789-s3cret";
    const cwd = await folderWith({
      "keys.json": JSON.stringify({ items: [{ id: "k1", value, name: "old", enabled: true }] }),
      "plans.json": JSON.stringify({ items: [{ id: "p1" }] }),
      "plan2.json": "{}",
      "plan1.json": JSON.stringify({ items: [{ id: "k1" }] }),
      "bad.csv": `Name,Key\na,${value}\nb,short-s3cret\n`,
    });
    const call = await serve(cwd);
    const bad = await cli(["keys", "import", "bad.csv"], { cwd });
    expect(bad).toMatchObject({ code: 2, out: "" });
    expect(bad.err).toContain("The key in line 3 is not a text of 20 to 128");
    expect(bad.err).not.toContain("s3cret");
    expect((await cli(["keys", "import", "keys.json", "--usage-plans", "plan2.json"], { cwd })).err).toBe(
      "--usage-plans is not what the AWS CLI prints with --output json\n",
    );
    const args = [
      "keys",
      "import",
      "keys.json",
      "--usage-plans",
      "plans.json",
      "--usage-plan-keys",
      "p1=plan1.json",
    ];
    const { code, out, err } = await cli(args, { cwd });
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toBe(
      "id  state   name\nk1  active  old\nImported: 1. Delete keys.json: it holds the keys.\n",
    );
    expect(await call(value)).toBe(200);
    const again = await runner(cwd)(...args);
    expect(again).toEqual({ imported: [], existing: 1 });
    expect(
      (await runner(cwd)<{ keys: readonly { plans: readonly string[] }[] }>("keys", "list")).keys[0]?.plans,
    ).toEqual(["p1"]);
  });

  it("are in the store of --store, else of AUTHMODES_KEYS", async () => {
    const cwd = await folderWith({});
    await runner(cwd, { AUTHMODES_KEYS: "from-env.jsonl" })("keys", "create");
    await runner(cwd, { AUTHMODES_KEYS: "from-env.jsonl" })("keys", "create", "--store", "named.jsonl");
    for (const name of ["from-env.jsonl", "named.jsonl"]) {
      expect((await readFile(join(cwd, name), "utf8")).split("\n")).toHaveLength(3);
    }
  });

  it.each([
    [["create", "--expires-in-days", "0"], "whole days from 1 to 365"],
    [["create", "--expires-in-days", "never"], "whole days from 1 to 365"],
    [["create", "--scopes", "a,b"], "Separate scopes by spaces"],
    [["create", "--metadata", "a"], "Write name=value"],
    [["create", "--environment", "Prod"], "--environment is at most 16"],
    [["create", "--name", ""], "--name is one line"],
    [["rotate", "none"], "has no key 'none'"],
    [["rotate", "none", "--overlap-seconds", "1.5"], "whole seconds from 0"],
    [["show", "none"], "List them: npx authmodes keys list"],
    [["revoke", "none"], "has no key 'none'"],
    [["import", "none.csv"], "there is no such file"],
    [["list", "--store", "mysql://x"], "is no store; write the path of a file"],
    [["list", "--store", "broken.jsonl"], "is no store of keys, or is damaged"],
    [["list", "--store", "newer.jsonl"], "Update @authmodes/keys"],
    [["revoke", "s3cret/s3cret/s3cret/s3cret"], "has no key with this id"],
    [["show", "s3cret/s3cret/s3cret/s3cret"], "There is no key with this id"],
    [["import", "broken.json"], "The file with keys is not JSON"],
    [["list", "--store", ""], "Write the path of a file"],
    [["list", "--store", "."], "cannot be used: it is a folder"],
    [["list", "--store", "none/keys.jsonl"], "/none is missing"],
    [["list", "--store", "redis:/me:s3cret@x"], "Write the URL of a store as redis://…"],
    ...(["redis://:s3cret@", "postgres://me:s3cret@"] as const).map((url): [string[], string] => [
      ["list", "--store", `${url}127.0.0.1:1/0`],
      `The ${url.startsWith("redis") ? "Redis" : "PostgreSQL"} at 127.0.0.1:1 cannot be used: connect ECONNREFUSED ` +
        "127.0.0.1:1. Check that its server runs, and that the host, port, user and password are right.\n",
    ]),
    [["new"], "unknown command 'new'"],
  ])("say what is wrong: %j", async (args, message) => {
    const cwd = await folderWith({
      "broken.jsonl": "hello\n",
      "newer.jsonl": '{"authmodes":2}\n',
      "broken.json": '{"items":[s3cret',
    });
    const { code, out, err } = await cli(["keys", ...args], { cwd });
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toContain(message);
    expect(err).not.toMatch(/s3cret|^ {4}at /m);
  });
});

describe("access-keys", () => {
  const userArn = "arn:aws:iam::123456789012:user/ci";
  const env = { AUTHMODES_ENCRYPTION_KEY: randomBytes(32).toString("base64") };

  it("live from an empty folder on: create, disable, enable, revoke", async () => {
    const cwd = await folderWith({});
    const run = runner(cwd, env);
    const pair = await run<{ accessKeyId: string; secretAccessKey: string }>(
      "access-keys",
      "create",
      "--user-arn",
      userArn,
    );
    expect(Object.keys(pair)).toEqual(["accessKeyId", "secretAccessKey"]);
    const store = fileStore(join(cwd, "authmodes-keys.jsonl"));
    const opened = await openAccessKeys(store, { encryptionKey: env.AUTHMODES_ENCRYPTION_KEY });
    expect(await opened.find(pair.accessKeyId)).toMatchObject({
      secretAccessKey: pair.secretAccessKey,
      userArn,
    });
    await opened.close();
    const { accessKeyId } = pair;
    expect(await run("access-keys", "disable", accessKeyId)).toEqual({ accessKeyId, state: "disabled" });
    expect(await run("access-keys", "enable", accessKeyId)).toEqual({ accessKeyId, state: "active" });
    expect(await run("access-keys", "reencrypt")).toEqual({ reencrypted: 0 });
    expect(await run("access-keys", "revoke", accessKeyId, "--reason", "old")).toEqual({
      accessKeyId,
      state: "revoked",
    });
    expect(await run("access-keys", "disable", accessKeyId)).toEqual({ accessKeyId, state: "revoked" });
    expect(await cli(["access-keys", "enable", accessKeyId], { cwd, env })).toEqual({
      code: 2,
      out: "",
      err: `The access key '${accessKeyId}' is revoked for good; create another\n`,
    });
    expect(await run("access-keys", "list")).toMatchObject({
      accessKeys: [{ accessKeyId, reason: "old", userArn }],
    });
    const { out } = await cli(["access-keys", "list"], { cwd });
    expect(out).toContain(`${accessKeyId}  revoked`);
    for (const line of out.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
    const { err } = await cli(["access-keys", "create", "--user-arn", "ci"], { cwd, env });
    expect(err).toMatch(/^--user-arn names whom requests are from, such as /);
    for (let i = 0; i < 2; i++) await run("access-keys", "create", "--user-arn", userArn);
    const third = await cli(["access-keys", "create", "--user-arn", userArn], { cwd, env });
    expect(third.err).toMatch(new RegExp(`^${userArn} has 2 active access keys, `));
  });

  it("need the encryption key, and change nothing without it", async () => {
    const cwd = await folderWith({});
    const args = ["access-keys", "create", "--user-arn", userArn];
    const { code, err } = await cli(args, { cwd });
    expect(code).toBe(2);
    expect(err).toContain("AUTHMODES_ENCRYPTION_KEY is missing");
    await expect(readFile(join(cwd, "authmodes-keys.jsonl"))).rejects.toThrow("ENOENT");
    const { out } = await cli(args, { cwd, env });
    expect(out).toMatch(/export AWS_ACCESS_KEY_ID=AKIA\w{16}\n {2}export AWS_SECRET_ACCESS_KEY=\S{40}\n$/);
  });

  it("can be disabled and revoked without the encryption key, which may be lost", async () => {
    const cwd = await folderWith({});
    const { out } = await cli(["access-keys", "create", "--user-arn", userArn, "--json"], { cwd, env });
    const { accessKeyId } = JSON.parse(out);
    for (const [action, state] of [
      ["disable", "disabled"],
      ["revoke", "revoked"],
    ] as const) {
      const done = await cli(["access-keys", action, accessKeyId, "--reason", "lost"], { cwd });
      expect([done.code, done.out]).toEqual([0, `The access key ${accessKeyId} is ${state}.\n`]);
    }
    expect((await cli(["access-keys", "enable", accessKeyId], { cwd })).err).toContain(
      "ENCRYPTION_KEY is missing",
    );
  });
});
