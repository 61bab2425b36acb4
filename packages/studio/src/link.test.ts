import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { type IncomingMessage, request } from "node:http";
import { createServer } from "node:https";
import { type AddressInfo, connect } from "node:net";
import { connect as connectTls } from "node:tls";
import { createTestKit, type TestKit } from "@authmodes/testing";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { createStudio, studioOf } from "./create.ts";
import { Link } from "./link.ts";
import { checkOptions } from "./options.ts";
import { PageFiles } from "./page-files.ts";
import {
  type Mount,
  mountByFetch,
  type Mounted,
  mounts,
  nodeMounts,
  onExpress,
  openLink,
} from "./test/mounts.ts";

const text = "type Note @model @auth(rules: [{ allow: owner }]) {\n  id: ID!\n}\n";
const paths = ["/_studio", "/_studio/", "/_studio/assets/index-1.js", "/_studio/api/state"];
const needsLink = "Open the link that the server printed when it started.";
const thisMachine = "opens the studio only on this machine";

let kit: TestKit;
const open: Mounted[] = [];

beforeAll(async () => {
  kit = await createTestKit();
});
afterEach(async () => {
  vi.restoreAllMocks();
  await Promise.all(open.splice(0).map((mounted) => mounted.close()));
});

function quietAuth() {
  const auth = kit.auth();
  auth.onEvent(() => undefined);
  return auth;
}

async function start(mount: Mount): Promise<Mounted & { readonly link: string }> {
  const mounted = await mount({ auth: quietAuth(), text });
  open.push(mounted);
  const { link = "" } = mounted;
  return { ...mounted, link };
}

/** What every path answers to these headers, with the cookie and without. */
async function answersOf(mounted: Mounted, headers: Readonly<Record<string, string>>) {
  const browser = await openLink(mounted);
  const tokens = [mounted.link ?? "", ...paths].map((path) => mounted.ask(path, { headers }));
  const cookies = paths.map((path) => browser.ask(path, { headers }));
  return Promise.all([...tokens, ...cookies]);
}

describe.each(mounts)("the studio %s, without a mode and groups", (_name, mount) => {
  it("shows nothing to a caller without the cookie, and takes nothing", async () => {
    const mounted = await start(mount);
    const headers = { origin: mounted.url, "content-type": "application/json" };
    const answers = await Promise.all([
      ...[...paths, "/_studio/api/events"].map((path) => mounted.ask(path)),
      mounted.ask("/_studio/", { method: "HEAD" }),
      mounted.ask("/_studio/api/schema", {
        method: "PUT",
        headers,
        body: JSON.stringify({ text: "", hash: "" }),
      }),
      mounted.ask("/_studio/api/caller", { method: "POST", headers, body: "{}" }),
    ]);
    for (const answer of answers) {
      expect([answer.status, answer.headers.get("set-cookie")]).toEqual([403, null]);
      const isJson = answer.headers.get("content-type") === "application/json";
      expect(["", `authmodes studio: ${needsLink}\n`]).toContain(isJson ? "" : answer.text);
      if (isJson) expect(JSON.parse(answer.text)).toEqual({ code: "link_needed", detail: needsLink });
    }
    expect(await readFile(mounted.file, "utf8")).toBe(text);
  });

  it("exchanges the token of the link for a cookie, and leads to the page without it", async () => {
    const mounted = await start(mount);
    const { status, headers, text: body } = await mounted.ask(mounted.link);
    expect([status, headers.get("location"), body]).toEqual([303, "/_studio/", ""]);
    expect(headers.get("cache-control")).toBe("no-store");
    expect(headers.get("referrer-policy")).toBe("no-referrer");
    const port = new URL(mounted.url).port;
    const cookie = /^authmodes-studio-(\d+)=([\w-]{43}); Path=\/_studio; HttpOnly; SameSite=Strict$/;
    const [, named, session = ""] = cookie.exec(headers.get("set-cookie") ?? "") ?? [];
    expect(named).toBe(port);
    const [, token = ""] = /^\/_studio\/\?token=([\w-]{43})$/.exec(mounted.link) ?? [];
    expect(session).not.toBe(token);
    const sent = { cookie: `other=1; authmodes-studio-${named}=${session}; authmodes-studio=2` };
    for (const path of ["/_studio/", "/_studio/api/state"]) {
      const page = await mounted.ask(path, { headers: sent });
      expect(page.status).toBe(200);
      for (const secret of [token, session]) expect(page.text).not.toContain(secret);
    }
  });

  it("can be opened again by the same link, in another browser too", async () => {
    const mounted = await start(mount);
    for (const browser of [await openLink(mounted), await openLink(mounted)]) {
      expect((await browser.ask("/_studio/api/state")).status).toBe(200);
    }
  });

  it("takes no other token", async () => {
    const mounted = await start(mount);
    const other = await start(mount);
    const [, token = ""] = mounted.link.split("=");
    for (const wrong of ["", "a", token.slice(1), `${token}a`, token.toLowerCase(), `&token=${token}`]) {
      const { status, headers, text } = await mounted.ask(`/_studio/?token=${wrong}`);
      expect([status, headers.get("set-cookie"), text]).toEqual([
        403,
        null,
        expect.stringContaining(needsLink),
      ]);
    }
    expect((await mounted.ask(other.link)).status).toBe(403);
    expect((await mounted.ask(`/_studio/api/state?token=${token}`)).status).toBe(403);
  });

  it("takes no other cookie", async () => {
    const mounted = await start(mount);
    const { cookie } = await openLink(mounted);
    const { cookie: another } = await openLink(await start(mount));
    const [name = "", session = ""] = cookie.split("=");
    const [, token = ""] = mounted.link.split("=");
    const wrong = [another, another.replace(/^.*=/, `${name}=`), `${name}=`, `${name}=${token}`];
    const values = [
      `${name}=${session.slice(1)}`,
      `${name}=${session}a`,
      `x${cookie}`,
      `authmodes-studio-1=${session}`,
    ];
    for (const sent of [...wrong.filter((value) => value !== cookie), ...values]) {
      expect((await mounted.ask("/_studio/api/state", { headers: { cookie: sent } })).status).toBe(403);
    }
  });

  it("is open beside a cookie of the same name, which a server on another port can set", async () => {
    const mounted = await start(mount);
    const { cookie } = await openLink(mounted);
    const [name = ""] = cookie.split("=");
    const headers = { cookie: `${name}=planted; ${cookie}` };
    expect((await mounted.ask("/_studio/api/state", { headers })).status).toBe(200);
  });

  it.each(["forwarded", "via", "x-forwarded-for", "x-real-ip", "cf-connecting-ip", "x-amzn-trace-id"])(
    "is closed to a request with %s, in any case of letters",
    async (name) => {
      const mounted = await start(mount);
      for (const header of [name, name.toUpperCase()]) {
        for (const { status, text } of await answersOf(mounted, { [header]: "127.0.0.1" })) {
          expect([status, text]).toEqual([403, expect.stringContaining(thisMachine)]);
        }
      }
    },
  );

  it.each([
    "evil.example",
    "127.0.0.1.evil.example",
    "localhost.evil.example:4000",
    "192.168.0.7",
    "localhost@evil.example",
    "localhost/evil.example",
  ])("is closed under the name %s", async (host) => {
    const mounted = await start(mount);
    for (const { status, text } of await answersOf(mounted, { host })) {
      // Some servers do not take such a host at all.
      if (status !== 400) expect([status, text]).toEqual([403, expect.stringContaining(thisMachine)]);
    }
  });

  it.each(["127.0.0.1:4000", "localhost", "[::1]:4000"])("is open under the name %s", async (host) => {
    const mounted = await start(mount);
    const opened = await mounted.ask(mounted.link, { headers: { host } });
    const [cookie = ""] = (opened.headers.get("set-cookie") ?? "").split(";");
    expect((await mounted.ask("/_studio/api/state", { headers: { host, cookie } })).status).toBe(200);
  });

  it("does not open a link that another site sends, or loads as a part of its page", async () => {
    const mounted = await start(mount);
    for (const headers of [
      { "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors" },
      { origin: "https://evil.example" },
    ]) {
      const { status, headers: received } = await mounted.ask(mounted.link, { headers });
      expect([status, received.get("set-cookie")]).toEqual([403, null]);
    }
  });
});

it.each([
  "forwarded",
  "via",
  "x-forwarded-for",
  "x-forwarded-host",
  "x-forwarded-proto",
  "x-forwarded-port",
  "x-forwarded",
  "x-original-host",
  "x-real-ip",
  "x-client-ip",
  "x-cluster-client-ip",
  "client-ip",
  "true-client-ip",
  "x-proxyuser-ip",
  "proxy-client-ip",
  "wl-proxy-client-ip",
  "x-scheme",
  "x-url-scheme",
  "front-end-https",
  "x-envoy-external-address",
  "x-varnish",
  "x-arr-log-id",
  "x-azure-clientip",
  "x-appengine-user-ip",
  "x-cloud-trace-context",
  "x-amzn-trace-id",
  "x-amz-cf-id",
  "cloudfront-viewer-address",
  "cf-connecting-ip",
  "cf-ray",
  "cdn-loop",
  "fastly-client-ip",
  "akamai-origin-hop",
  "x-akamai-edgescape",
  "fly-client-ip",
  "x-vercel-id",
  "x-nf-client-connection-ip",
  "tailscale-user-login",
])("is closed to a request with %s, which proxies add", async (name) => {
  const mounted = await start(onExpress);
  for (const { status, text } of await answersOf(mounted, { [name]: "127.0.0.1" })) {
    expect([status, text]).toEqual([403, expect.stringContaining(thisMachine)]);
  }
});

it.each(nodeMounts)(
  "is closed %s to HTTP/1.0, which proxies speak and browsers do not",
  async (_name, mount) => {
    const mounted = await start(mount);
    const { cookie } = await openLink(mounted);
    const port = Number(new URL(mounted.url).port);
    const speak = async (version: string, path: string): Promise<string> => {
      const socket = connect(port, "127.0.0.1").setEncoding("utf8");
      const head = [
        `GET ${path} HTTP/${version}`,
        `Host: localhost:${port}`,
        `Cookie: ${cookie}`,
        "Connection: close",
      ];
      socket.write(`${head.join("\r\n")}\r\n\r\n`);
      let answer = "";
      for await (const part of socket) answer += String(part);
      return answer;
    };
    expect(await speak("1.1", "/_studio/api/state")).toContain(" 200 OK");
    for (const path of [mounted.link, "/_studio/api/state"]) {
      expect(await speak("1.0", path)).toContain(" 403 Forbidden");
    }
  },
);

it.each([undefined, "203.0.113.9", "10.0.0.1", "::ffff:10.0.0.1", "fe80::1"])(
  "is closed to the address %s, with the token and with the cookie",
  async (peer) => {
    const told = { peer: "::1" as string | undefined };
    const mounted = await start((options) => mountByFetch(options, () => told.peer));
    const { cookie } = await openLink(mounted);
    told.peer = peer;
    for (const path of [mounted.link, ...paths]) {
      const { status, headers, text } = await mounted.ask(path, { headers: { cookie } });
      expect([status, headers.get("set-cookie")]).toEqual([403, null]);
      expect(text).toContain(peer === undefined ? "studio.fetch(request, remoteAddress)" : thisMachine);
    }
  },
);

it("is open to the people who were named, by fetch without an address", async () => {
  const people = { mode: "userPool", groups: ["Admins"] };
  const mounted = await mountByFetch({ auth: quietAuth(), ...people }, () => undefined);
  const headers = { ...(await kit.headersFor("userPool", { username: "ada", groups: ["Admins"] })) };
  expect((await mounted.ask("/_studio/api/state", { headers })).status).toBe(200);
});

describe("the cookie over https", () => {
  const secure = /; HttpOnly; SameSite=Strict; Secure$/;
  const handlerOf = () =>
    studioOf(
      checkOptions({ on: true, auth: quietAuth(), schemaFile: "schema.graphql" }),
      new PageFiles(),
      (basePath) => new Link(basePath),
    );

  it("is sent over https alone, on node:http", async () => {
    const { node, link = "" } = handlerOf();
    // Keys that both sides have take no certificate.
    const psk = Buffer.from("00112233445566778899aabbccddeeff", "hex");
    const tls = { ciphers: "PSK", maxVersion: "TLSv1.2" } as const;
    const server = createServer({ ...tls, pskCallback: () => psk }, node);
    await once(server.listen(0, "127.0.0.1"), "listening");
    const { port } = server.address() as AddressInfo;
    const identify = { pskCallback: () => ({ psk, identity: "test" }), checkServerIdentity: () => undefined };
    const createConnection = () => connectTls({ ...tls, ...identify, host: "127.0.0.1", port });
    const sent = request({ host: "127.0.0.1", port, path: link, createConnection }).end();
    const [{ headers }] = (await once(sent, "response")) as [IncomingMessage];
    expect(headers["set-cookie"]).toEqual([expect.stringMatching(secure)]);
    server.closeAllConnections();
    server.close();
  });

  it("is sent over https alone, by fetch", async () => {
    const { fetch, link = "" } = handlerOf();
    const answer = await fetch(new Request(`https://localhost:4000${link}`), "127.0.0.1");
    expect(answer.headers.get("set-cookie")).toMatch(secure);
  });
});

describe("createStudio", () => {
  const options = () => ({ on: true, auth: quietAuth(), schemaFile: "schema.graphql" });

  it("prints the link once, and keeps it when modules are loaded again", async () => {
    const printed = vi.spyOn(console, "error").mockImplementation(() => undefined);
    const { link = "" } = createStudio({ ...options(), basePath: "/one" });
    expect(link).toMatch(/^\/one\/\?token=[\w-]{43}$/);
    vi.resetModules();
    const again = await import("./create.ts");
    expect(again.createStudio).not.toBe(createStudio);
    expect(again.createStudio({ ...options(), basePath: "/one" }).link).toBe(link);
    expect(printed.mock.calls).toEqual([[expect.stringContaining(`http://localhost:<port>${link} `)]]);
    const { link: other } = createStudio({ ...options(), basePath: "/two" });
    expect(other?.split("=")[1]).not.toBe(link.split("=")[1]);
  });

  it("prints no link if it is off, with a mode and groups, or if the app prints it", () => {
    const printed = vi.spyOn(console, "error").mockImplementation(() => undefined);
    const people = { mode: "userPool", groups: ["Admins"] };
    expect(createStudio({ ...options(), basePath: "/three", on: false }).link).toBeUndefined();
    expect(createStudio({ ...options(), basePath: "/three", ...people }).link).toBeUndefined();
    const { link } = createStudio({ ...options(), basePath: "/four", printLink: false });
    expect(link).toMatch(/^\/four\/\?token=/);
    expect(printed).not.toHaveBeenCalled();
  });
});
