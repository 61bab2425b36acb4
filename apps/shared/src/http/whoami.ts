import type { Identity } from "@authmodes/core";
import { HttpError } from "./http-error.ts";

const common = "mode id groups scopes expiresAt";
const cognito = "cognitoIdentityId cognitoIdentityPoolId cognitoIdentityAuthType";
const fields: Readonly<Record<Identity["mode"], string>> = {
  apiKey: "keyId",
  iam: `accountId userArn username ${cognito}`,
  userPool: "sub username issuer claims",
  oidc: "sub issuer claims",
  lambda: "resolverContext deniedFields principalId",
  none: "",
};

/** The fields of an identity that the shop shows to the caller. */
export function describeIdentity(identity: Identity): Readonly<Record<string, unknown>> {
  const names = new Set(`${common} ${fields[identity.mode]}`.split(" "));
  return Object.fromEntries(Object.entries(identity).filter(([name]) => names.has(name)));
}

/** 10 MiB. */
export const maxBodyBytes: number = 10 * 1024 * 1024;

/**
 * Counts the bytes of a body of any content type.
 * @throws HttpError 413 over `maxBodyBytes`
 */
export async function countBytes(body: AsyncIterable<Uint8Array>): Promise<number> {
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.byteLength;
    if (bytes > maxBodyBytes) throw new HttpError(413, `The body is over ${maxBodyBytes} bytes`);
  }
  return bytes;
}
