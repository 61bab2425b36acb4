import { requestHeadersOf } from "@authmodes/core/inspect";
import { type Auth, AuthError, type Identity, type RequestView } from "@authmodes/core";
import type { CallerAnswer } from "./api.ts";
import type { Call } from "./call.ts";
import { Refusal } from "./reply.ts";

const maxLength = 16_384;

/** Returns the headers in which a credential can be pasted. A signature is valid for its own request only. */
export function credentialHeaders(auth: Auth): readonly string[] {
  return requestHeadersOf(auth).filter((name) => !/^(?:x-amz-|amz-sdk-)/.test(name));
}

/**
 * Verifies a pasted credential with the modes of the server, as if a request carried nothing else.
 * @throws {Refusal} unknown_header if no mode reads the header; no_credential if the value cannot be in a header
 */
export async function prove(auth: Auth, call: Call, body: unknown): Promise<CallerAnswer> {
  const { header, value } = Object(body) as Readonly<Record<string, unknown>>;
  if (typeof header !== "string" || !credentialHeaders(auth).includes(header)) {
    const known = credentialHeaders(auth).join(", ");
    throw new Refusal(400, "unknown_header", `The modes of this server read ${known || "no header"}.`);
  }
  if (typeof value !== "string" || !/^[\x20-\x7e]+$/.test(value) || value.length > maxLength) {
    throw new Refusal(
      400,
      "no_credential",
      "A credential is text without line breaks, of at most 16384 characters.",
    );
  }
  try {
    const identity = await auth.authenticate(viewOf(call, header, value));
    if ("error" in identity && identity.error instanceof AuthError) throw identity.error;
    return { outcome: "verified", identity: identity as Identity };
  } catch (error) {
    if (!(error instanceof AuthError)) throw error;
    return { outcome: "refused", code: error.code, reason: error.reason, detail: error.detail ?? null };
  }
}

function viewOf({ view, host }: Call, header: string, value: string): RequestView {
  return {
    method: view.method,
    target: view.target,
    host,
    rawHeaders: [header, value],
    exact: view.exact,
    header: (name) => (name === header ? value : undefined),
    body: () => Promise.resolve(new Uint8Array()),
  };
}
