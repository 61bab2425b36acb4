import { hasSignedQuery, isSignature } from "../auth/credentials.ts";
import { canonicalOf, readSignedRequest } from "../sigv4/signed-request.ts";
import { bodyHash, scopeText, stringToSign } from "../sigv4/signing.ts";
import type { RequestView } from "../types.ts";

/** The parts of a signed request, and the texts that its signature covers. Nothing is verified. */
export interface SignatureTexts {
  readonly place: "authorization" | "query";
  readonly accessKeyId: string;
  /** `20260115/us-east-1/execute-api/aws4_request` */
  readonly scope: string;
  readonly signedHeaders: readonly string[];
  /** When it was signed, in milliseconds since 1970. */
  readonly time: number;
  /** How long a presigned request asks to be valid, in seconds. */
  readonly expires: number | undefined;
  /** Holds the values of signed headers, which may be secrets. */
  readonly canonicalRequest: string;
  readonly stringToSign: string;
}

const maxBodyBytes = 64 * 1024 * 1024;

/**
 * Returns the canonical request and the string to sign of a request, to compare with those of a signer.
 * @returns undefined if the request is not signed
 * @throws AuthError if the signature is malformed
 * @example
 * import { fetchView } from "@authmodes/core/fetch";
 * import { signatureTexts } from "@authmodes/core/inspect";
 *
 * export async function canonicalRequestOf(request: Request): Promise<string | undefined> {
 *   return (await signatureTexts(fetchView(request)))?.canonicalRequest;
 * }
 */
export async function signatureTexts(view: RequestView): Promise<SignatureTexts | undefined> {
  const inHeader = isSignature(view.header("authorization") ?? "");
  if (!inHeader && !hasSignedQuery(view.target)) return undefined;
  const place = inHeader ? "authorization" : "query";
  const request = readSignedRequest(view, place, { dotSegments: "normalise", requireSigned: [] });
  const { claim, headers, date, time, expires } = request;
  const payload = headers.get("x-amz-content-sha256") ?? (await bodyHash(await view.body(maxBodyBytes)));
  const canonicalRequest = canonicalOf(request, payload);
  return {
    place,
    accessKeyId: claim.accessKeyId,
    scope: scopeText(claim.scope),
    signedHeaders: claim.signed.names,
    time,
    expires,
    canonicalRequest,
    stringToSign: await stringToSign(date, claim.scope, canonicalRequest),
  };
}
