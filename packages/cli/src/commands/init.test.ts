import type { FastifyInstance } from "fastify";
import { policyOf } from "@authmodes/core/inspect";
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, request } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { join } from "node:path";
import { text as readText } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Auth } from "@authmodes/core";
import { createPolicy } from "@authmodes/rules";
import { parseSchema } from "@authmodes/rules/sdl";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { onFreePort } from "../../../../scripts/free-port.ts";
import { cli, folderWith, importIn } from "../test/cli.ts";

const packages = fileURLToPath(new URL("../../../../node_modules", import.meta.url));
const pool = ["--user-pool-id", "us-east-1_AbCdEfGhI", "--client-id", "abc"];
const issuer = ["--oidc-issuer", "https://id.example.com", "--oidc-client-id", "web"];

const shuttingDown = fileURLToPath(new URL("../../../../docs/guides/shutting-down.md", import.meta.url));

/** Apps that answer with the number of bytes in a body. */
const plainApps: Readonly<Record<string, string>> = {
  express: `import express from "express";
export const app = express();
app.use(express.text({ type: () => true }), (request, response) => response.end(String(request.body?.length)));`,
  koa: `import { text } from "node:stream/consumers";
import Koa from "koa";
export const app = new Koa().use(async (ctx) => (ctx.body = String((await text(ctx.req)).length)));`,
  fastify: `import Fastify from "fastify";
export const app = Fastify();`,
};

/** Starts `server.js` of a folder, and waits until it says that it listens. */
async function startServer(cwd: string, port: number): Promise<{ child: ChildProcess; port: number }> {
  const child = spawn(process.execPath, ["server.js"], {
    cwd,
    env: { ...process.env, PORT: String(port) },
    stdio: ["ignore", "pipe", "pipe"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const failed = readText(child.stderr).then((errors) => Promise.reject(new Error(errors)));
  await Promise.race([once(child.stdout, "data"), failed]);
  return { child, port };
}

async function isRefused(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  const refused = await once(socket, "connect").then(
    () => false,
    () => true,
  );
  socket.destroy();
  return refused;
}

async function initialised(...args: readonly string[]): Promise<{ cwd: string; out: string }> {
  const cwd = await folderWith({});
  const { code, out, err } = await cli(["init", "--yes", ...args], { cwd });
  expect({ code, err }).toEqual({ code: 0, err: "" });
  return { cwd, out };
}

async function authIn(cwd: string): Promise<Auth> {
  return (await importIn<{ readonly auth: Auth }>(cwd, "auth.ts")).auth;
}

describe("authmodes init", () => {
  it.each([
    { args: [], modes: ["apiKey", "iam"] },
    { args: ["--modes", "userPool", ...pool], modes: ["userPool"] },
    { args: ["--modes", "oidc", "none", ...issuer, "--max-token-age", "300"], modes: ["oidc", "none"] },
    { args: ["--modes", "lambda", "apiKey"], modes: ["lambda", "apiKey"] },
  ])("writes an auth that starts ($args)", async ({ args, modes }) => {
    const { cwd } = await initialised(...args);
    const auth = await authIn(cwd);
    expect(auth.modes).toEqual(modes);
    expect(policyOf(auth)?.fields("Note")).toContain("text");
  });

  it.each([
    { framework: "express", files: ["app.ts", "server.ts"] },
    { framework: "fastify", files: ["app.ts", "server.ts"] },
    { framework: "koa", files: ["app.ts", "server.ts"] },
    { framework: "nestjs", files: ["src/auth.ts", "src/whoami.controller.ts"] },
    { framework: "next", files: ["lib/auth.ts", "app/whoami/route.ts"] },
  ])("writes for $framework, which it finds in package.json", async ({ framework, files }) => {
    const name = framework === "nestjs" ? "@nestjs/core" : framework;
    const cwd = await folderWith({ "package.json": JSON.stringify({ dependencies: { [name]: "1" } }) });
    const { code, out } = await cli(["init", "--yes", "--json"], { cwd });
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ framework, files: expect.arrayContaining(files) });
    const auth = await readFile(
      join(cwd, files.find((path) => path.endsWith("auth.ts")) ?? "auth.ts"),
      "utf8",
    );
    expect(auth).toContain(`from "@authmodes/${framework}"`);
  });

  it.each(["express", "koa"])(
    "writes for %s a server that answers the requests in flight on SIGTERM, and exits with 0",
    async (framework) => {
      const cwd = await folderWith({
        "package.json": `{ "dependencies": { "${framework}": "1" }, "type": "module" }`,
      });
      await cli(["init", "--yes", "--modes", "none", "--javascript"], { cwd });
      const text = await readFile(join(cwd, "server.js"), "utf8");
      expect(await readFile(shuttingDown, "utf8")).toContain(text.slice(text.indexOf("const server")));
      // Without the packages of this repository, which would have to be built.
      await writeFile(join(cwd, "app.js"), plainApps[framework] ?? "");
      await symlink(packages, join(cwd, "node_modules"));
      const { child, port } = await onFreePort((free) => startServer(cwd, free));
      const exited = once(child, "exit");
      const upload = request({
        port,
        method: "POST",
        agent: false,
        headers: { "content-length": "4", expect: "100-continue" },
      });
      upload.flushHeaders();
      await once(upload, "continue");
      child.kill("SIGTERM");
      await vi.waitUntil(() => isRefused(port), { timeout: 15_000 });
      upload.end("body");
      const [response] = (await once(upload, "response")) as [IncomingMessage];
      expect(await readText(response)).toBe("4");
      expect(await exited).toEqual([0, null]);
    },
  );

  it.each(Object.keys(plainApps))(
    "writes for %s a server that says what to do if its port is taken, and exits with 1",
    async (framework) => {
      const cwd = await folderWith({ "package.json": '{ "type": "module" }' });
      await cli(["init", "--yes", "--modes", "none", "--javascript", "--framework", framework], { cwd });
      await writeFile(join(cwd, "app.js"), plainApps[framework] ?? "");
      await symlink(packages, join(cwd, "node_modules"));
      const taken = createServer().listen(0, "127.0.0.1");
      onTestFinished(() => void taken.close());
      await once(taken, "listening");
      const PORT = String((taken.address() as AddressInfo).port);
      const child = spawn(process.execPath, ["server.js"], { cwd, env: { ...process.env, PORT } });
      const exited = once(child, "exit");
      const [out, err] = await Promise.all([readText(child.stdout), readText(child.stderr)]);
      expect({ out, exit: await exited }).toEqual({ out: "", exit: [1, null] });
      expect(err).toMatch(
        /^listen EADDRINUSE: .*\. For another port, write PORT=4001 before the command\.\n$/,
      );
    },
  );

  it("writes an app for Fastify that knows its callers", async () => {
    const { cwd } = await initialised("--framework", "fastify", "--modes", "none", "apiKey");
    const { app } = await importIn<{ readonly app: FastifyInstance }>(cwd, "app.ts");
    onTestFinished(() => app.close());
    expect((await app.inject("/whoami")).json()).toEqual({ mode: "none", id: null });
    const unknown = await app.inject({ url: "/whoami", headers: { "x-api-key": "unknown" } });
    expect([unknown.statusCode, unknown.json()]).toMatchObject([401, { code: "credentials_refused" }]);
  });

  it("serves what it writes in schema.graphql: who has access", async () => {
    const args = ["--modes", "apiKey", "userPool", ...pool, "--model", "Book"];
    const access = ["--access", "owner", "public:get+list", "group:Librarians:create+update"];
    const { cwd } = await initialised(...args, ...access);
    expect(await readFile(join(cwd, "schema.graphql"), "utf8"))
      .toBe(`# Written by authmodes. With --force it is written again.
# public-api-key: callers with a key can do this, until the key expires.
type Book @model @auth(
  rules: [
    { allow: owner, provider: userPools }
    { allow: public, provider: apiKey, operations: [get, list] }
    { allow: groups, groups: ["Librarians"], operations: [create, update] }
  ]
) {
  id: ID!
  text: String
  "Filled in by the server. Owners cannot update it, so they cannot give a record to another user."
  owner: String @index @auth(
    rules: [
      { allow: owner, provider: userPools, operations: [create, read, delete] }
      { allow: public, provider: apiKey, operations: [read] }
      { allow: groups, groups: ["Librarians"], operations: [create, update] }
    ]
  )
}
`);
    const { code } = await cli(["matrix", join(cwd, "schema.graphql")]);
    expect(code).toBe(0);
  });

  it.each([
    { modes: ["apiKey"], access: ["public"] },
    { modes: ["userPool", ...pool], access: ["owner", "private:read"] },
    {
      modes: ["userPool", "oidc", ...pool, ...issuer],
      access: ["owner:create+update+get+delete", "private:list"],
    },
    { modes: ["oidc", "lambda", ...issuer], access: ["owner:read+delete", "custom"] },
    { modes: ["userPool", "apiKey", ...pool], access: [] },
  ])(
    "writes rules without a warning that it does not explain ($modes, $access)",
    async ({ modes, access }) => {
      const who = access.length === 0 ? [] : ["--access", ...access];
      const { cwd } = await initialised("--modes", ...modes, ...who);
      const schema = await readFile(join(cwd, "schema.graphql"), "utf8");
      const { warnings } = createPolicy(parseSchema(schema));
      expect(warnings.map(({ code }) => code).filter((code) => !schema.includes(`# ${code}: `))).toEqual([]);
    },
  );

  it("puts the first credentials into files for their owner alone, and shows none", async () => {
    const { cwd, out } = await initialised("--modes", "apiKey", "iam", "lambda");
    const caller = await readFile(join(cwd, "caller.env"), "utf8");
    const secrets = [...caller.matchAll(/(?:KEY|TOKEN)=(\S+)/g)].map(([, value]) => value);
    expect(secrets).toHaveLength(3);
    for (const secret of secrets) expect(out).not.toContain(secret);
    const server = await readFile(join(cwd, ".env"), "utf8");
    expect(server).not.toContain("amk_");
    for (const path of [".env", "caller.env"]) expect((await stat(join(cwd, path))).mode & 0o077).toBe(0);
    expect(await readFile(join(cwd, ".gitignore"), "utf8")).toContain("\n.env\ncaller.env\n");
  });

  it("writes values that a shell reads back", async () => {
    const region = "eu-west-1; $(echo ran) 'x'";
    const { cwd } = await initialised("--modes", "iam", "--region", region);
    const script = `. ./caller.env; printf %s "$AWS_REGION"`;
    const { stdout } = await promisify(execFile)("sh", ["-c", script], { cwd });
    expect(stdout).toBe(region);
  });

  it("asks what Amplify's command line asks", async () => {
    const cwd = await folderWith({});
    const asked: string[] = [];
    const answers: Readonly<Record<string, unknown>> = {
      "Choose the authorization modes of the API": ["apiKey", "userPool", "oidc"],
      "User pool id:": "us-east-1_AbCdEfGhI",
      "App client id:": "abc",
      "OpenID Connect provider domain:": "https://id.example.com",
      "Client id:": "web",
      "Issued at TTL: how old a token may be, in seconds (empty for any):": "300",
      "Auth time TTL: how long ago the sign-in may be, in seconds (empty for any):": "",
      "After how many days the API key expires": "30",
      "Who should have access?": ["owner", "public:read"],
    };
    const answer = async ({ message }: { message: string }) => {
      asked.push(message);
      return answers[message];
    };
    const ask = { checkbox: answer, input: answer } as never;
    expect(await cli(["init"], { cwd, ask })).toMatchObject({ code: 0, err: "" });
    expect(asked).toEqual(Object.keys(answers));
    const [, userPool, oidc] = (await authIn(cwd)).describe();
    expect(userPool?.issuers[0]).toMatchObject({ issuer: expect.stringContaining("us-east-1_AbCdEfGhI") });
    expect(oidc?.issuers[0]?.settings).toMatchObject({ clientId: "web", maxTokenAgeSeconds: "300" });
  });

  it("replaces its own files only with --force, and writes all or none", async () => {
    const { cwd } = await initialised();
    await rm(join(cwd, "auth.ts"));
    const { code, err } = await cli(["init", "--yes"], { cwd });
    expect({ code, err }).toEqual({
      code: 2,
      err:
        "schema.graphql, app.ts, server.ts are there already; nothing was written. " +
        "To replace, write\n  npx authmodes init --yes --force\n",
    });
    await expect(stat(join(cwd, "auth.ts"))).rejects.toThrow("ENOENT");
    expect(await cli(["init", "--yes", "--force"], { cwd })).toMatchObject({ code: 0 });
  });

  it("replaces no file of the user's, even with --force, and says which to move", async () => {
    const files = { "auth.ts": "mine", "schema.graphql": "type Mine { id: ID }" };
    const cwd = await folderWith(files);
    expect(await cli(["init", "--yes", "--force"], { cwd })).toEqual({
      code: 2,
      out: "",
      err: `auth.ts, schema.graphql are there already; nothing was written. authmodes did not write that and does not replace it. Move it first:
  mv auth.ts auth.ts.old
  mv schema.graphql schema.graphql.old
  npx authmodes init --yes --force
`,
    });
    for (const [path, text] of Object.entries(files)) {
      expect(await readFile(join(cwd, path), "utf8")).toBe(text);
    }
    expect(await readdir(cwd)).toEqual(Object.keys(files));
  });

  it.each([
    {
      framework: "express",
      lines: ["app.use(authenticate(auth)); // before", "app.use(authErrorHandler());"],
    },
    { framework: "koa", lines: ["app.use(authenticate(auth)); // before"] },
    { framework: "fastify", lines: ["app.register(authModes, { auth });"] },
  ])("leaves an app on $framework alone, and prints what to add", async ({ framework, lines }) => {
    const files = {
      "app.ts": "mine",
      "package.json": JSON.stringify({ dependencies: { [framework]: "1" } }),
    };
    const cwd = await folderWith(files);
    const { code, out } = await cli(["init", "--yes", "--force"], { cwd });
    expect(code).toBe(0);
    expect(await readFile(join(cwd, "app.ts"), "utf8")).toBe("mine");
    expect(await readdir(cwd)).not.toContain("server.ts");
    expect(out).toContain("\nAdd to app.ts:\n  import { ");
    for (const line of ['import { auth } from "./auth.js";', ...lines]) expect(out).toContain(`  ${line}`);
    expect(out).toContain("\nStart it:\n  npx tsx --env-file=.env app.ts\n");
    expect(out).not.toContain("type=module");
  });

  it("keeps what .env, caller.env and .gitignore hold, and makes no key for a variable that is set", async () => {
    const cwd = await folderWith({
      ".env": "DATABASE=mine\nAPI_KEYS='[]'",
      "caller.env": "export AUTHMODES_URL=https://mine.example.com\n",
      ".gitignore": "/.env\ndist",
    });
    const { code, out } = await cli(["init", "--yes"], { cwd });
    expect(code).toBe(0);
    expect(await readFile(join(cwd, ".env"), "utf8")).toMatch(
      /^DATABASE=mine\nAPI_KEYS='\[\]'\n# For the server\. .*\nACCESS_KEYS='\{.*\n$/,
    );
    const caller = await readFile(join(cwd, "caller.env"), "utf8");
    expect(caller).toMatch(/^export AUTHMODES_URL=https:\/\/mine\.example\.com\n# For the caller\. /);
    expect(caller).toContain("\nexport AWS_ACCESS_KEY_ID=AKIA");
    expect(caller).not.toContain("AUTHMODES_API_KEY");
    expect(await readFile(join(cwd, ".gitignore"), "utf8")).toBe("/.env\ndist\ncaller.env\n");
    expect(out).not.toContain("the API key expires");
    const again = await cli(["init", "--yes", "--force"], { cwd });
    expect(again.code).toBe(0);
    expect(await readFile(join(cwd, "caller.env"), "utf8")).toBe(caller);
  });

  it("prints an installation of all that the files need, the expiry of the key, and the port", async () => {
    const cwd = await folderWith({});
    const { out } = await cli(["init", "--yes", "--modes", "apiKey"], { cwd });
    expect(out).toContain(`
Install:
  npm install @authmodes/express @authmodes/rules graphql@16 express
  npm install --save-dev authmodes @types/node @types/express tsx
`);
    const expiry = new Date(Date.now() + 30 * 86_400_000).toISOString().slice(0, 10);
    expect(out).toContain(`\nCall it; the API key expires on ${expiry}:\n`);
    const [stored] = JSON.parse(
      /^API_KEYS='(.*)'$/m.exec(await readFile(join(cwd, ".env"), "utf8"))?.[1] ?? "",
    ) as readonly [{ readonly expiresAt: number }];
    expect(new Date(stored.expiresAt * 1000).toISOString().slice(0, 10)).toBe(expiry);
  });

  it.each([
    {
      dependency: "next",
      folders: { "src/app/page.tsx": "" },
      path: "src/lib/auth.ts",
      start: "npx next dev -p 4000",
    },
    {
      dependency: "next",
      folders: { "app/page.tsx": "" },
      path: "lib/auth.ts",
      start: "npx next dev -p 4000",
    },
    {
      dependency: "@nestjs/core",
      folders: {},
      path: "src/auth.ts",
      start: "PORT=4000 npx nest start --env-file .env",
    },
  ])(
    "writes $path for $dependency, and starts it on the port of 'call'",
    async ({ dependency, folders, path, start }) => {
      const manifest = JSON.stringify({ dependencies: { [dependency]: "1" } });
      const cwd = await folderWith({ ...folders, "package.json": manifest });
      const { out } = await cli(["init", "--yes"], { cwd });
      expect(out).toContain(`  ${path}\n`);
      expect(out).toContain(`\nStart it:\n  ${start}\n`);
    },
  );

  it.each([
    { what: "no terminal", args: [], says: "  npx authmodes init --yes --modes apiKey iam\n" },
    {
      what: "no pool",
      args: ["--yes", "--modes", "userPool"],
      says: "  npx authmodes init --yes --modes userPool --user-pool-id us-east-1_AbCdEfGhI\n",
    },
    {
      what: "a pool that is none",
      args: ["--yes", "--modes", "userPool", "--user-pool-id", "x", "--client-id", "y"],
      says: "such as us-east-1_AbCdEfGhI",
    },
    { what: "no issuer", args: ["--yes", "--modes", "oidc"], says: "--oidc-issuer https://id.example.com" },
    {
      what: "access that is none",
      args: ["--yes", "--access", "everybody"],
      says: "write owner, private, public",
    },
    {
      what: "an option of a mode that is not served",
      args: ["--yes", "--modes", "apiKey", ...pool],
      says: "--user-pool-id is for the mode userPool; add that to --modes",
    },
    {
      what: "a group with a quote",
      args: ["--yes", "--access", 'group:a"] }'],
      says: "write owner, private",
    },
    {
      what: "access with a part more",
      args: ["--yes", "--access", "owner:read:x"],
      says: "write owner, private",
    },
    { what: "a model that is no name", args: ["--yes", "--model", "Note { x"], says: "the name of a type" },
    {
      what: "access that no mode has",
      args: ["--yes", "--modes", "apiKey", "--access", "owner"],
      says: "add --modes userPool",
    },
    { what: "a mode that is none", args: ["--yes", "--modes", "cookie"], says: "Allowed choices are apiKey" },
    { what: "too many days", args: ["--yes", "--api-key-days", "400"], says: "from 1 to 365" },
  ])("says with $what what would work", async ({ args, says }) => {
    const cwd = await folderWith({});
    const { code, out, err } = await cli(["init", ...args], { cwd });
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toContain(says);
  });
});
