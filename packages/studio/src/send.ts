import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { ReadableStream } from "node:stream/web";

/** A fetch-style answer on a server of `node:http`. Its stream is cancelled when the reader disconnects. */
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
  // Programs that are compiled with the types of browsers have another type of the same streams.
  const body: ReadableStream = Object(answer.body);
  // Whatever ends it, most often the reader, the connection is over.
  await pipeline(Readable.fromWeb(body), response).catch(() => response.destroy());
}
