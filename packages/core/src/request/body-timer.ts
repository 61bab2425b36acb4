import { AuthError } from "../refusal/error.ts";

// What the views of all servers have in common when they read a body.

/** A body that pauses for longer than this is given up; in milliseconds of real time, whatever the auth's clock says. */
const longestSilence = 30_000;
/** So is one that takes longer in total. */
const longestTotal = 300_000;

/** Limits how long a body may take. */
export class BodyTimer {
  readonly #giveUp: (error: AuthError) => void;
  readonly #total: ReturnType<typeof setTimeout>;
  #silence: ReturnType<typeof setTimeout>;

  /** @param giveUp called once, with the error to reject the request with */
  constructor(giveUp: (error: AuthError) => void) {
    this.#giveUp = giveUp;
    this.#total = this.#wait(longestTotal, "in total");
    this.#silence = this.#wait(longestSilence, "without a byte");
  }

  /** Some of the body arrived. */
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
      const detail = `the body did not arrive whole: ${milliseconds / 1000} s ${how}`;
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
    detail: "the body did not arrive whole",
  });
}

/**
 * The body, unless it is longer than this reader takes.
 * @throws AuthError `body_too_large`
 */
export function limited(bytes: Uint8Array, maxBytes: number): Uint8Array {
  if (bytes.byteLength > maxBytes) throw bodyTooLarge(maxBytes);
  return bytes;
}
