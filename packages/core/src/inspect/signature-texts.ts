import { crypto } from "#crypto";
import { hasSignedQuery, isSignature } from "../auth/credentials.ts";
import { canonicalOf, readSignedRequest } from "../sigv4/signed-request.ts";
import { emptyHash, scopeText, stringToSign } from "../sigv4/signing.ts";
import type { RequestView } from "../types.ts";

/** What a signed request says of itself, and the texts that a verifier makes of it. Nothing is proven. */
export interface SignatureTexts {
  readonly place: "authorization" | "query";
  readonly accessKeyId: string;
  /** `20260115/us-east-1/execute-api/aws4_request` */
  readonly scope: string;
  readonly signedHeaders: readonly string[];
  /** When it was signed, in milliseconds since 1970. */
  readonly time: number;
  /** How long a presigned request asks to be good, in seconds. */
  readonly expires: number | undefined;
  /** With the values of signed headers, which may be secrets. */
  readonly canonicalRequest: string;
  readonly stringToSign: string;
}

const maxBodyBytes = 64 * 1024 * 1024;

/**
 * The canonical request and the string to sign of a request, as AWS's signers make them.
 * @returns undefined where the request is not signed
 * @throws AuthError where the signature is not well formed
 */
export async function signatureTexts(view: RequestView): Promise<SignatureTexts | undefined> {
  const inHeader = isSignature(view.header("authorization") ?? "");
  if (!inHeader && !hasSignedQuery(view.target)) return undefined;
  const place = inHeader ? "authorization" : "query";
  const request = readSignedRequest(view, place, { dotSegments: "normalise", requireSigned: [] });
  const { claim, headers, date, time, expires } = request;
  const payload = headers.get("x-amz-content-sha256") ?? (await hashOf(await view.body(maxBodyBytes)));
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

async function hashOf(body: Uint8Array): Promise<string> {
  return body.byteLength === 0 ? emptyHash : crypto.sha256Hex(body);
}
