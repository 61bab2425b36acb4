// What clients ask the app, and what they have to get on each version of Next.

import { request } from "node:http";
import { json, text } from "node:stream/consumers";
import { once } from "node:events";
import aws4 from "aws4";
import { accessKeyId, region, secretAccessKey, userArn } from "./caller.js";

/**
 * @typedef {object} Sent
 * @property {string} [method]
 * @property {string} [body]
 * @property {Record<string, string>} [headers] that are not signed
 * @property {string} [signed] the target that is signed. Default: the one that is sent
 */

const escaped = "b=x%20y&plus=a%2Bb&empty=&q=%27%28%29%2A%21&u=%E1%88%B4&twice=2&twice=1";
const query = `/shop/whoami?${escaped}`;
/** Headers in which proxies, and Next itself, name paths. */
const forged = ["x-forwarded-prefix", "x-forwarded-uri", "x-original-url", "x-rewrite-url", "x-matched-path"];
const ownHeaders = ["x-invoke-path", "x-middleware-rewrite", "x-nextjs-rewritten-path", "next-url"];
/** @param {string} path */
const forge = (path) => Object.fromEntries([...forged, ...ownHeaders].map((name) => [name, path]));

/** @param {string} target */
const accepted = (target) => [200, target, true];

export const expected = {
  get: accepted("/shop/whoami"),
  post: [200, '{"a":"ä"}'],
  otherBody: 401,
  query: accepted(query),
  otherQuery: 401,
  withoutBasePath: 401,
  forged: 401,
  forgedButSigned: 200,
  notBelow: 404,
  rewritten: accepted(`/shop/v1/whoami?${escaped}`),
  rewrittenWithParameter: accepted("/shop/items/7?a=b%20c"),
  rewrittenByProxy: accepted(`/shop/v2/whoami?${escaped}`),
  signedForDestination: [401, 401, 401],
  api: accepted("/shop/api/whoami?a=b%20c"),
  apiRewritten: accepted("/shop/v1/api/whoami"),
  apiPost: [200, '{"a":"ä"}'],
  apiOtherBody: 401,
  apiWithoutBasePath: 401,
  apiUnsigned: 401,
  page: [true, false],
  presigned: [200, 401],
  imageCalls: 0,
  visit: [307, "/shop/sign-in?next=%2Faccount%3Fa%3Db"],
  router: [307, "/shop/sign-in?next=%2Faccount"],
  visitBehindProxy: "https://shop.example/shop/sign-in?next=%2Fmembers",
  prefetch: [307, "/shop/sign-in?next=%2Faccount"],
  program: 401,
  action: 401,
};

/** @param {string} url @returns {Promise<Record<keyof typeof expected, unknown>>} */
export async function ask(url) {
  const { hostname, port, host } = new URL(url);
  const keys = { accessKeyId, secretAccessKey };

  /** @param {string} path @param {import("node:http").RequestOptions} [options] @param {string} [body] */
  async function send(path, options, body) {
    const outgoing = request({ hostname, port, path, agent: false, ...options }).end(body);
    const [response] = await once(outgoing, "response");
    return response;
  }

  /** @param {string} path @param {Sent} [sent] */
  async function signed(path, { method = "GET", body, headers: unsigned, signed = path } = {}) {
    const content = body === undefined ? {} : { "content-type": "application/json" };
    const about = { host, path: signed, method, headers: content, service: "execute-api", region };
    const { headers } = aws4.sign({ ...about, ...(body !== undefined && { body }) }, keys);
    return send(path, { method, headers: { ...headers, ...unsigned } }, body);
  }

  /** @param {string} path @param {Sent} [sent] */
  const status = async (path, sent) => (await signed(path, sent)).resume().statusCode;

  /** @param {string} path */
  async function seen(path) {
    const response = await signed(path);
    if (response.statusCode !== 200) return [response.statusCode, await text(response)];
    const { id, target, exact } = await json(response);
    return [id === userArn ? response.statusCode : id, target, exact];
  }

  /** @param {string} path @param {string} body @param {string} [signedBody] */
  async function posted(path, body, signedBody = body) {
    const about = { host, path, method: "POST", service: "execute-api", region, body: signedBody };
    const { headers } = aws4.sign({ ...about, headers: { "content-type": "application/json" } }, keys);
    const length = String(Buffer.byteLength(body));
    const sent = { ...headers, "Content-Length": length };
    const response = await send(path, { method: "POST", headers: sent }, body);
    return response.statusCode === 200 ? [200, (await json(response)).body] : response.resume().statusCode;
  }

  /** @param {string} path @param {string} [sent] */
  async function presigned(path, sent) {
    const about = { host, path, service: "execute-api", region, signQuery: true };
    const target = aws4.sign(about, keys).path ?? path;
    return (await send(sent === undefined ? target : target.replace(path, sent))).resume().statusCode;
  }

  /** @param {Record<string, string>} headers @param {string} [path] @param {string} [method] */
  async function visited(headers, path = "/shop/account", method = "GET") {
    const response = (await send(path, { method, headers })).resume();
    const { location } = response.headers;
    if (location === undefined) return response.statusCode;
    // Next adds the name of the router's request.
    const shown = new URL(location, url);
    shown.searchParams.delete("_rsc");
    return [response.statusCode, shown.pathname + shown.search];
  }

  /** What a proxy passes on: the host is that of this server. @param {string} path */
  const leads = async (path) =>
    (await send(path, { headers: { accept: "text/html" } })).resume().headers.location;

  /** @param {string} path @param {Sent} [sent] */
  const isKnown = async (path, sent) => (await text(await signed(path, sent))).includes(userArn);

  const calls = async () => Number(await text(await send("/shop/count")));
  const body = '{"a":"ä"}';
  const { post, otherBody } = {
    post: await posted("/shop/whoami", body),
    otherBody: await posted("/shop/whoami", body, '{"a":"b"}'),
  };
  const answers = {
    get: await seen("/shop/whoami"),
    post,
    otherBody,
    query: await seen(query),
    otherQuery: await status(query, { signed: query.replace("%20", "%2B") }),
    withoutBasePath: await status("/shop/whoami", { signed: "/whoami" }),
    forged: await status("/shop/whoami", { signed: "/whoami", headers: forge("/whoami") }),
    forgedButSigned: await status("/shop/whoami", { headers: forge("/other") }),
    notBelow: await status("/whoami"),
    rewritten: await seen(`/shop/v1/whoami?${escaped}`),
    rewrittenWithParameter: await seen("/shop/items/7?a=b%20c"),
    rewrittenByProxy: await seen(`/shop/v2/whoami?${escaped}`),
    signedForDestination: [
      await status("/shop/v1/whoami", { signed: "/shop/whoami" }),
      await status("/shop/v2/whoami", { signed: "/shop/whoami" }),
      await status("/shop/v2/whoami", { signed: "/whoami" }),
    ],
    api: await seen("/shop/api/whoami?a=b%20c"),
    apiRewritten: await seen("/shop/v1/api/whoami"),
    apiPost: await posted("/shop/api/whoami", body),
    apiOtherBody: await posted("/shop/api/whoami", body, '{"a":"b"}'),
    apiWithoutBasePath: await status("/shop/api/whoami", { signed: "/api/whoami" }),
    apiUnsigned: (await send("/shop/api/whoami")).resume().statusCode,
    page: [await isKnown("/shop/account"), await isKnown("/shop/account", { signed: "/account" })],
    presigned: [await presigned("/shop/whoami"), await presigned("/whoami", "/shop/whoami")],
    visit: await visited({ accept: "text/html" }, "/shop/account?a=b"),
    router: await visited({ accept: "*/*", rsc: "1" }),
    visitBehindProxy: await leads("/shop/members"),
    prefetch: await visited({ accept: "*/*", rsc: "1", "next-router-prefetch": "1", "next-url": "/" }),
    program: await visited({ accept: "*/*" }),
    action: await visited(
      { accept: "text/x-component", "next-action": "a", rsc: "1" },
      "/shop/account",
      "POST",
    ),
  };
  // Next makes up a request to answer this one, for the same method, with no header of the client.
  const before = await calls();
  await status("/shop/_next/image?url=%2Fshop%2Fwhoami&w=640&q=75");
  return { ...answers, imageCalls: (await calls()) - before };
}
