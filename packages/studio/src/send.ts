import type { IncomingMessage, ServerResponse } from "node:http";

/** A fetch-style answer on a server of `node:http`. A stream ends when whoever reads it goes. */
export async function send(
  answer: Response,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  response.statusCode = answer.status;
  for (const [name, value] of answer.headers) response.setHeader(name, value);
  const reader = answer.body?.getReader();
  if (reader === undefined || request.method === "HEAD") {
    await reader?.cancel();
    response.end();
    return;
  }
  response.on("close", () => void reader.cancel().catch(() => undefined));
  response.flushHeaders();
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    if (response.destroyed) return;
    if (!response.write(part.value)) await drained(response);
  }
  response.end();
}

/** Whoever reads slowly is waited for, and whoever is gone is not. */
function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      response.off("drain", done).off("close", done);
      resolve();
    };
    response.on("drain", done).on("close", done);
  });
}
