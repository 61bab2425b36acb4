// New orders as they are made, by AppSync's protocol for subscriptions. Amplify's clients do the same:
// client.graphql({ query: "subscription { onCreateOrder { … } }" }). The shop on Next.js uses this file too.

const pause = 2000;

/** Calls back with the state and each new order, and connects again until it is denied. Returns a function that stops. */
export function followOrders({ messages, onState, onOrder }) {
  let socket;
  let timer;
  let isOver = false;
  const stop = () => {
    isOver = true;
    clearTimeout(timer);
    socket?.close();
  };
  const tryAgain = () => {
    if (isOver) return;
    onState("waiting");
    timer = setTimeout(connect, pause);
  };

  async function connect() {
    // Asked for each connection, because signatures and tokens expire.
    const credentials = await messages().catch(() => undefined);
    if (credentials === undefined) return tryAgain();
    if (isOver) return;
    // Not in the URL, which is logged on the way.
    const protocols = ["graphql-ws", `header-${base64url(credentials.connect)}`];
    socket = new WebSocket(`${location.origin.replace("http", "ws")}/graphql/realtime`, protocols);
    const send = (message) => socket.send(JSON.stringify(message));
    socket.addEventListener("open", () => send({ type: "connection_init" }));
    socket.addEventListener("message", (event) => {
      const { type, payload } = JSON.parse(event.data);
      if (type === "connection_ack") send({ id: "orders", type: "start", payload: credentials.start });
      if (type === "start_ack") onState("live");
      if (type === "data" && payload.data?.onCreateOrder) onOrder(payload.data.onCreateOrder);
      if (type === "error" || type === "connection_error") failed(payload.errors[0]);
    });
    socket.addEventListener("close", tryAgain);
  }

  function failed({ errorType = "", message }) {
    if (!errorType.startsWith("Unauthorized")) return socket.close();
    stop();
    onState("denied", message);
  }

  void connect();
  return stop;
}

function base64url(headers) {
  return btoa(JSON.stringify(headers)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
