/** A WebSocket client as the package `ws` knows it. */
export interface Client {
  once(event: "close", listener: () => void): unknown;
  close(code: number, reason: string): void;
}

/** RFC 6455 §7.4.1: a policy was violated. */
const policyViolation = 1008;
/** What a timer of Node can wait for, in milliseconds. */
const longestWait = 2 ** 31 - 1;

const ending = new WeakSet<Client>();

/**
 * Closes the connection when the credentials end.
 * @param expiresAt seconds since 1970; null where they do not
 */
export function endAt(client: Client, expiresAt: number | null): void {
  if (expiresAt === null || ending.has(client)) return;
  ending.add(client);
  waitUntil(expiresAt * 1000, client);
}

/** @param time milliseconds since 1970 */
function waitUntil(time: number, client: Client): void {
  const wait = Math.min(Math.max(time - Date.now(), 0), longestWait);
  const timer = setTimeout(() => {
    if (Date.now() >= time) client.close(policyViolation, "The credentials have expired");
    else waitUntil(time, client);
  }, wait);
  timer.unref();
  client.once("close", () => clearTimeout(timer));
}
