import { outbound, presign } from "@authmodes/core/outbound";
import { mint } from "../tokens.js";
import { audience, clientId, host, issuer, poolIssuer } from "./auths.js";

// What costs most among the requests of 15 KB that were tried, for each mode and place, beside a request of some 300
// bytes with the same kind of credentials, for which the server checks the same signature.

/** @typedef {[name: string, value: string][]} Headers */
/** @typedef {{ method?: string, target?: string, headers: Headers, body?: string }} Request */
/** @typedef {{ what: string, auth: string, reason: string, small: Request, hostile: Request }} Row */

const size = 14_500;
const letters = "abcdefghijklmnopqrstuvwxyz";

/** Three letters, in no order. @param {number} index */
function name(index) {
  const shuffled = (index * 7919) % 26 ** 3;
  return [676, 26, 1].map((place) => letters[Math.floor(shuffled / place) % 26]).join("");
}

/** @param {string} text */
const fill = (text, room = size) => text.repeat(Math.floor(room / text.length));
/** @param {(index: number) => string} make */
const thousand = (make, separator = "&") => Array.from({ length: 1000 }, (_, i) => make(i)).join(separator);
/** As many as Node reads. @type {Headers} */
const manyHeaders = Array.from({ length: 950 }, (_, i) => [`x-${name(i)}`, "12345"]);

/** @param {import("../tokens.js").Signer} signer @returns {Promise<Row[]>} */
export async function hostileRows(signer) {
  return [
    ...keys(),
    ...(await signatures()),
    ...tokens(signer),
    ...cookies(signer),
    ...authorizers(),
    ...nothing(),
  ];
}

/** @returns {Row[]} */
function keys() {
  /** @type {Headers} */
  const headers = [["x-api-key", "amk_0123456789abcdef"]];
  return [
    {
      what: "apiKey, header: a thousand others",
      auth: "apiKey",
      reason: "api_key_unknown",
      small: { headers },
      hostile: { headers: [...headers, ...manyHeaders] },
    },
  ];
}

// Not the server's: the signature is checked and found wrong.
const credentials = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "another secret" };

/** @param {{ method?: string, headers?: Headers, body?: string }} [request] @returns {Promise<Request>} */
async function signed({ method = "GET", headers = [], body } = {}) {
  const source = outbound.iam({ region: "us-east-1", service: "execute-api", credentials });
  const added = await source({
    method,
    url: new URL(`https://${host}/orders/7`),
    headers: new Headers([["host", host], ...headers]),
    body: body === undefined ? undefined : Buffer.from(body),
    refused: undefined,
  });
  return { method, headers: [...headers, ...Object.entries(added)], ...(body !== undefined && { body }) };
}

/** @param {string} query */
async function presigned(query) {
  const url = `https://${host}/orders/7`;
  const { pathname, search } = await presign({
    url,
    region: "us-east-1",
    credentials,
    expiresInSeconds: 600,
  });
  return { target: `${pathname}${search}${query}`, headers: [] };
}

/** @returns {Promise<Row[]>} */
async function signatures() {
  const small = await signed();
  const shared = { auth: "iam", reason: "signature_mismatch", small };
  const parameters = thousand((i) => `${name(i)}=${name(i + 500)}4567890`);
  const names = manyHeaders.toSorted();
  return [
    {
      what: "iam, header: a thousand parameters, unsorted",
      ...shared,
      hostile: { ...small, target: `/orders/7?${parameters}` },
    },
    {
      what: "iam, header: a query to be escaped",
      ...shared,
      hostile: { ...small, target: `/orders/7?${fill("!")}` },
    },
    { what: "iam, header: a path to be escaped", ...shared, hostile: { ...small, target: `/${fill("!")}` } },
    { what: "iam, header: a thousand signed headers", ...shared, hostile: await signed({ headers: names }) },
    {
      what: "iam, query: a thousand parameters, unsorted",
      ...shared,
      small: await presigned(""),
      hostile: await presigned(`&${parameters.slice(0, -400).replace(/&[^&]*$/, "")}`),
    },
    {
      what: "iam, query: a query of escapes",
      ...shared,
      small: await presigned(""),
      hostile: await presigned(`&a=${fill("%41", size - 600)}`),
    },
    {
      what: "iam, body: 15 KB",
      ...shared,
      small: await signed({ method: "POST", body: "a=1" }),
      hostile: await signed({ method: "POST", body: fill("a=1&") }),
    },
  ];
}

/** The signature is computed, and found wrong. @param {import("../tokens.js").Signer} signer @param {object} claims */
function forged(signer, claims) {
  return mint(signer, claims).replace(/[^.]{8}$/, "AAAAAAAA");
}

/** The most expensive claims: many names, and lists nested as deep as is accepted. */
const manyClaims = Object.fromEntries(Array.from({ length: 480 }, (_, i) => [name(i), i]));
const nested = (/** @type {number} */ times) =>
  Array(times).fill(JSON.parse("[".repeat(90) + "]".repeat(90)));

/** @param {import("../tokens.js").Signer} signer @returns {Row[]} */
function tokens(signer) {
  const ofPool = { iss: poolIssuer, client_id: clientId, token_use: "access" };
  const ofIssuer = { iss: issuer, aud: audience };
  /** @param {string} authorization @returns {Request} */
  const sent = (authorization) => ({ headers: [["authorization", authorization]] });
  return [
    {
      what: "userPool, header, raw: 480 claims",
      auth: "userPool",
      reason: "signature_mismatch",
      small: sent(forged(signer, ofPool)),
      hostile: sent(forged(signer, { ...manyClaims, ...ofPool })),
    },
    {
      what: "oidc, header, Bearer: claims nested deep",
      auth: "oidc",
      reason: "signature_mismatch",
      small: sent(`Bearer ${forged(signer, ofIssuer)}`),
      hostile: sent(`Bearer ${forged(signer, { ...ofIssuer, nested: nested(26) })}`),
    },
    {
      what: "oidc, header, Bearer: an issuer nested deep",
      auth: "oidc",
      reason: "issuer_unknown",
      small: sent(`Bearer ${forged(signer, { iss: "another" })}`),
      hostile: sent(`Bearer ${forged(signer, { iss: nested(26) })}`),
    },
  ];
}

/** @param {import("../tokens.js").Signer} signer @returns {Row[]} */
function cookies(signer) {
  const token = forged(signer, { iss: poolIssuer, client_id: clientId, token_use: "access" });
  const prefix = `CognitoIdentityServiceProvider.${clientId}`;
  const own = `${prefix}.LastAuthUser=a; ${prefix}.a.accessToken=${token}`;
  const room = size - own.length;
  /** @param {string} cookie @returns {Request} */
  const sent = (cookie) => ({ headers: [["cookie", cookie]] });
  const named = { auth: "cookie", reason: "signature_mismatch", small: sent(`session=${token}`) };
  const amplify = { auth: "amplifyCookies", reason: "signature_mismatch", small: sent(own) };
  return [
    {
      what: "cookie: thousands of others",
      ...named,
      hostile: sent(`${fill("a=b;", room)}session=${token}`),
    },
    {
      what: "cookie: thousands that begin alike",
      ...named,
      hostile: sent(`${fill("session;", room)}session=${token}`),
    },
    {
      what: "amplifyCookies: thousands of others, broken",
      ...amplify,
      hostile: sent(`${fill("%=a;", room)}${own}`),
    },
    {
      what: "amplifyCookies: many tokens",
      ...amplify,
      hostile: sent(`${fill(`${prefix}.%25.accessToken=a;`, room)}${own}`),
    },
    {
      what: "amplifyCookies: users without tokens",
      auth: "amplifyCookies",
      reason: "no_credentials",
      small: sent(`${prefix}.LastAuthUser=a`),
      hostile: sent(fill(`${prefix}.LastAuthUser=a;`, 7000) + fill("%=a;", 7000)),
    },
  ];
}

/** @returns {Row[]} */
function authorizers() {
  /** @type {Headers} */
  const headers = [["authorization", "a token of its own"]];
  const small = { headers };
  const denied = { reason: "authorizer_denied", small };
  /** @param {string} body @returns {Request} */
  const graphql = (body) => ({
    method: "POST",
    headers: [...headers, ["content-type", "application/json"]],
    body,
  });
  return [
    {
      what: "lambda request: a thousand parameters",
      auth: "request",
      ...denied,
      hostile: { headers, target: `/orders/7?${thousand((i) => `${name(i)}=%41%42%43`)}` },
    },
    {
      what: "lambda request: a thousand headers",
      auth: "request",
      ...denied,
      hostile: { headers: [...headers, ...manyHeaders] },
    },
    {
      what: "lambda request: a header a thousand times",
      auth: "request",
      ...denied,
      hostile: {
        headers: [
          ...headers,
          ...manyHeaders.map(([, value]) => /** @type {[string, string]} */ (["x-a", value])),
        ],
      },
    },
    {
      what: "lambda token: a path that nearly matches",
      auth: "token",
      reason: "policy_denied",
      small,
      hostile: { headers, target: `/orders/${fill("%41/line/")}` },
    },
    {
      what: "lambda appsync: a thousand headers",
      auth: "appsync",
      ...denied,
      hostile: { headers: [...headers, ...manyHeaders] },
    },
    {
      what: "lambda appsync: variables nested deep",
      auth: "appsync",
      reason: "authorizer_denied",
      small: graphql('{"query":"{a}"}'),
      hostile: graphql(JSON.stringify({ query: "{a}", variables: { a: nested(78) } })),
    },
  ];
}

/** @returns {Row[]} */
function nothing() {
  const small = { headers: /** @type {Headers} */ ([]) };
  const accepted = { auth: "none", reason: "accepted", small };
  return [
    {
      what: "none: a query that looks signed at each letter",
      ...accepted,
      hostile: { ...small, target: `/orders/7?${fill("&x%2Damz%2D")}` },
    },
    { what: "none: a thousand headers", ...accepted, hostile: { headers: manyHeaders } },
  ];
}
