import { fork } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { fileURLToPath } from "node:url";
import { host } from "./hostile/auths.js";
import { hostileRows } from "./hostile/requests.js";
import { median, medianRatio } from "./measure.js";
import { makeSigner } from "./tokens.js";

/** Each starts the server again. */
const generations = 5;
const rounds = 5;
/** Rounds that do not count: until then code runs that is compiled later. */
const warmUp = 3;
/** Requests of each kind in a round, sent at once: a server that waits for each takes longer for small ones. */
const times = 30;
/** Then as many hostile ones, one by one. */
const singles = 30;

/**
 * The processor time that a server takes for a hostile request, from its bytes to its answer, beside that for a small
 * one; and the longest that one kept the event loop. Of the first single one of each process the quickest counts, and
 * so on: other work on the machine only adds to it.
 * @returns {AsyncGenerator<{ what: string, small: number, hostile: number, ratio: number, longest: number }>} in
 *   microseconds
 */
export async function* hostile() {
  const signer = makeSigner("RS256");
  const { length } = await hostileRows(signer);
  for (let index = 0; index < length; index++) {
    /** @type {Record<"small" | "hostile", number[]>} */
    const micros = { small: [], hostile: [] };
    /** @type {number[][]} */
    const blocks = [];
    let what = "";
    for (let generation = 0; generation < generations; generation++) {
      const row = (await hostileRows(signer))[index]; // signatures are good for five minutes
      what = row.what;
      const server = await startServer(row.auth, signer.jwk);
      for (let round = -warmUp; round < rounds; round++) {
        for (const kind of /** @type {const} */ (["hostile", "small"])) {
          const before = await server.worked();
          await server.send(row[kind], row.reason, times);
          const spent = (await server.worked()) - before;
          if (round >= 0) micros[kind].push(spent / times);
        }
      }
      for (let i = 0; i < singles; i++) await server.send(row.hostile, row.reason, 1);
      blocks.push((await server.blocks()).slice(-singles));
      server.stop();
    }
    const ratio = medianRatio(micros.hostile, micros.small);
    const [small, hostile] = [median(micros.small), median(micros.hostile)];
    const quickest = blocks[0].map((_, i) => Math.min(...blocks.map((block) => block[i])));
    yield { what, small, hostile, ratio, longest: Math.max(...quickest) };
  }
}

/** @param {string} auth @param {object} jwk */
async function startServer(auth, jwk) {
  const script = fileURLToPath(new URL("hostile/server.js", import.meta.url));
  const child = fork(script, [auth, JSON.stringify(jwk)]);
  const heard = async () => (await once(child, "message"))[0];
  const port = await heard();
  const socket = connect(port, "127.0.0.1");
  await once(socket, "connect");
  /** @param {"worked" | "blocks"} what in microseconds */
  const ask = async (what) => {
    child.send(what);
    return heard();
  };
  return {
    /** @returns {Promise<number>} */
    worked: () => ask("worked"),
    /** @returns {Promise<number[]>} */
    blocks: () => ask("blocks"),
    /** @param {import("./hostile/requests.js").Request} request @param {string} reason @param {number} times */
    async send(request, reason, times) {
      const bytes = bytesOf(request);
      socket.write(Buffer.concat(Array(times).fill(bytes)));
      let text = "";
      const answers = () => [...text.matchAll(/^x-reason: (.*)\r\n(?:.+\r\n)*\r\n/gm)];
      while (answers().length < times) text += (await once(socket, "data"))[0].toString("latin1");
      const other = answers().find(([, seen]) => seen !== reason);
      if (other !== undefined) throw new Error(`expected ${reason}, got ${other[1]}`);
    },
    stop() {
      socket.destroy();
      child.kill();
    },
  };
}

/** @param {import("./hostile/requests.js").Request} request */
function bytesOf({ method = "GET", target = "/orders/7", headers, body = "" }) {
  const all = [["Host", host], ...headers, ...(body === "" ? [] : [["Content-Length", String(body.length)]])];
  const lines = all.map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.from(`${method} ${target} HTTP/1.1\r\n${lines.join("")}\r\n${body}`, "latin1");
}
