import autocannon from "autocannon";
import { fork, spawnSync } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";
import { startRedis } from "./redis.js";
import { audience, goodKey } from "./servers/setting.js";
import { makeSigner, mint } from "./tokens.js";

/**
 * Each framework's server file, the peer that people use with it, what shows the framework's own price, and the least part of
 * the bare rate that is left with us. With `isPlanned` the credentials are an API key with a usage plan in Redis.
 * @typedef {{ file: string, peer?: string, others: string[], least: number, isPlanned?: boolean }} Setting
 * @typedef {"Express 5" | "Express 5, a usage plan" | "Fastify 5" | "Koa 3" | "NestJS 12" | "Next 16"} Framework
 * @type {Record<Framework, Setting>}
 */
export const frameworks = {
  "Express 5": {
    file: "express",
    peer: "express-oauth2-jwt-bearer",
    others: ["empty middleware"],
    least: 0.92,
  },
  "Express 5, a usage plan": { file: "express-plan", others: [], least: 0.85, isPlanned: true },
  "Fastify 5": { file: "fastify", peer: "@fastify/jwt", others: ["empty hook"], least: 0.9 },
  "Koa 3": { file: "koa", peer: "koa-jwt", others: ["empty middleware"], least: 0.92 },
  "NestJS 12": { file: "nestjs", peer: "@nestjs/passport", others: ["empty guard"], least: 0.9 },
  "Next 16": { file: "next", peer: "jose", others: [], least: 0.9 },
};

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
  const child = fork(script, [kind, provider.url, publicKey], { env, silent: true });
  let printed = "";
  for (const output of [child.stdout, child.stderr]) {
    output?.on("data", (text) => (printed = (printed + text).slice(-2000)));
  }
  child.once("exit", (code) => {
    if (code !== null) throw new Error(`${framework}, ${kind}: ended with ${code}\n${printed}`);
  });
  const heard = async () => (await once(child, "message"))[0];
  const { port, path } = await heard();
  return {
    url: `http://127.0.0.1:${port}${path}`,
    /** @returns {Promise<number>} microseconds of processor time so far */
    worked: async () => {
      child.send("worked?");
      return (await heard()).worked;
    },
    stop: () => child.kill(),
  };
}

/** Next serves what was built. */
function buildNext() {
  const script = fileURLToPath(new URL("servers/next.js", import.meta.url));
  const env = { ...process.env, NODE_ENV: "production", NEXT_TELEMETRY_DISABLED: "1" };
  const { status } = spawnSync(process.execPath, [script, "build"], { stdio: "inherit", env });
  if (status !== 0) throw new Error("the routes of Next could not be built");
}

/** Each starts all servers again: two processes of one server differ by a tenth for as long as they run. */
const generations = 7;
/** Of a second, in each generation. */
const rounds = 4;
/** Seconds that do not count: until then code runs, and is compiled, that is compiled later. */
const warmUp = 4;

/**
 * Requests a second with a repeated token, and the processor time that the server takes for one. The servers take
 * turns; of all rounds the median counts, and of a comparison the median of the rounds' ratios.
 * @param {Framework} framework
 */
export async function throughput(framework) {
  if (framework === "Next 16") buildNext();
  const { peer, others, least, isPlanned = false } = frameworks[framework];
  const redis = isPlanned ? await startRedis() : undefined;
  if (isPlanned && redis === undefined) {
    console.log(`\n${framework}: not measured, since redis-server is not installed`);
    return undefined;
  }
  process.env["REDIS_URL"] = redis?.url ?? "";
  const kinds = ["bare", "authmodes", ...(peer === undefined ? [] : [peer]), ...others];
  /** @type {Record<string, { rates: number[], micros: number[] }>} */
  const results = Object.fromEntries(kinds.map((kind) => [kind, { rates: [], micros: [] }]));
  const provider = await startProvider();
  const good = isPlanned ? goodKey : mint(provider.signers[0], { iss: provider.url, aud: audience });
  const bad = `${good.slice(0, -8)}AAAAAAAA`;
  /** @returns {Record<string, string>} */
  const carrying = (/** @type {string} */ text) =>
    isPlanned ? { "x-api-key": text } : { authorization: `Bearer ${text}` };
  const options = { headers: carrying(good), connections: 16 };
  for (let generation = 0; generation < generations; generation++) {
    const servers = await Promise.all(kinds.map((kind) => startServer(framework, kind, provider)));
    for (const { url } of servers.slice(1, peer === undefined ? 2 : 3)) {
      await answers(url, carrying(good), carrying(bad));
    }
    for (const { url } of servers) await autocannon({ url, ...options, duration: warmUp });
    for (let round = 0; round < rounds; round++) {
      // The contestants take turns at going first.
      for (let turn = 0; turn < kinds.length; turn++) {
        const next = (turn + round + generation) % kinds.length;
        const { url, worked } = servers[next];
        const before = await worked();
        const { requests } = await autocannon({ url, ...options, duration: 1 });
        const micros = ((await worked()) - before) / requests.total;
        results[kinds[next]].rates.push(requests.average);
        results[kinds[next]].micros.push(micros);
      }
    }
    for (const server of servers) server.stop();
  }
  provider.close();
  redis?.stop();
  return { results, peer, least };
}

/** @typedef {Record<string, string>} Headers */
/** What does not verify is fast. @param {string} url @param {Headers} good @param {Headers} bad */
async function answers(url, good, bad) {
  for (const [headers, expected] of /** @type {const} */ ([
    [good, 200],
    [bad, 401],
  ])) {
    const { status } = await fetch(url, { headers });
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
