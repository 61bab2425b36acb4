// Clients of a server, in a process of their own: `node clients.js 127.0.0.1:1234`. They speak as Amplify's do.
import { once } from "node:events";
import { WebSocket } from "ws";

const [host = ""] = process.argv.slice(2);
/** How many connect at the same time. */
const atOnce = 50;
const received = { count: 0 };
/** @type {() => void} */
let wake = () => {};

/** @param {object} headers @param {string} [query] */
async function connect(headers, query) {
  const authorization = { host, ...headers };
  const credentials = Buffer.from(JSON.stringify(authorization)).toString("base64url");
  const protocols = ["graphql-ws", `header-${credentials}`];
  const socket = new WebSocket(`ws://${host}/graphql/realtime`, protocols, { perMessageDeflate: false });
  /** Several messages may arrive at once. @param {string} type */
  const heard = (type) =>
    new Promise((resolve, reject) => {
      socket.on("message", function listen(message) {
        const text = String(message);
        if (text.includes('error"')) reject(new Error(text));
        if (!text.includes(`"type":"${type}"`)) return;
        socket.off("message", listen);
        resolve(undefined);
      });
    });
  await once(socket, "open");
  socket.send('{"type":"connection_init"}');
  await heard("connection_ack");
  if (query !== undefined) {
    const data = JSON.stringify({ query });
    socket.send(JSON.stringify({ id: "1", type: "start", payload: { data, extensions: { authorization } } }));
    await heard("start_ack");
  }
  socket.on("message", (message) => {
    if (!String(message).includes('"type":"data"')) return;
    received.count++;
    wake();
  });
}

const answers = {
  /** @param {{ callers: readonly object[], query?: string }} all */
  async connect({ callers, query }) {
    for (let i = 0; i < callers.length; i += atOnce)
      await Promise.all(callers.slice(i, i + atOnce).map((headers) => connect(headers, query)));
  },
  /** Waits until so many events have arrived in all. @param {number} count */
  async received(count) {
    while (received.count < count) await new Promise((resolve) => (wake = () => resolve(undefined)));
    return received.count;
  },
};

process.on("message", async ([name, argument]) => process.send?.((await answers[name](argument)) ?? null));
process.send?.("ready");
