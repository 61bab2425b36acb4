import type { DotSegments } from "../sigv4/path.ts";
import type { SigningKeys } from "../sigv4/signing-keys.ts";
import type { CallContext, MaybePromise } from "../types.ts";
import type { FindAccessKey } from "./iam-access-key.ts";

/** Remembers signatures, so that each is good for one request. Shared by all instances of a server. */
export interface ReplayStore {
  /**
   * What it throws is a 503, and so is an answer that takes over 5 seconds.
   * @param expiresAt seconds since 1970: from then on the signature is refused anyway
   * @returns false if it was recorded before
   */
  record(signature: string, expiresAt: number, context: CallContext): MaybePromise<boolean>;
}

/** The options of `iam()`, checked, with their defaults. Times in milliseconds. */
export interface IamSettings {
  readonly regions: readonly string[];
  readonly services: readonly string[];
  readonly find: FindAccessKey;
  readonly maxBodyBytes: number;
  readonly clockSkew: number;
  readonly presigned: { readonly methods: readonly string[]; readonly maxAge: number } | undefined;
  readonly dotSegments: DotSegments;
  readonly unsignedPayload: boolean;
  readonly requireSigned: readonly string[];
  readonly replay: ReplayStore | undefined;
  readonly signingKeys: SigningKeys;
}
