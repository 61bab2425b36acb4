import autocannon from "autocannon";
import { fork, spawnSync } from "node:child_process";
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";
import { median } from "./measure.js";
import { audience } from "./servers/setting.js";
import { makeSigner, mint } from "./tokens.js";

/** Each framework's server file, and the peer that people use with it. */
export const frameworks = {
  "Express 5": { file: "express", peer: "express-oauth2-jwt-bearer" },
  "Koa 3": { file: "koa", peer: "koa-jwt" },
  "NestJS 12": { file: "nestjs", peer: "@nestjs/passport" },
  "Next 16": { file: "next", peer: "jose" },
};

/** @typedef {keyof typeof frameworks} Framework */

/** A provider whose keys rotate and whose key set hangs on demand. */
async function startProvider() {
  const provider = { url: "", signers: [makeSigner("RS256")], hanging: false, close: () => server.close() };
  const server = createServer((request, response) => {
    if (provider.hanging) return; // never answers
    const document =
      request.url === "/jwks"
        ? { keys: provider.signers.map((signer) => signer.jwk) }
        : { issuer: provider.url, jwks_uri: `${provider.url}/jwks` };
    response.setHeader("content-type", "application/json").end(JSON.stringify(document));
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(undefined)));
  provider.url = `http://127.0.0.1:${/** @type {import("node:net").AddressInfo} */ (server.address()).port}`;
  return provider;
}

/**
 * @param {Framework} framework
 * @param {string} kind
 * @param {Awaited<ReturnType<typeof startProvider>>} provider
 */
async function startServer(framework, kind, provider) {
  const script = fileURLToPath(new URL(`servers/${frameworks[framework].file}.js`, import.meta.url));
  const publicKey = provider.signers[0].publicKey.export({ format: "pem", type: "spki" }).toString();
  const env = { ...process.env, NODE_ENV: "production", NEXT_TELEMETRY_DISABLED: "1" };
  const child = fork(script, [kind, provider.url, publicKey], { env });
  const port = await new Promise((resolve, reject) => {
    child.once("message", (message) => resolve(/** @type {{ port: number }} */ (message).port));
    child.once("exit", (code) => reject(new Error(`${framework}, ${kind}: ended with ${code}`)));
  });
  return { url: `http://127.0.0.1:${port}`, stop: () => child.kill() };
}

/** Next serves what was built. */
function buildNext() {
  const script = fileURLToPath(new URL("servers/next.js", import.meta.url));
  const env = { ...process.env, NODE_ENV: "production", NEXT_TELEMETRY_DISABLED: "1" };
  const { status } = spawnSync(process.execPath, [script, "build"], { stdio: "inherit", env });
  if (status !== 0) throw new Error("the routes of Next could not be built");
}

/** @param {string} url @param {Record<string, string>} headers @param {object} [more] */
async function load(url, headers, more = {}) {
  return autocannon({ url, headers, connections: 16, duration: 2, ...more });
}

/**
 * Requests a second with a repeated token, the servers taking turns. Medians, and ratios of rates a moment apart.
 * @param {Framework} framework
 */
export async function throughput(framework) {
  if (framework === "Next 16") buildNext();
  const { peer } = frameworks[framework];
  const provider = await startProvider();
  const token = mint(provider.signers[0], { iss: provider.url, aud: audience });
  const start = (/** @type {string} */ kind) => startServer(framework, kind, provider);
  const [bare, ours, theirs] = await Promise.all([start("bare"), start("authmodes"), start(peer)]);
  const bad = `${token.slice(0, -8)}AAAAAAAA`;
  await answers(ours.url, token, bad);
  await answers(theirs.url, token, bad);
  const loads = /** @type {const} */ ([
    ["bare", bare, token],
    ["authmodes", ours, token],
    [peer, theirs, token],
    ["authmodes, refused", ours, bad],
    [`${peer}, refused`, theirs, bad],
  ]);
  /** @type {Record<string, number[]>} */
  const rates = {};
  for (let round = -1; round < 5; round++) {
    for (const [name, server, sent] of loads) {
      const result = await load(server.url, { authorization: `Bearer ${sent}` });
      if (round >= 0) (rates[name] ??= []).push(result.requests.average);
    }
  }
  for (const server of [bare, ours, theirs]) server.stop();
  provider.close();
  const ratio = (/** @type {string} */ a, /** @type {string} */ b) =>
    median(rates[a].map((rate, round) => rate / rates[b][round]));
  return {
    rates: Object.fromEntries(Object.entries(rates).map(([name, all]) => [name, Math.round(median(all))])),
    ofBare: ratio("authmodes", "bare"),
    ofPeer: ratio("authmodes", peer),
    peer,
  };
}

/** What does not verify is fast. @param {string} url @param {string} good @param {string} bad */
async function answers(url, good, bad) {
  for (const [token, expected] of /** @type {const} */ ([
    [good, 200],
    [bad, 401],
  ])) {
    const { status } = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
    if (status !== expected) throw new Error(`${url} answered ${status} instead of ${expected}`);
  }
}

/** Latency and wrong answers while keys rotate, the provider hangs and one token in ten is bad. */
export async function trouble() {
  const provider = await startProvider();
  const server = await startServer("Express 5", "authmodes", provider);
  const tokens = () => provider.signers.map((signer) => mint(signer, { iss: provider.url, aud: audience }));
  let current = tokens();
  let sent = 0;
  const wrong = { goodRefused: 0, badAccepted: 0 };
  await fetch(server.url, { headers: { authorization: `Bearer ${current[0]}` } });
  const schedule = [
    setTimeout(() => {
      provider.signers = [makeSigner("RS256"), ...provider.signers.slice(0, 1)];
      current = tokens();
    }, 1500),
    setTimeout(() => void (provider.hanging = true), 3500),
    setTimeout(() => void (provider.hanging = false), 6000),
  ];
  const result = await autocannon({
    url: server.url,
    connections: 16,
    duration: 8,
    setupClient(client) {
      let isBad = false;
      const next = () => {
        sent++;
        isBad = sent % 10 === 0;
        const token = current[sent % current.length] ?? "";
        client.setHeaders({ authorization: `Bearer ${isBad ? `${token.slice(0, -8)}AAAAAAAA` : token}` });
      };
      next();
      client.on("response", (status) => {
        if (isBad && status < 400) wrong.badAccepted++;
        if (!isBad && status >= 400) wrong.goodRefused++;
        next();
      });
    },
  });
  for (const timer of schedule) clearTimeout(timer);
  server.stop();
  provider.close();
  const { p50, p99 } = result.latency;
  return { requests: result.requests.total, p50, p99, connectionErrors: result.errors, ...wrong };
}
