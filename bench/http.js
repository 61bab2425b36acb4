import autocannon from "autocannon";
import { fork } from "node:child_process";
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";
import { median } from "./measure.js";
import { makeSigner, mint } from "./tokens.js";

const audience = "https://api.example.com";
const script = fileURLToPath(new URL("servers/server.js", import.meta.url));

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

/** @param {string} kind @param {string} providerUrl */
async function startServer(kind, providerUrl) {
  const child = fork(script, [kind, providerUrl], { env: { ...process.env, NODE_ENV: "production" } });
  const port = await new Promise((resolve) =>
    child.once("message", (message) => resolve(/** @type {{ port: number }} */ (message).port)),
  );
  return { url: `http://127.0.0.1:${port}`, stop: () => child.kill() };
}

/** @param {string} url @param {Record<string, string>} headers @param {object} [more] */
async function load(url, headers, more = {}) {
  return autocannon({ url, headers, connections: 16, duration: 2, ...more });
}

/** Requests a second, the servers taking turns. Medians. */
export async function throughput() {
  const provider = await startProvider();
  const token = mint(provider.signers[0], { iss: provider.url, aud: audience });
  const bad = `${token.slice(0, -8)}AAAAAAAA`;
  const kinds = ["bare", "authmodes", "express-oauth2-jwt-bearer"];
  const servers = Object.fromEntries(
    await Promise.all(kinds.map(async (kind) => [kind, await startServer(kind, provider.url)])),
  );
  const loads = {
    bare: [servers.bare, token],
    authmodes: [servers.authmodes, token],
    "express-oauth2-jwt-bearer": [servers["express-oauth2-jwt-bearer"], token],
    "authmodes, refused": [servers.authmodes, bad],
    "express-oauth2-jwt-bearer, refused": [servers["express-oauth2-jwt-bearer"], bad],
  };
  /** @type {Record<string, number[]>} */
  const rates = {};
  for (let round = -1; round < 5; round++) {
    for (const [name, [server, sent]] of Object.entries(loads)) {
      const result = await load(server.url, { authorization: `Bearer ${sent}` });
      if (round >= 0) (rates[name] ??= []).push(result.requests.average);
    }
  }
  for (const server of Object.values(servers)) server.stop();
  provider.close();
  return Object.fromEntries(
    Object.entries(rates).map(([name, values]) => [name, Math.round(median(values))]),
  );
}

/** Latency and wrong answers while keys rotate, the provider hangs and one token in ten is bad. */
export async function trouble() {
  const provider = await startProvider();
  const server = await startServer("authmodes", provider.url);
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
