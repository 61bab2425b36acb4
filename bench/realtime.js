import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { median, medianRatio } from "./measure.js";
import { queries } from "./realtime/schema.js";

export const idleSockets = 5000;
export const subscribers = 1000;
const rounds = 15;
/** Rounds that do not count: until then code runs that is compiled later. */
const warmUp = 10;
/** Events in a round. */
const times = 5;

/** @typedef {"bare ws" | "open" | "guarded"} Kind */

/** A process that does what it is asked, one thing at a time. @param {string} file @param {readonly string[]} args */
async function start(file, args) {
  const script = fileURLToPath(new URL(`realtime/${file}.js`, import.meta.url));
  const child = fork(script, args, { execArgv: ["--expose-gc"] });
  child.once("exit", (code) => {
    if (code !== null) throw new Error(`${file} ${args.join(" ")}: ended with ${code}`);
  });
  const heard = async () => (await once(child, "message"))[0];
  const first = await heard();
  return {
    first,
    /** @param {string} what @param {unknown} [argument] @returns {Promise<any>} */
    ask(what, argument) {
      child.send([what, argument]);
      return heard();
    },
    stop: () => void child.kill(),
  };
}

/** A server, and the process of its clients. @param {Kind} kind */
async function serve(kind) {
  const server = await start("server", [kind]);
  const clients = await start("clients", [`127.0.0.1:${server.first}`]);
  return {
    server,
    clients,
    stop() {
      clients.stop();
      server.stop();
    },
  };
}

/**
 * What a socket keeps in memory, in KiB: all that the process got from the system, and what of it is in use.
 * @param {Kind} kind
 * @param {string} [query] what each socket subscribes to
 */
async function memoryOf(kind, query) {
  const { server, clients, stop } = await serve(kind);
  const first = 500; // for which code is compiled and buffers are made
  const callers = await server.ask("users", first + idleSockets);
  await clients.ask("connect", { callers: callers.slice(0, first), query });
  const before = await server.ask("memory");
  await clients.ask("connect", { callers: callers.slice(first), query });
  const after = await server.ask("memory");
  stop();
  const each = (/** @type {"rss" | "used"} */ what) => (after[what] - before[what]) / 1024 / idleSockets;
  return { rss: each("rss"), used: each("used") };
}

/** Idle sockets: bare ones, connected ones, and subscribed ones. */
export async function idle() {
  return {
    "bare ws": await memoryOf("bare ws"),
    connected: await memoryOf("guarded"),
    "and subscribed, without rules": await memoryOf("open", queries.posts),
    "and subscribed, with rules": await memoryOf("guarded", queries.posts),
  };
}

/** A thousand events a second beside idle sockets: ten subscribers decide about each, and one of them gets it. */
export async function busy() {
  const seconds = 5;
  const users = 10;
  const { server, clients, stop } = await serve("guarded");
  const callers = await server.ask("users", idleSockets);
  await clients.ask("connect", { callers });
  await clients.ask("connect", { callers: callers.slice(0, users), query: queries.notes });
  await server.ask("notes", { seconds: 1, users });
  const { p50, p99, max, load } = await server.ask("notes", { seconds, users });
  const received = await clients.ask("received", (1 + seconds) * 1000);
  stop();
  return { p50, p99, max, load, lost: (1 + seconds) * 1000 - received };
}

/** Processor time of the server for an event to a thousand subscribers, in milliseconds. */
export async function fanOut() {
  const contestants = {
    "without rules": await subscribed("open", queries.posts),
    "with rules": await subscribed("guarded", queries.posts),
    "with rules and a hidden field": await subscribed("guarded", queries.secrets),
  };
  const names = /** @type {(keyof typeof contestants)[]} */ (Object.keys(contestants));
  /** @type {Record<string, number[]>} */
  const micros = Object.fromEntries(names.map((name) => [name, []]));
  for (let round = -warmUp; round < rounds; round++) {
    for (let turn = 0; turn < names.length; turn++) {
      const name = names[(turn + round + warmUp) % names.length];
      const spent = await contestants[name].publish();
      if (round >= 0) micros[name].push(spent);
    }
  }
  for (const { stop } of Object.values(contestants)) stop();
  return {
    millis: Object.fromEntries(names.map((name) => [name, median(micros[name]) / 1000])),
    /** @param {string} name */
    ratio: (name) => medianRatio(micros[name], micros["without rules"]),
  };
}

/** @param {Kind} kind @param {string} query */
async function subscribed(kind, query) {
  const { server, clients, stop } = await serve(kind);
  await clients.ask("connect", { callers: await server.ask("users", subscribers), query });
  let due = 0;
  return {
    stop,
    /** @returns {Promise<number>} microseconds of an event */
    async publish() {
      const before = await server.ask("worked");
      for (let i = 0; i < times; i++) {
        await server.ask("publish");
        await clients.ask("received", (due += subscribers));
      }
      return ((await server.ask("worked")) - before) / times;
    },
  };
}
