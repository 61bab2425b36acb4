import { type Agent, type IncomingHttpHeaders, request as httpRequest } from "node:http";
import { connect } from "node:net";
import type { Writable } from "node:stream";
import { buffer, text } from "node:stream/consumers";
import { setTimeout } from "node:timers/promises";

/** Headers as name and value; a list can hold repeats. */
export type HeaderList = Readonly<Record<string, string>> | readonly (readonly [string, string])[];

/** A request that is sent as it is written: nothing is normalised, joined or added but the framing. */
export interface AuditRequest {
  /** Default GET. */
  readonly method?: string;
  /** Path and query. */
  readonly target: string;
  readonly headers?: HeaderList;
  readonly body?: Uint8Array | string;
  /** Sends the body in pieces with `Transfer-Encoding: chunked`. */
  readonly chunked?: boolean;
  /** Between the pieces. */
  readonly pauseMilliseconds?: number;
  readonly agent?: Agent;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

export function headerPairs(headers: HeaderList = []): readonly (readonly [string, string])[] {
  return Array.isArray(headers) ? headers : Object.entries(headers);
}

/** Sends through `node:http`, which leaves the target and the headers alone, as `fetch` does not. */
export function send(url: string, request: AuditRequest): Promise<Answer> {
  const { hostname, port, host } = new URL(url);
  const body = request.body === undefined ? undefined : Buffer.from(request.body);
  const pairs = [...headerPairs(request.headers)];
  const has = (name: string) => pairs.some(([own]) => own.toLowerCase() === name);
  if (!has("host")) pairs.unshift(["host", host]);
  if (request.chunked === true) pairs.push(["transfer-encoding", "chunked"]);
  else if (body !== undefined) pairs.push(["content-length", String(body.length)]);
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest({
      hostname,
      port,
      method: request.method ?? "GET",
      path: request.target,
      headers: pairs.flat(),
      ...(request.agent !== undefined && { agent: request.agent }),
    });
    outgoing.on("error", reject).on("response", (incoming) => {
      const { statusCode = 0, headers } = incoming;
      text(incoming).then((body) => resolve({ status: statusCode, headers, text: body }), reject);
    });
    if (body === undefined) outgoing.end();
    else void writePieces(outgoing, body, request);
  });
}

async function writePieces(outgoing: Writable, body: Buffer, request: AuditRequest): Promise<void> {
  const size = request.chunked === true ? 16_384 : body.length;
  for (let start = 0; start < body.length; start += size) {
    outgoing.write(body.subarray(start, start + size));
    if (request.pauseMilliseconds !== undefined) await setTimeout(request.pauseMilliseconds);
  }
  outgoing.end();
}

/** Sends this many bytes of the body, then breaks the connection off. */
export async function abandon(url: string, request: AuditRequest, bytes: number): Promise<void> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  const body = Buffer.from(request.body ?? "");
  const head = headOf(url, request, [`content-length: ${body.length}`]);
  await new Promise<void>((resolve) => {
    socket.on("error", () => {}).on("close", () => resolve());
    socket.write(Buffer.concat([Buffer.from(head, "latin1"), body.subarray(0, bytes)]), () =>
      socket.destroy(),
    );
  });
}

function headOf(url: string, request: AuditRequest, framing: readonly string[]): string {
  const headers = headerPairs(request.headers).map(([name, value]) => `${name}: ${value}`);
  const start = `${request.method ?? "GET"} ${request.target} HTTP/1.1`;
  return [start, `host: ${new URL(url).host}`, ...headers, ...framing, "", ""].join("\r\n");
}

/**
 * Sends requests at once on one connection (RFC 9112 §9.3.2) and reads until the server closes it.
 * @returns what came, heads and bodies
 */
export async function pipeline(url: string, requests: readonly AuditRequest[]): Promise<string> {
  const { hostname, port } = new URL(url);
  const texts = requests.map((request, index) => {
    const body = Buffer.from(request.body ?? "");
    const framing = body.length === 0 ? [] : [`content-length: ${body.length}`];
    if (index === requests.length - 1) framing.push("connection: close");
    return headOf(url, request, framing) + body.toString("latin1");
  });
  const socket = connect(Number(port), hostname);
  socket.write(texts.join(""), "latin1");
  return (await buffer(socket)).toString("latin1");
}
