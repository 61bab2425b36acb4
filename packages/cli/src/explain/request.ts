import { AuthError, type RequestView } from "@authmodes/core";

/** A request as the user wrote it down. */
export interface WrittenRequest {
  readonly method: string;
  readonly target: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Uint8Array;
}

/** Of these Node keeps the first; of other repeats it joins the values. */
const keptOnce = /^(?:authorization|content-type|content-length|host|user-agent)$/;

/**
 * The request as a server would see it.
 * @param publicHost the host that clients of the server use, if it has a public URL
 */
export function viewOf({ method, target, headers, body }: WrittenRequest, publicHost?: string): RequestView {
  const header = (lowerName: string): string | undefined => {
    const values = headers.filter(([name]) => name.toLowerCase() === lowerName).map(([, value]) => value);
    if (keptOnce.test(lowerName)) return values[0];
    return values.length === 0 ? undefined : values.join(lowerName === "cookie" ? "; " : ", ");
  };
  return {
    method,
    target,
    host: publicHost ?? header("host"),
    rawHeaders: headers.flat(),
    exact: true,
    header,
    async body(maxBytes) {
      if (body.byteLength <= maxBytes) return body;
      const detail = `the body is over ${maxBytes} bytes`;
      throw new AuthError("body_too_large", "body_too_large", { detail });
    },
  };
}
