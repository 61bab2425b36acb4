import { AuthError } from "../refusal/error.ts";

/**
 * A signature that cannot be read. AWS's text goes along up to where it would repeat the request: nothing of a header
 * is ever sent back.
 */
export function malformed(reason: string, awsMessage: string, detail?: string): AuthError {
  return new AuthError("credentials_malformed", reason, {
    awsType: "IncompleteSignatureException",
    awsMessage,
    ...(detail !== undefined && { detail }),
  });
}

/** A signature that was read and is not good; without a text of its own AWS's for a mismatch is given. */
export function refused(reason: string, detail: string, awsMessage?: string): AuthError {
  return new AuthError("credentials_refused", reason, {
    awsType: "InvalidSignatureException",
    detail,
    ...(awsMessage !== undefined && { awsMessage }),
  });
}

/** An access key or session token that is no good: one answer, whichever of the two and why. */
export function unrecognised(reason: string, detail: string): AuthError {
  return new AuthError("credentials_refused", reason, {
    awsType: "UnrecognizedClientException",
    awsMessage: "The security token included in the request is invalid.",
    detail,
  });
}
