import { AuthError } from "../refusal/error.ts";

// Shared by all views that read a body.

/** The longest pause of a body, in milliseconds of real time, not of the `clock` option. */
const longestSilence = 30_000;
/** The longest time of a whole body. */
const longestTotal = 300_000;

/** Limits how long a body may take. */
export class BodyTimer {
  readonly #giveUp: (error: AuthError) => void;
  readonly #total: ReturnType<typeof setTimeout>;
  #silence: ReturnType<typeof setTimeout>;

  /** @param giveUp called once, with the rejection */
  constructor(giveUp: (error: AuthError) => void) {
    this.#giveUp = giveUp;
    this.#total = this.#wait(longestTotal, "in total");
    this.#silence = this.#wait(longestSilence, "without a byte");
  }

  /** Called when a part of the body arrived. */
  heard(): void {
    clearTimeout(this.#silence);
    this.#silence = this.#wait(longestSilence, "without a byte");
  }

  stop(): void {
    clearTimeout(this.#silence);
    clearTimeout(this.#total);
  }

  #wait(milliseconds: number, how: string): ReturnType<typeof setTimeout> {
    return setTimeout(() => {
      this.stop();
      const detail = `the body did not arrive completely: ${milliseconds / 1000} s ${how}`;
      this.#giveUp(new AuthError("body_timeout", "body_timeout", { detail }));
    }, milliseconds);
  }
}

export function bodyTooLarge(maxBytes: number): AuthError {
  return new AuthError("body_too_large", "body_too_large", { detail: `the body is over ${maxBytes} bytes` });
}

export function bodyCut(cause: unknown): AuthError {
  return new AuthError("credentials_malformed", "body_cut", {
    cause,
    detail: "the connection closed before the body arrived completely",
  });
}

/**
 * Returns the body, unless it is longer than this reader allows.
 * @throws AuthError `body_too_large`
 */
export function limited(bytes: Uint8Array, maxBytes: number): Uint8Array {
  if (bytes.byteLength > maxBytes) throw bodyTooLarge(maxBytes);
  return bytes;
}
