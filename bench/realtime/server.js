// A server of WebSockets in a process of its own: `node --expose-gc server.js guarded`. Does what the parent asks.
import { createRealtime } from "@authmodes/graphql/realtime";
import { createTestKit } from "@authmodes/testing";
import { createServer } from "node:http";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { WebSocketServer } from "ws";
import { events, guardedSchema, openSchema } from "./schema.js";

const [kind = "guarded"] = process.argv.slice(2);
const kit = await createTestKit();
const server = createServer();
if (kind === "bare ws") {
  // It answers the first message, as clients wait for it.
  new WebSocketServer({ server }).on("connection", (socket) => {
    socket.on("message", () => socket.send('{"type":"connection_ack"}'));
  });
} else {
  const auth = kit.auth();
  auth.onEvent(() => {});
  const schema = kind === "open" ? openSchema() : guardedSchema();
  createRealtime({ auth, schema, context: (identity) => ({ identity }) }).attach(server);
}

const owner = (/** @type {string} */ name) => `${kit.userPool.sub(name)}::${name}`;
const post = { id: "1", title: "A title", text: "A text of some length. ".repeat(10), secret: "hidden" };

const answers = {
  /** Header objects of as many users. @param {number} count */
  users: (count) =>
    Promise.all(
      Array.from({ length: count }, async (_, i) => ({
        Authorization: await kit.userPool.token({ username: `u${i}` }),
      })),
    ),
  /** In microseconds. */
  worked() {
    const { user, system } = process.cpuUsage();
    return user + system;
  },
  /** In bytes, after the garbage is collected. */
  async memory() {
    for (let i = 0; i < 3; i++) {
      globalThis.gc?.();
      await sleep(200);
    }
    const { rss, heapUsed, external } = process.memoryUsage();
    return { rss, used: heapUsed + external };
  },
  publish: () => events.emit("onCreatePost", { ...post, owner: owner("somebody") }),
  /** Publishes a thousand notes a second, each of one of these users, in steps of 10 ms. @param {{ seconds: number, users: number }} how */
  async notes({ seconds, users }) {
    const owners = Array.from({ length: users }, (_, i) => owner(`u${i}`));
    const delay = monitorEventLoopDelay({ resolution: 10 });
    const before = answers.worked();
    const start = performance.now();
    delay.enable();
    let sent = 0;
    while (sent < seconds * 1000) {
      const due = Math.min(seconds * 1000, Math.floor(performance.now() - start));
      for (; sent < due; sent++)
        events.emit("onCreateNote", { id: String(sent), text: post.text, owner: owners[sent % users] });
      await sleep(10);
    }
    delay.disable();
    // What is measured is the time between two ticks of 10 ms.
    const late = (/** @type {number} */ nanos) => nanos / 1e6 - 10;
    const load = (answers.worked() - before) / (performance.now() - start) / 1000;
    return { p50: late(delay.percentile(50)), p99: late(delay.percentile(99)), max: late(delay.max), load };
  },
};

process.on("message", async ([name, argument]) => process.send?.((await answers[name](argument)) ?? null));
server.listen(0, "127.0.0.1", 4096, () => process.send?.(Object(server.address()).port));
