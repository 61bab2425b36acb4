/** What travels, one of these a hop. The headers are the caller's own: credentials are added when it is sent. */
export interface Outgoing {
  readonly method: string;
  readonly url: URL;
  readonly headers: Headers;
  /** Bytes can be sent again, a stream cannot. */
  readonly body: Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array> | undefined;
}

/**
 * Reads a request, its body into bytes unless it is a stream: once, so that every hop and retry sends the same.
 * @param given the body that the request was made with; without one it is that of another `Request`, of which nobody
 *   can tell what it was made from
 */
export async function outgoing(request: Request, given: RequestInit["body"]): Promise<Outgoing> {
  const { method, headers, body } = request;
  const url = new URL(request.url);
  if (body === null) return { method, url, headers, body: undefined };
  if (given === undefined || given === null || isStream(given)) return { method, url, headers, body };
  return { method, url, headers, body: new Uint8Array(await request.arrayBuffer()) };
}

function isStream(given: NonNullable<RequestInit["body"]>): boolean {
  return given instanceof ReadableStream || (typeof given === "object" && Symbol.asyncIterator in given);
}

/**
 * Reads a stream to its end.
 * @param aborted rejects when the caller loses interest
 * @throws TypeError over `maxBytes`, having read no further
 */
export async function readAhead(
  stream: ReadableStream<Uint8Array>,
  maxBytes: number,
  aborted: Promise<never>,
): Promise<Uint8Array<ArrayBuffer>> {
  const reader = stream.getReader();
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for (;;) {
      const { done, value } = await Promise.race([reader.read(), aborted]);
      if (done) return concat(chunks, size);
      chunks.push(value);
      size += value.byteLength;
      if (size > maxBytes) {
        throw new TypeError(
          `createAuthFetch(): a streamed body to be signed is over ${maxBytes} bytes ('buffer')`,
        );
      }
    }
  } catch (error) {
    reader.cancel(error).catch(() => undefined);
    throw error;
  }
}

function concat(chunks: readonly Uint8Array[], size: number): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(size);
  let offset = 0;
  for (const chunk of chunks) {
    all.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return all;
}
