import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { createAuth } from "../auth/auth.ts";
import type { AuthOptions } from "../auth/options.ts";
import { AuthError } from "../refusal/error.ts";
import type { AuthEvent } from "../auth/events.ts";
import { type AccessKey, iam, type IamOptions } from "../modes/iam.ts";
import { nodeView } from "../request/node.ts";
import { type Draft, testSecret, testTime } from "./sigv4-signer.ts";

/** What came back, and what the server's log says of it. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly event: AuthEvent | undefined;
}

export const machine: AccessKey = {
  secretAccessKey: testSecret,
  accountId: "123456789012",
  userArn: "arn:aws:iam::123456789012:user/batch/machine",
};

export const keys: ReadonlyMap<string, AccessKey> = new Map<string, AccessKey>([["AKIDEXAMPLE", machine]]);

/** A server of `node:http` that verifies signatures and then reads the body as any handler would. */
export class IamServer {
  /** What it takes for the time, in milliseconds since 1970. */
  now: number = testTime;
  readonly events: AuthEvent[] = [];
  readonly #server: Server;

  private constructor(options: Partial<IamOptions>, authOptions: AuthOptions) {
    const mode = iam({ region: "us-east-1", credentials: (id) => keys.get(id), ...options });
    const auth = createAuth([mode], { clock: () => this.now, ...authOptions });
    auth.onEvent((event) => this.events.push(event));
    this.#server = createServer((request, response) => {
      auth.authenticate(nodeView(request)).then(
        (identity) => answer(request, response, identity),
        (error: unknown) => refuse(response, error),
      );
    });
  }

  static async start(options: Partial<IamOptions> = {}, authOptions: AuthOptions = {}): Promise<IamServer> {
    const server = new IamServer(options, authOptions);
    await new Promise<void>((resolve) => server.#server.listen(0, "127.0.0.1", resolve));
    return server;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** As clients that were told this address name it. */
  get host(): string {
    return `127.0.0.1:${this.port}`;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  /** Sends it byte by byte as it stands, on a connection of its own. */
  async send(draft: Draft): Promise<Answer> {
    const { method = "GET", target, headers, body = "" } = draft;
    const length = body.length > 0 ? [["Content-Length", String(Buffer.byteLength(body))]] : [];
    const lines = [...headers, ...length].map(([name, value]) => `${name}: ${value}\r\n`);
    const head = Buffer.from(`${method} ${target} HTTP/1.1\r\n${lines.join("")}\r\n`, "latin1");
    const seen = this.events.length;
    const response = await exchange(this.port, Buffer.concat([head, Buffer.from(body)]));
    return { ...response, event: this.events[seen] };
  }
}

async function answer(request: IncomingMessage, response: ServerResponse, identity: object): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  response.end(JSON.stringify({ ...identity, body: Buffer.concat(chunks).toString("latin1") }));
}

function refuse(response: ServerResponse, error: unknown): void {
  if (!(error instanceof AuthError)) throw error;
  response.statusCode = error.reply.status;
  for (const [name, value] of Object.entries(error.reply.headers)) response.setHeader(name, value);
  response.end(error.reply.body);
}

/** The first answer to raw bytes. */
export function exchange(port: number, bytes: Buffer): Promise<Omit<Answer, "event">> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    let whole: number | undefined;
    const socket = connect(port, "127.0.0.1", () => socket.write(bytes));
    socket.on("error", reject).on("close", () => resolve(parse(Buffer.concat(chunks).toString("latin1"))));
    socket.on("data", (chunk) => {
      chunks.push(chunk);
      size += chunk.length;
      // Looking through all that came at each chunk would take seconds for a large body.
      whole ??= wholeSize(Buffer.concat(chunks).toString("latin1"), bytes);
      if (whole !== undefined && size >= whole) socket.destroy();
    });
  });
}

/** The size of an answer, as its head says; undefined until the head is there. */
function wholeSize(text: string, request: Buffer): number | undefined {
  const end = text.indexOf("\r\n\r\n");
  if (end === -1) return undefined;
  const length = Number(/^content-length: (\d+)/im.exec(text.slice(0, end))?.[1]);
  return end + 4 + (request.subarray(0, 5).toString() === "HEAD " ? 0 : length);
}

function parse(text: string): Omit<Answer, "event"> {
  const end = text.indexOf("\r\n\r\n");
  const [status = "", ...lines] = text.slice(0, end).split("\r\n");
  const headers = lines
    .map((line) => line.split(/: (.*)/s, 2))
    .map(([name = "", value = ""]) => [name.toLowerCase(), value]);
  return {
    status: Number(status.split(" ")[1]),
    headers: Object.fromEntries(headers) as Record<string, string>,
    body: text.slice(end + 4),
  };
}
