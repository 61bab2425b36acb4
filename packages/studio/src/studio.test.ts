import { createHash } from "node:crypto";
import { chmod, lstat, readdir, readFile, stat, symlink, unlink, utimes, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { dirname, join } from "node:path";
import { createAuth, none } from "@authmodes/core";
import { fetchView } from "@authmodes/core/fetch";
import { createPolicy } from "@authmodes/rules";
import { parseSchema } from "@authmodes/rules/sdl";
import { createTestKit, type TestKit } from "@authmodes/testing";
import { afterEach, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import type { SaveAnswer, State } from "./api.ts";
import { createStudio } from "./create.ts";
import { SchemaStore } from "./schema-file.ts";
import {
  byFetch,
  type Mount,
  type Mounted,
  type MountOptions,
  mounts,
  onExpress,
  onNestAndExpress,
  onNestAndFastify,
  openLink,
  type Opened,
} from "./test/mounts.ts";

const text = `# Mine.
type Note @model @auth(rules: [{ allow: owner }]) {
  id: ID!
  text: String
}
`;
const wider = text.replace("{ allow: owner }", "{ allow: owner }, { allow: private, operations: [read] }");

let kit: TestKit;
const open: Mounted[] = [];

beforeAll(async () => {
  kit = await createTestKit();
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await Promise.all(open.splice(0).map((mounted) => mounted.close()));
});

function quietAuth(options: Parameters<TestKit["auth"]>[0] = {}) {
  const auth = kit.auth(options);
  auth.onEvent(() => undefined);
  return auth;
}

function reportOnly() {
  const auth = createAuth(Object.values(kit.modes), { reportOnly: true, clock: kit.clock.now });
  auth.onEvent(() => undefined);
  return auth;
}

async function start(mount: Mount, options: Partial<MountOptions> = {}): Promise<Opened> {
  const mounted = await mount({ auth: quietAuth(), text, ...options });
  open.push(mounted);
  return openLink(mounted);
}

function own({ url }: Pick<Mounted, "url">): Record<string, string> {
  return { origin: url, "content-type": "application/json" };
}

async function state(mounted: Mounted): Promise<State> {
  return JSON.parse((await mounted.ask("/_studio/api/state")).text);
}

async function save(mounted: Mounted, body: unknown, headers = own(mounted)) {
  const answer = await mounted.ask("/_studio/api/schema", {
    method: "PUT",
    headers,
    body: JSON.stringify(body),
  });
  return { status: answer.status, body: JSON.parse(answer.text) as SaveAnswer & { code?: string } };
}

describe.each(mounts)("the studio %s", (_name, mount) => {
  it("serves its page with a policy that lets nothing else in", async () => {
    const mounted = await start(mount);
    const page = await mounted.ask("/_studio/");
    expect(page.status).toBe(200);
    expect(page.headers.get("content-type")).toBe("text/html; charset=utf-8");
    expect(page.headers.get("cache-control")).toBe("no-store");
    const policy = page.headers.get("content-security-policy") ?? "";
    expect(policy).toMatch(/^default-src 'none'; script-src 'self'; /);
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/unsafe|\*|data:|https?:/);
    expect(policy).toContain("form-action 'none'");
    expect(policy).toContain("trusted-types 'none'");
    for (const [name, value] of Object.entries({
      "x-content-type-options": "nosniff",
      "x-frame-options": "DENY",
      "cross-origin-opener-policy": "same-origin",
      "cross-origin-resource-policy": "same-origin",
      "referrer-policy": "no-referrer",
    }))
      expect([name, page.headers.get(name)]).toEqual([name, value]);
    const script = await mounted.ask("/_studio/assets/index-1.js");
    expect(script.headers.get("content-type")).toBe("text/javascript; charset=utf-8");
    expect(script.headers.get("cache-control")).toContain("immutable");
  });

  it.each([
    ["gzip, deflate, br", "br"],
    ["gzip;q=1.0, br;q=0", "gzip"],
    ["GZIP", "gzip"],
    ["deflate, zstd, bro", null],
    ["br;q=0, gzip; q=0.000", null],
  ])("sends its script to clients that accept %s as %s", async (accepted, encoding) => {
    const mounted = await start(mount);
    const script = await mounted.ask("/_studio/assets/index-1.js", {
      method: "HEAD",
      headers: { "accept-encoding": accepted },
    });
    expect([script.status, script.headers.get("content-encoding")]).toEqual([200, encoding]);
    expect(script.headers.get("content-type")).toBe("text/javascript; charset=utf-8");
    expect(script.headers.get("vary")).toBe("Accept-Encoding");
    for (const path of ["index-1.js.br", "index-1.js.gz"])
      expect((await mounted.ask(`/_studio/assets/${path}`)).status).toBe(404);
  });

  it("finds its script with and without a slash at the end", async () => {
    const mounted = await start(mount);
    for (const path of ["/_studio", "/_studio/"]) {
      const { text } = await mounted.ask(path);
      const address = /src="([^"]+)"/.exec(text)?.[1] ?? "";
      const { pathname } = new URL(address, `${mounted.url}${path}`);
      expect([path, pathname]).toEqual([path, "/_studio/assets/index-1.js"]);
      expect((await mounted.ask(pathname)).status).toBe(200);
    }
  });

  it.each([
    "/_studio/../secret.html",
    "/_studio/assets/../../secret.html",
    "/_studio/assets/..%2f..%2fsecret.html",
    "/_studio/secret.html",
    "/_studio/api/nothing",
    "/_studio2/",
  ])("has nothing at %s", async (path) => {
    const answer = await (await start(mount)).ask(path);
    expect(answer.status).toBe(404);
    expect(answer.text).not.toContain("not of the page");
  });

  it("shows the modes, the rules that run and the file", async () => {
    const policy = createPolicy(parseSchema(text));
    const mounted = await start(mount, { auth: quietAuth({ policy }) });
    const shown = await state(mounted);
    expect(shown.file).toMatchObject({ name: "schema.graphql", text });
    expect(shown.modes.map(({ mode }) => mode)).toContain("userPool");
    expect(shown.running).toEqual({
      options: {},
      providers: ["userPools"],
      stale: false,
      needsRestart: false,
    });
    expect(shown).toMatchObject({ write: true, caller: null });
    expect(JSON.stringify(shown)).not.toContain(kit.apiKeys.valid.key);
    // A signature would be valid for its own request only.
    expect(shown.credentialHeaders).toContain("authorization");
    expect(shown.credentialHeaders.filter((name) => name.startsWith("x-amz-"))).toEqual([]);
    await writeFile(mounted.file, wider);
    expect((await state(mounted)).running).toMatchObject({ stale: true, needsRestart: false });
    const longAgo = new Date(Date.now() - 60_000);
    await utimes(mounted.file, longAgo, longAgo);
    expect((await state(mounted)).running).toMatchObject({ stale: true, needsRestart: true });
  });

  it("opens a file that is broken, empty or not there", async () => {
    expect((await state(await start(mount, { text: "type {" }))).file.text).toBe("type {");
    const mounted = await start(mount);
    await unlink(mounted.file);
    const { file } = await state(mounted);
    expect(file.text).toBe("");
    expect((await save(mounted, { text, hash: file.hash })).status).toBe(200);
    expect(await readFile(mounted.file, "utf8")).toBe(text);
  });

  it("does not touch a file that is not UTF-8", async () => {
    const mounted = await start(mount);
    await writeFile(mounted.file, Buffer.from([0x23, 0xff]));
    expect((await mounted.ask("/_studio/api/state")).text).toContain("not UTF-8");
  });

  it("saves what was made from the file as it is", async () => {
    const mounted = await start(mount);
    const { file } = await state(mounted);
    const { status, body } = await save(mounted, { text: wider, hash: file.hash });
    expect([status, body]).toEqual([
      200,
      { outcome: "saved", file: { ...file, text: wider, hash: expect.any(String) } },
    ]);
    expect(await readFile(mounted.file, "utf8")).toBe(wider);
    expect(await readdir(dirname(mounted.file))).not.toContainEqual(expect.stringMatching(/^\./));
  });

  it("overwrites nothing that another program wrote, and answers with it", async () => {
    const mounted = await start(mount);
    const { file } = await state(mounted);
    await writeFile(mounted.file, `${text}# theirs\n`);
    const { status, body } = await save(mounted, { text: wider, hash: file.hash });
    expect(status).toBe(409);
    expect(body).toMatchObject({ outcome: "changed", file: { text: `${text}# theirs\n` } });
    expect(await readFile(mounted.file, "utf8")).toBe(`${text}# theirs\n`);
  });

  it("lets one of two saves win", async () => {
    const mounted = await start(mount);
    const { file } = await state(mounted);
    const answers = await Promise.all([
      save(mounted, { text: wider, hash: file.hash }),
      save(mounted, { text: `${text}# other\n`, hash: file.hash }),
    ]);
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 409]);
  });

  it.each([
    ["type {", "syntax"],
    ["type A @model @auth(rules: []) { id: ID! }", "no-rules"],
    ["type A @model @auth(rules: [{ allow: public, provider: oidc }]) { id: ID! }", "provider-of-strategy"],
    ["type A @model @auth(rules: [{ allow: owner }, { allow: owner }]) { id: ID! }", "role-twice"],
  ])("does not save %j", async (broken, code) => {
    const mounted = await start(mount);
    const { file } = await state(mounted);
    const { status, body } = await save(mounted, { text: broken, hash: file.hash });
    expect(status).toBe(422);
    expect(body).toMatchObject({ outcome: "invalid", findings: [{ code, position: { line: 1 } }] });
    expect(await readFile(mounted.file, "utf8")).toBe(text);
  });

  it("does not save rules for a mode that the server has not", async () => {
    const policy = createPolicy(parseSchema(text), { providers: ["userPools"] });
    const mounted = await start(mount, { auth: quietAuth({ policy }) });
    const { file } = await state(mounted);
    const other = text.replace("allow: owner", "allow: public");
    expect((await save(mounted, { text: other, hash: file.hash })).body).toMatchObject({
      findings: [{ code: "provider-not-configured" }],
    });
  });

  it.each<[string, Record<string, string> | ((mounted: Mounted) => Record<string, string>), number]>([
    ["of another origin", { origin: "https://evil.example", "content-type": "application/json" }, 403],
    ["of no origin", { origin: "null", "content-type": "application/json" }, 403],
    ["of another port", { origin: "http://127.0.0.1:1", "content-type": "application/json" }, 403],
    ["of another scheme", ({ url }) => ({ ...own({ url }), origin: url.replace("http:", "ftp:") }), 403],
    ["that says no origin", { "content-type": "application/json" }, 403],
    ["of another site", (mounted) => ({ ...own(mounted), "sec-fetch-site": "cross-site" }), 403],
    ["of a sister site", (mounted) => ({ ...own(mounted), "sec-fetch-site": "same-site" }), 403],
    ["of a form", (mounted) => ({ ...own(mounted), "content-type": "text/plain" }), 415],
    ["without a type", ({ url }) => ({ origin: url }), 415],
  ])("rejects a save %s", async (_what, headers, status) => {
    const mounted = await start(mount);
    const { file } = await state(mounted);
    const sent = typeof headers === "function" ? headers(mounted) : headers;
    expect((await save(mounted, { text: wider, hash: file.hash }, sent)).status).toBe(status);
    expect(await readFile(mounted.file, "utf8")).toBe(text);
  });

  it("lets another site link to the page, and read nothing", async () => {
    const mounted = await start(mount);
    const cross = { "sec-fetch-site": "cross-site" };
    expect((await mounted.ask("/_studio/api/state", { headers: cross })).status).toBe(403);
    expect((await mounted.ask("/_studio/api/events", { headers: cross })).status).toBe(403);
    expect(
      (await mounted.ask("/_studio/", { headers: { ...cross, "sec-fetch-mode": "no-cors" } })).status,
    ).toBe(403);
    const link = { ...cross, "sec-fetch-mode": "navigate" };
    expect((await mounted.ask("/_studio/", { headers: link })).status).toBe(200);
    expect((await mounted.ask("/_studio/api/state", { headers: link })).status).toBe(403);
    const preflight = await mounted.ask("/_studio/api/schema", {
      method: "OPTIONS",
      headers: { origin: "https://evil.example", "access-control-request-method": "PUT" },
    });
    expect([preflight.status, preflight.headers.get("access-control-allow-origin")]).toEqual([403, null]);
  });

  it("is not there unless it is switched on", async () => {
    const mounted = await start(mount, { on: false });
    for (const path of ["/_studio", "/_studio/", "/_studio/api/state"]) {
      expect((await mounted.ask(path)).status).toBe(404);
    }
  });

  it("writes nothing if write is false", async () => {
    const mounted = await start(mount, { write: false });
    const { file, write } = await state(mounted);
    expect(write).toBe(false);
    expect((await save(mounted, { text: wider, hash: file.hash })).status).toBe(403);
    expect(await readFile(mounted.file, "utf8")).toBe(text);
  });

  describe("with a mode and groups", () => {
    const people = { mode: "userPool", groups: ["Admins"] };
    const admins = () => kit.headersFor("userPool", { username: "ada", groups: ["Admins"] });
    const paths = ["/_studio/", "/_studio/api/state", "/_studio/api/events"];

    it("rejects every other caller, on every path", async () => {
      const mounted = await start(mount, people);
      const callers: readonly (readonly [number, Record<string, string>])[] = [
        [401, {}],
        [401, { ...(await kit.headersFor("apiKey")) }],
        [401, { ...(await kit.headersFor("oidc", { groups: ["Admins"] })) }],
        [401, { ...(await kit.headersFor("userPool", { groups: ["Admins"], wrong: "expired" })) }],
        [403, { ...(await kit.headersFor("userPool", { groups: ["Others"] })) }],
      ];
      for (const [status, headers] of callers) {
        for (const path of paths) expect((await mounted.ask(path, { headers })).status).toBe(status);
        const saved = await mounted.ask("/_studio/api/schema", {
          method: "PUT",
          headers: { ...own(mounted), ...headers },
          body: JSON.stringify({ text: wider, hash: "" }),
        });
        expect(saved.status).toBe(status);
      }
      const page = await mounted.ask("/_studio/");
      expect(page.text).toContain("<title>Studio");
      expect(page.headers.get("www-authenticate")).toContain("Bearer");
    });

    it("lets them in from anywhere, and says who they are", async () => {
      const mounted = await start(mount, people);
      const headers = { ...(await admins()), host: "studio.example" };
      expect((await mounted.ask("/_studio/", { headers })).status).toBe(200);
      const shown: State = JSON.parse((await mounted.ask("/_studio/api/state", { headers })).text);
      expect(shown.caller).toContain("userPool");
      const sent = { ...headers, origin: "https://studio.example", "content-type": "application/json" };
      const saved = await save(mounted, { text: wider, hash: shown.file.hash }, sent);
      expect(saved).toMatchObject({ status: 200, body: { outcome: "saved" } });
    });

    it("takes the origin of the public URL, since a proxy may send another host", async () => {
      const auth = quietAuth({ publicUrl: "https://api.example.com" });
      const mounted = await start(mount, { ...people, auth });
      const headers = { ...(await admins()), "content-type": "application/json" };
      const shown: State = JSON.parse((await mounted.ask("/_studio/api/state", { headers })).text);
      const saving = (origin: string) =>
        save(mounted, { text: wider, hash: shown.file.hash }, { ...headers, origin });
      expect((await saving("https://www.example.com")).status).toBe(403);
      expect((await saving("https://api.example.com")).status).toBe(200);
    });

    it("answers 503 instead of its page while callers cannot be verified", async () => {
      const unreachable = quietAuth({ revoked: () => Promise.reject(new Error("down")) });
      const mounted = await start(mount, { ...people, auth: unreachable });
      const headers = { ...(await admins()) };
      for (const path of paths) {
        const answer = await mounted.ask(path, { headers });
        expect([answer.status, answer.text.includes("<title>")]).toEqual([503, false]);
      }
    });

    it("rejects callers even if the auth is report-only", async () => {
      const mounted = await start(mount, { ...people, auth: reportOnly() });
      for (const path of paths) expect((await mounted.ask(path)).status).toBe(401);
    });
  });

  it("proves pasted credentials with the modes of the server", async () => {
    const mounted = await start(mount);
    const post = async (body: unknown) => {
      const sent = { method: "POST", headers: own(mounted), body: JSON.stringify(body) };
      const answer = await mounted.ask("/_studio/api/caller", sent);
      return [answer.status, JSON.parse(answer.text)] as const;
    };
    const value = await kit.userPool.token({ username: "libby", groups: ["Librarians"] });
    expect(await post({ header: "authorization", value })).toEqual([
      200,
      {
        outcome: "verified",
        identity: expect.objectContaining({ username: "libby", groups: ["Librarians"] }) as object,
      },
    ]);
    const expired = await kit.userPool.token({ wrong: "expired" });
    expect(await post({ header: "authorization", value: expired })).toMatchObject([
      200,
      { outcome: "refused", code: "credentials_expired" },
    ]);
    expect(await post({ header: "x-api-key", value: kit.apiKeys.valid.key })).toMatchObject([
      200,
      { identity: { mode: "apiKey" } },
    ]);
    expect((await post({ header: "cookie", value }))[0]).toBe(400);
    expect((await post({ header: "authorization", value: "a\nb" }))[0]).toBe(400);
    expect((await post({ header: "authorization", value: "a".repeat(16_385) }))[0]).toBe(400);
    expect((await post({}))[0]).toBe(400);
  });

  it("proves nothing that a report-only auth would let pass", async () => {
    const mounted = await start(mount, { auth: reportOnly() });
    const value = await kit.userPool.token({ wrong: "tampered" });
    const sent = { method: "POST", headers: own(mounted) };
    const body = JSON.stringify({ header: "authorization", value });
    expect(JSON.parse((await mounted.ask("/_studio/api/caller", { ...sent, body })).text)).toMatchObject({
      outcome: "refused",
      code: "credentials_refused",
    });
  });
});

it.each([
  ["Express", onNestAndExpress],
  ["Fastify", onNestAndFastify],
])("opens nothing that a guard of NestJS on %s keeps closed", async (_platform, mount) => {
  const mounted = await start(mount);
  expect((await mounted.ask("/_studio/api/state")).status).toBe(200);
  expect((await mounted.ask("/books")).status).toBe(403);
});

describe("the file", () => {
  it("keeps its permissions, and stays a link", async () => {
    const mounted = await start(onExpress);
    const { file } = await state(mounted);
    const real = join(dirname(mounted.file), "real.graphql");
    await writeFile(real, text);
    // Wider than what the umask leaves to a new file.
    await chmod(real, 0o666);
    await unlink(mounted.file);
    await symlink(real, mounted.file);
    expect((await save(mounted, { text: wider, hash: file.hash })).status).toBe(200);
    expect((await lstat(mounted.file)).isSymbolicLink()).toBe(true);
    expect(await readFile(real, "utf8")).toBe(wider);
    expect((await stat(real)).mode & 0o777).toBe(0o666);
  });
});

it("does not replace a new file that another server creates at the same time", async () => {
  const { file } = await start(onExpress);
  const [hash, rounds] = [createHash("sha256").digest("hex"), 15];
  for (let round = 0; round < rounds; round++) {
    await unlink(file);
    const saves = [text, wider].map((mine) => new SchemaStore(file).save(mine, hash));
    const [one, other] = await Promise.all(saves);
    expect(one?.saved).toBe(!other?.saved);
    expect(await readFile(file, "utf8")).toBe(one?.saved ? text : wider);
  }
});

it("reads the body itself if a parser left an empty object and read nothing", async () => {
  const people = { mode: "userPool", groups: ["Admins"] };
  const { node } = createStudio({ on: true, auth: quietAuth(), schemaFile: "schema.graphql", ...people });
  const server = createServer((request, response) => node(Object.assign(request, { body: {} }), response));
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const url = `http://127.0.0.1:${Object(server.address()).port}`;
  const headers = { ...own({ url }), ...(await kit.headersFor("userPool", { groups: ["Admins"] })) };
  const body = JSON.stringify({ header: "x-api-key", value: kit.apiKeys.valid.key });
  const answer = await fetch(`${url}/_studio/api/caller`, { method: "POST", headers, body });
  expect(await answer.json()).toMatchObject({ outcome: "verified" });
});

describe("the feed", () => {
  it("sends decisions as they happen, and what the file changed to", async () => {
    const auth = quietAuth();
    const mounted = await start(onExpress, { auth });
    const stop = new AbortController();
    const { cookie } = mounted;
    const answer = await fetch(`${mounted.url}/_studio/api/events`, {
      headers: { cookie },
      signal: stop.signal,
    });
    expect(answer.headers.get("content-type")).toBe("text/event-stream");
    const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
    let seen = "";
    const until = async (part: string) => {
      while (!seen.includes(part)) seen += (await reader?.read())?.value ?? "";
    };
    await until("event: recent\ndata: []");
    const refused = await fetch(`${mounted.url}/_studio/api/caller`, {
      method: "POST",
      headers: { ...own(mounted), cookie },
      body: JSON.stringify({
        header: "authorization",
        value: await kit.userPool.token({ wrong: "tampered" }),
      }),
    });
    expect(refused.status).toBe(200);
    await until('"code":"credentials_refused"');
    expect(seen).toContain('"outcome":"refused"');
    await writeFile(mounted.file, wider);
    await until(`event: file\ndata: {"hash":"${createHash("sha256").update(wider).digest("hex")}"}`);
    stop.abort();
  });

  it("sends a page that connects the hash of the file, which may have changed since the page loaded it", async () => {
    const mounted = await start(onExpress, { auth: quietAuth() });
    const { file } = await state(mounted);
    // The second page connects when the file is watched already.
    for (const _page of [1, 2]) {
      const { cookie } = mounted;
      const answer = await fetch(`${mounted.url}/_studio/api/events`, { headers: { cookie } });
      const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
      let seen = "";
      while (!seen.includes(`event: file\ndata: {"hash":"${file.hash}"}`)) {
        seen += (await reader?.read())?.value ?? "";
      }
    }
  });
});

it("lets at most twenty pages follow the feed, and others again when one leaves", async () => {
  const { url, cookie } = await start(onExpress);
  const follow = async () => {
    const stop = new AbortController();
    const options = { headers: { cookie }, signal: stop.signal };
    const { status } = await fetch(`${url}/_studio/api/events`, options);
    return { status, stop };
  };
  const pages = await Promise.all(Array.from({ length: 20 }, follow));
  expect(pages.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 200));
  const more = await follow();
  expect(more.status).toBe(503);
  pages[0]?.stop.abort();
  await vi.waitUntil(async () => (await follow()).status === 200);
});

it("ends the feed of a page that does not read it", async () => {
  const auth = quietAuth();
  const people = { mode: "userPool", groups: ["Admins"] };
  const studio = createStudio({ on: true, auth, schemaFile: "schema.graphql", ...people });
  const headers = await kit.headersFor("userPool", { groups: ["Admins"] });
  const answer = await studio.fetch(new Request("http://localhost/_studio/api/events", { headers }));
  expect(answer.status).toBe(200);
  const call = () => auth.authenticate(fetchView(new Request("http://localhost/books")));
  for (let n = 0; n < 1100; n++) await call();
  const events = (await answer.text()).match(/^event: decided$/gm);
  expect(events?.length).toBeLessThan(1100);
});

it("ends the feed of a reader whose token was revoked", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] });
  onTestFinished(() => void vi.useRealTimers());
  let isRevoked = false;
  const auth = quietAuth({ revoked: () => isRevoked });
  const mounted = await start(onExpress, { auth, mode: "userPool", groups: ["Librarians"] });
  const authorization = await kit.userPool.token({ username: "libby", groups: ["Librarians"] });
  const answer = await fetch(`${mounted.url}/_studio/api/events`, { headers: { authorization } });
  expect(answer.status).toBe(200);
  const all = answer.text();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(await Promise.race([all, Promise.resolve("open")])).toBe("open");
  isRevoked = true;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(await all).toContain("event: recent");
});

describe("createStudio", () => {
  const auth = createAuth([none()]);
  const schemaFile = "schema.graphql";

  it.each<[string, object, string]>([
    ["a misspelt option", { auth, schemaFile, enabled: true }, 'unknown option "enabled"'],
    ["no file", { auth }, "schemaFile is missing"],
    ["no auth", { schemaFile }, "auth is what createAuth() returns"],
    ["a mode alone", { on: true, auth, schemaFile, mode: "none" }, "add groups"],
    ["groups alone", { on: true, auth, schemaFile, groups: ["A"] }, "groups needs a mode"],
    ["no group", { on: true, auth, schemaFile, mode: "none", groups: [] }, "add groups"],
    [
      "a mode that is not served",
      { on: true, auth, schemaFile, mode: "userPool", groups: ["A"] },
      "no mode 'userPool'",
    ],
    ["a word for on", { on: "1", auth, schemaFile }, "on is true or false"],
    ["a word for write", { auth, schemaFile, write: "no" }, "write is true or false"],
    ["a word for printLink", { auth, schemaFile, printLink: "no" }, "printLink is true or false"],
    ["a bad path", { auth, schemaFile, basePath: "studio/" }, "basePath starts with a slash"],
  ])("throws for %s", (_what, options, sentence) => {
    expect(() => createStudio(options as never)).toThrow(sentence);
  });

  it("throws in production without a mode and groups, unless it is off", () => {
    vi.stubEnv("NODE_ENV", "production");
    expect(() => createStudio({ on: true, auth, schemaFile })).toThrow(
      "in production, mode and groups have to say who can open the studio",
    );
    expect(() => createStudio({ auth, schemaFile })).not.toThrow();
    const people = { mode: "userPool", groups: ["Admins"] };
    expect(() => createStudio({ on: true, auth: quietAuth(), schemaFile, ...people })).not.toThrow();
  });

  it("writes nothing in production unless write is true", async () => {
    vi.stubEnv("NODE_ENV", "production");
    const headers = { ...(await kit.headersFor("userPool", { groups: ["Admins"] })) };
    for (const write of [undefined, true] as const) {
      const mounted = await start(byFetch, { mode: "userPool", groups: ["Admins"], ...(write && { write }) });
      const shown: State = JSON.parse((await mounted.ask("/_studio/api/state", { headers })).text);
      expect(shown.write).toBe(write === true);
    }
  });
});
