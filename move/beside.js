// A server beside the old one: both decide each request, and the client gets the answer of the old one alone.

import { once } from "node:events";
import { createServer } from "node:http";
import { buffer } from "node:stream/consumers";

/** @typedef {{ status?: number, data?: any, errors?: { path?: (string | number)[], errorType?: string }[] }} Answer */
/** @typedef {{ caller: string, mode: string, operation: string, old: Answer, ours: Answer, reasons: string[] }} Compared */

/**
 * Starts the endpoint that the client calls in place of the old one.
 * @param {string} oldUrl
 * @param {{ fetch(request: Request, context: import("./ours.js").Explained): Promise<Response> | Response }} ours
 *   decides first, since the old one's writes change what decisions are about
 * @param {(compared: Compared) => void} report
 */
export async function startBeside(oldUrl, ours, report) {
  return serve(async (incoming, response) => {
    const headers = Object.entries(incoming.headers).flatMap(([name, value]) =>
      ["content-type", "x-api-key", "authorization"].includes(name) ? [[name, String(value)]] : [],
    );
    const body = await buffer(incoming);
    const ask = () => new Request(oldUrl, { method: "POST", headers: Object.fromEntries(headers), body });
    /** @type {string[]} */
    const reasons = [];
    const explain = (/** @type {string} */ reason) => void reasons.push(reason);
    // An error of ours is a difference, and no harm to the client.
    const decided = await answerOf(async () => ours.fetch(ask(), { explain })).catch((error) => ({
      status: 500,
      errors: [{ errorType: String(error) }],
    }));
    const old = await answerOf(() => fetch(ask()));
    const { status, ...answer } = old;
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(answer));
    report({ ...aboutRequest(incoming.headers, JSON.parse(String(body))), ours: decided, old, reasons });
  });
}

/** @param {() => Promise<Response>} ask */
async function answerOf(ask) {
  const response = await ask();
  return { status: response.status, ...(await response.json()) };
}

/** @param {import("node:http").RequestListener} listener */
export async function serve(listener) {
  const server = createServer(listener).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  return { url: `http://127.0.0.1:${port}/graphql`, stop: () => void server.close().closeAllConnections() };
}

/** @param {import("node:http").IncomingHttpHeaders} headers @param {{ query: string, variables?: any }} body */
function aboutRequest({ authorization }, { query, variables }) {
  const payload = Buffer.from(authorization?.split(".")[1] ?? "", "base64url").toString();
  const id = variables?.id ?? variables?.input?.id;
  const field = /\{\s*(\w+)/.exec(query)?.[1] ?? query;
  return {
    caller: payload === "" ? "visitor" : JSON.parse(payload).username,
    mode: payload === "" ? "apiKey" : "userPool",
    operation: id === undefined ? field : `${field} ${masked(id)}`,
  };
}

/**
 * What decisions are compared by: everything but error messages, the order of lists, and ids and times that each server
 * makes.
 * @param {Answer} answer
 */
export function comparable({ status, data, errors = [] }) {
  const lines = errors.map(
    ({ path, errorType }) => `${errorType} ${path?.filter((part) => typeof part === "string").join(".")}`,
  );
  return JSON.stringify({ status, data, errors: lines.toSorted() }, (key, value) => {
    if (["createdAt", "updatedAt"].includes(key)) return "(time)";
    if (key === "id") return masked(value);
    return Array.isArray(value) ? value.toSorted((a, b) => (String(a.id) < String(b.id) ? -1 : 1)) : value;
  });
}

/** @param {string} id */
function masked(id) {
  return /^[-\da-f]{36}$/.test(id) ? "(new)" : id;
}

/** A decision in a few words. @param {Answer} answer */
export function inWords({ status, data, errors = [] }) {
  if (status !== 200) return `${status} ${errors[0]?.errorType}`;
  const [value] = Object.values(data ?? {});
  if (value === null || value === undefined) return errors.length > 0 ? "denied" : "null";
  const hidden = new Set(errors.map(({ path }) => path?.at(-1)));
  const count = value.items?.length;
  const what = count === undefined ? "allowed" : `${count} record${count === 1 ? "" : "s"}`;
  return hidden.size > 0 ? `${what} without ${[...hidden].join(", ")}` : what;
}
