import { apiKey, createAuth, iam, newApiKey, oidc } from "@authmodes/core";
import { outbound } from "@authmodes/core/outbound";
import { fileStore, memoryStore, openKeys } from "@authmodes/keys";
import { redisStore } from "@authmodes/keys/redis";
import { JwtVerifier } from "aws-jwt-verify";
import { createVerifier } from "fast-jwt";
import { createHash, createHmac } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { race, warmUp } from "./measure.js";
import { startRedis } from "./redis.js";
import { bareVerify, makeSigner, mint } from "./tokens.js";
import { requestsLike } from "./view.js";

const issuer = "https://id.example.com";
const audience = "https://api.example.com";

/** @param {import("./tokens.js").Signer} signer */
function oidcOptions(signer) {
  const answers = new Map([
    [`${issuer}/.well-known/openid-configuration`, { issuer, jwks_uri: `${issuer}/jwks` }],
    [`${issuer}/jwks`, { keys: [signer.jwk] }],
  ]);
  const provider = async (/** @type {unknown} */ url) => Response.json(answers.get(String(url)));
  return { issuer, audience, clientId: null, keySet: { fetch: /** @type {typeof fetch} */ (provider) } };
}

const tokenRequest = requestsLike({ headers: { Authorization: "a token, each time another" } });

/**
 * A token that was never seen before, the whole verification through createAuth, beside one contestant at a time: their
 * garbage would slow down each other.
 * @param {"RS256" | "ES256"} alg
 */
export async function firstSeen(alg) {
  const signer = makeSigner(alg);
  const [rounds, operations, unmeasured] = [15, 250, 30];
  const tokens = Array.from({ length: (rounds + unmeasured) * operations }, () =>
    mint(signer, { iss: issuer, aud: audience }),
  );
  const values = tokens.map((token) => Buffer.from(`Bearer ${token}`).toString("latin1"));
  const peer = JwtVerifier.create({ issuer, audience, jwksUri: `${issuer}/jwks` });
  peer.cacheJwks({ keys: [/** @type {never} */ (signer.jwk)] });
  const [publicKey, allowedIss, allowedAud] = [pem(signer), issuer, audience];
  const keyed = createVerifier({ key: async () => publicKey, allowedIss, allowedAud });
  const fixed = createVerifier({ key: publicKey, allowedIss, allowedAud });
  /** @type {Record<string, (i: number) => unknown>} */
  const others = {
    "a bare crypto.verify": (i) => must(bareVerify(signer, tokens[i])),
    "aws-jwt-verify": (i) => peer.verifySync(tokens[i]),
    // A server whose provider rotates keys has to ask for the key by a function …
    "fast-jwt": (i) => keyed(tokens[i]),
    // … and this is what it would cost without: one key for ever, known beforehand.
    "fast-jwt, one fixed key": (i) => fixed(tokens[i]),
  };
  /** @type {Record<string, { micros: Record<string, number>, ratio: number }>} */
  const results = {};
  for (const [name, other] of Object.entries(others)) {
    const auth = createAuth([oidc(oidcOptions(signer))]);
    await auth.ready();
    const authmodes = (/** @type {number} */ i) => auth.authenticate(tokenRequest(values[i]));
    const { micros, ratio } = await race({ authmodes, [name]: other }, { rounds, operations, unmeasured });
    results[name] = { micros, ratio: ratio("authmodes", name) };
  }
  return results;
}

/** New tokens, good ones and such whose signature is forged; a refusal with the answer that is sent. */
export async function refusal() {
  const signer = makeSigner("RS256");
  const auth = createAuth([oidc(oidcOptions(signer))]);
  await auth.ready();
  auth.onEvent(() => {});
  const [rounds, operations, unmeasured] = [15, 250, 24];
  const make = () => mint(signer, { iss: issuer, aud: audience });
  const value = (/** @type {string} */ token) => Buffer.from(`Bearer ${token}`).toString("latin1");
  const minted = Array.from({ length: (rounds + unmeasured) * operations }, make);
  const good = minted.map(value);
  const forged = minted.map((token) => value(token.replace(/[^.]{8}$/, "AAAAAAAA")));
  return race(
    {
      accepted: (i) => auth.authenticate(tokenRequest(good[i])),
      refused: (i) => auth.authenticate(tokenRequest(forged[i])).catch((error) => error.reply),
    },
    { rounds, operations, unmeasured },
  );
}

/**
 * The same token again and again, each time as another string, as each request brings one. `token mode` does what a
 * token library does; `authmodes` also chooses among the modes and keeps the books of a request.
 */
export async function repeated() {
  const signer = makeSigner("RS256");
  const options = oidcOptions(signer);
  const mode = oidc(options);
  const auth = createAuth([oidc(options)]);
  const token = mint(signer, { iss: issuer, aud: audience });
  const fastJwt = createVerifier({ key: pem(signer), allowedIss: issuer, allowedAud: audience, cache: true });
  const [rounds, operations] = [15, 2000];
  const bytes = Buffer.from(`Bearer ${token}`);
  const values = Array.from({ length: (rounds + warmUp) * operations }, () => bytes.toString("latin1"));
  return race(
    {
      "token mode": (i) => mode.detect(tokenRequest(values[i]))?.verify(Date.now()),
      authmodes: (i) => auth.authenticate(tokenRequest(values[i])),
      "fast-jwt's cache": (i) => fastJwt(values[i].slice(7)),
    },
    { rounds, operations },
  );
}

/** A signed POST with a small body, beside the hashes and the HMAC that it cannot do without. */
export async function signature() {
  const key = {
    secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
    accountId: "111122223333",
    userArn: "arn:aws:iam::111122223333:user/ci",
  };
  const auth = createAuth([iam({ region: "us-east-1", credentials: () => key })]);
  const body = Buffer.from(JSON.stringify({ bookId: "7", quantity: 2, note: "gift wrapped, please" }));
  const source = outbound.iam({
    region: "us-east-1",
    service: "execute-api",
    credentials: { accessKeyId: "AKIDEXAMPLE", ...key },
  });
  const url = new URL("https://api.example.com/orders/7?expand=lines");
  const headers = { host: url.host, "content-type": "application/json" };
  const added = await source({
    method: "POST",
    url,
    headers: new Headers(headers),
    body,
    refused: undefined,
  });
  const signed = requestsLike({
    method: "POST",
    headers: { "content-type": "application/json", ...added },
    body,
  });
  const canonical = "x".repeat(420);
  const signingKey = createHmac("sha256", "key").update("day").digest();
  return race(
    {
      "bare hashes and HMAC": () => {
        createHash("sha256").update(body).digest("hex");
        const hash = createHash("sha256").update(canonical).digest("hex");
        createHmac("sha256", signingKey)
          .update(`AWS4-HMAC-SHA256\n20260101T000000Z\n20260101/us-east-1/execute-api/aws4_request\n${hash}`)
          .digest("hex");
      },
      authmodes: () => auth.authenticate(signed()),
    },
    { operations: 2000 },
  );
}

/**
 * A handler behind an API key that was seen before, beside the bare handler. Whatever the store, the key is found in memory,
 * among 10,000. Redis takes part if it is installed.
 */
export async function key() {
  const folder = await mkdtemp(join(tmpdir(), "authmodes-bench-"));
  const redis = await startRedis();
  const stores = {
    "keys in memory": memoryStore(),
    "keys in a file": fileStore(join(folder, "keys.jsonl")),
    ...(redis && { "keys in Redis": redisStore(redis.url) }),
  };
  const handler = async (/** @type {import("@authmodes/core").RequestView} */ { target }) => target;
  const { key, stored } = await newApiKey({ expiresInSeconds: 3600 });
  const behind = (/** @type {any} */ keys, key = "") => {
    const auth = createAuth([apiKey({ keys })]);
    const request = requestsLike({ headers: { "x-api-key": key } });
    return async () => {
      const view = request();
      await auth.authenticate(view);
      return handler(view);
    };
  };
  const bare = requestsLike({ headers: { "x-api-key": key } });
  /** @type {Record<string, () => unknown>} */
  const contestants = { "bare handler": () => handler(bare()), "keys in a list": behind([stored], key) };
  const opened = [];
  for (const [name, store] of Object.entries(stores)) {
    await store.write(others);
    const keys = await openKeys(store);
    opened.push(keys, store);
    contestants[name] = behind(keys.find, (await keys.create({ name: "bench" })).key);
  }
  const result = await race(contestants, { operations: 3000, unmeasured: 24 });
  for (const each of opened) await each.close();
  redis?.stop();
  await rm(folder, { recursive: true });
  return result;
}

const others = Array.from({ length: 10_000 }, (_, i) => ({
  kind: "key",
  id: `k${i}`,
  data: JSON.stringify({ name: "other", createdAt: 0, secrets: [{ hash: `${i}`, expiresAt: null }] }),
}));

/** @param {import("./tokens.js").Signer} signer */
function pem(signer) {
  return signer.publicKey.export({ type: "spki", format: "pem" }).toString();
}

/** @param {boolean} held */
function must(held) {
  if (!held) throw new Error("the bare check failed: nothing was measured");
}
