// What Next does that no audit asks about, since no other server does.

import { once } from "node:events";
import { request } from "node:http";
import { createAuth, iam, userPool } from "@authmodes/core";
import { createTestKit } from "@authmodes/testing";

const spellings = [
  "/five/../five",
  "/five/./x",
  "/five/x/..",
  "/five//x",
  "//five",
  "/five/%2e%2e/five",
  "/five/books/",
  "/five\\x",
  "http://other.example/five",
  "HTTP://127.0.0.1/five",
];

/**
 * @typedef {object} Answer
 * @property {number | undefined} status
 * @property {string | undefined} reason of the last refusal, if it was refused
 * @property {string} text
 */

/** @param {import("@authmodes/testing/audits").Serve} serve */
export async function measure(serve) {
  /** @type {string[]} */
  const log = [];
  console.error = (...words) => void log.push(words.map(String).join(" "));
  const kit = await createTestKit();
  /** @type {string | undefined} */
  let reason;
  const from = /** @type {const} */ (["header", { cookie: "session" }]);
  const auth = createAuth(
    [
      iam({ ...kit.accessKeys.options, maxBodyBytes: 20_000_000 }),
      userPool({ ...kit.userPool.options, from }),
    ],
    { clock: kit.clock.now },
  );
  auth.onEvent((event) => (reason = event.reason));
  const server = await serve({ name: "measures", auth, routes: [{ path: "/five", guards: [{ auth }] }] });

  /**
   * @param {string} target
   * @param {{ method?: string, headers?: Record<string, string>, body?: Buffer, chunked?: boolean }} options
   * @returns {Promise<Answer>}
   */
  async function send(target, { method = "GET", headers = {}, body, chunked = false } = {}) {
    reason = undefined;
    /** @type {Record<string, string>} */
    const framing = chunked
      ? { "transfer-encoding": "chunked" }
      : { "content-length": String(body?.length ?? 0) };
    const outgoing = request(server.url, {
      path: target,
      method,
      headers: { ...headers, ...(body !== undefined && framing) },
      agent: false,
    });
    outgoing.on("error", () => {}); // Next answers before it read everything
    outgoing.end(body);
    const [response] = await once(outgoing, "response");
    const chunks = await response.toArray();
    return { status: response.statusCode, reason, text: Buffer.concat(chunks).toString() };
  }

  /** @param {string} target @param {{ method?: string, body?: Buffer }} options */
  function sign(target, { method = "GET", body } = {}) {
    const url = server.url + (target.startsWith("/") ? target : "/five");
    return kit.headersFor("iam", { method, url, ...(body !== undefined && { body }) });
  }

  /** @type {Record<string, number | undefined>} */
  const statuses = {};
  for (const target of ["/five/plain", "/five?a=b+c", ...spellings]) {
    statuses[target] = (await send(target, { headers: await sign(target) })).status;
  }

  /** @param {number} megabytes @param {boolean} chunked */
  const sendThroughProxy = async (megabytes, chunked) => {
    const body = Buffer.alloc(megabytes * 1024 * 1024, "0123456789");
    const headers = await sign("/mounted/five", { method: "POST", body });
    return send("/mounted/five", { method: "POST", headers, body, chunked });
  };
  const proxied = {
    whole: await sendThroughProxy(9, false),
    wholeChunked: await sendThroughProxy(9, true),
    cut: await sendThroughProxy(12, false),
    cutChunked: await sendThroughProxy(12, true),
    overCap: await sendThroughProxy(21, false),
  };

  const token = await kit.userPool.token({ username: "alice" });
  const cookie = `session=${token}`;
  const expired = `session=${await kit.userPool.token({ wrong: "expired" })}`;
  const evil = { origin: "http://evil.example" };
  const form = { "content-type": "application/x-www-form-urlencoded" };
  const pages = {
    visitor: await send("/pages/who"),
    cookie: await send("/pages/who", { headers: { cookie } }),
    twice: await send("/pages/who", { headers: { cookie: `${cookie}; ${cookie}` } }),
    expired: await send("/pages/who", { headers: { cookie: expired } }),
    signed: await send("/pages/who", { headers: await sign("/pages/who") }),
    signedForAnother: await send("/pages/who", { headers: await sign("/five") }),
    crossSite: await send("/pages/who", {
      method: "POST",
      headers: { cookie, ...form, ...evil },
      body: Buffer.from("a=1"),
    }),
    cached: await send("/pages/cached", { headers: { cookie } }),
    wrong: await send("/pages/wrong", { headers: { cookie } }),
  };
  const routes = {
    cookie: await send("/five", { headers: { cookie } }),
    expired: await send("/five", { headers: { cookie: expired } }),
    crossSite: await send("/five", {
      method: "POST",
      headers: { cookie, ...form, ...evil },
      body: Buffer.from("a=1"),
    }),
    sameOrigin: await send("/five", {
      method: "POST",
      headers: { cookie, ...form, origin: server.url },
      body: Buffer.from("a=1"),
    }),
  };
  await server.close();
  return {
    caller: kit.userPool.sub("alice"),
    spellings: statuses,
    proxied,
    pages,
    routes,
    log: log.join("\n"),
  };
}
