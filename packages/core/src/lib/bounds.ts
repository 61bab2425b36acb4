/** For key sets and tokens. API Gateway's JWT authorizers read 150 KiB of a key set. */
export const maxAnswerBytes: number = 256 * 1024;

/**
 * Reads the text of another server's answer.
 * @returns undefined if it is over `maxBytes`; the rest is not read
 */
export async function boundedText(response: Response, maxBytes: number): Promise<string | undefined> {
  const bytes = response.body ? await readAtMost(response.body.getReader(), maxBytes) : new Uint8Array();
  return bytes && new TextDecoder().decode(bytes);
}

/**
 * Reads a stream to its end, or until its reader is cancelled.
 * @param heard called when a part arrived
 * @returns undefined if there are more than `maxBytes`; the rest is not read
 */
export async function readAtMost(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  maxBytes: number,
  heard?: () => void,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return joined(chunks, size);
    heard?.();
    chunks.push(value);
    size += value.byteLength;
    if (size > maxBytes) break;
  }
  reader.cancel().catch(() => undefined);
  return undefined;
}

/**
 * How many parameters a query may have if the decision depends on it. The parsers of Express (`qs`) and Node
 * (`querystring`) ignore any parameter beyond.
 */
export const maxParameters = 1000;

export function hasTooManyParameters(query: string): boolean {
  return query.split("&", maxParameters + 1).length > maxParameters;
}

const window = 60_000;

/** Limits the number of uses in any minute. Times are milliseconds since 1970. */
export class Budget {
  readonly #size: number;
  /** The times of the latest uses, oldest first. */
  readonly #uses: number[] = [];

  constructor(size: number) {
    this.#size = size;
  }

  /** Takes a use, if one is left. */
  take(now: number): boolean {
    if (this.wait(now) > 0) return false;
    this.#uses.push(now);
    if (this.#uses.length > this.#size) this.#uses.shift();
    return true;
  }

  /** The time until a use is left. Setting the clock back frees the uses after its new time. */
  wait(now: number): number {
    const [oldest] = this.#uses;
    if (oldest === undefined || this.#uses.length < this.#size) return 0;
    return Math.max(0, window - Math.abs(now - oldest));
  }
}

/** @param size the length of all chunks */
function joined(chunks: readonly Uint8Array[], size: number): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(size);
  let offset = 0;
  for (const chunk of chunks) {
    all.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return all;
}
