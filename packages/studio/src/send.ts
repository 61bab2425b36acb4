import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { ReadableStream } from "node:stream/web";

/** Sends a `Response` on a server of `node:http`. Its stream is cancelled when the client disconnects. */
export async function send(
  answer: Response,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  response.statusCode = answer.status;
  response.setHeaders(answer.headers);
  if (answer.body === null || request.method === "HEAD") {
    await answer.body?.cancel();
    response.end();
    return;
  }
  // Programs that are compiled with browser types have another type for the same streams.
  const body: ReadableStream = Object(answer.body);
  // Most often the client disconnected. In any case the connection is over.
  await pipeline(Readable.fromWeb(body), response).catch(() => response.destroy());
}
