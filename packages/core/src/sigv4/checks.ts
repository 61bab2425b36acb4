import type { DotSegments } from "./canonical.ts";
import { formatAmzDate, scopeText, type SigningKeys, terminator } from "./signing.ts";
import type { CallContext, MaybePromise, RequestView } from "../types.ts";
import type { FindAccessKey } from "./access-key.ts";
import { isHexSha256, malformed, refused } from "./claim.ts";
import type { SignedRequest } from "./signed-request.ts";

/** A store of signatures, so that each is valid for one request. Share it between all instances of a server. */
export interface ReplayStore {
  /**
   * Records a signature. The answer to the request is 503 if it throws or takes over 5 seconds.
   * @param expiresAt seconds since 1970: from then on the signature is rejected anyway
   * @returns false if it was recorded before
   */
  record(signature: string, expiresAt: number, context: CallContext): MaybePromise<boolean>;
}

/** The options of `iam()`, checked, with their defaults. Times in milliseconds. */
export interface IamSettings {
  readonly regions: readonly string[];
  readonly services: readonly string[];
  readonly find: FindAccessKey;
  readonly guests: boolean;
  readonly maxBodyBytes: number;
  readonly clockSkew: number;
  readonly presigned: { readonly methods: readonly string[]; readonly maxAge: number } | undefined;
  readonly dotSegments: DotSegments;
  readonly unsignedPayload: boolean;
  readonly requireSigned: readonly string[];
  readonly replay: ReplayStore | undefined;
  readonly signingKeys: SigningKeys;
}

// Checks that need no key.

export function checkPresignedAllowed({ method }: RequestView, { presigned }: IamSettings): void {
  if (presigned === undefined) throw refused("presigned_not_accepted", "iam() has presigned: false");
  if (!presigned.methods.includes(method)) {
    throw refused("presigned_method_not_accepted", `${method} is not in presigned.methods of iam()`);
  }
}

/** Returns when the signature expires, in milliseconds since 1970. */
export function checkDate(
  { presigned, date, time, expires }: SignedRequest,
  settings: IamSettings,
  now: number,
): number {
  const { clockSkew } = settings;
  if (time - now > clockSkew) {
    const text = `Signature not yet current: ${date} is still later than ${formatAmzDate(now + clockSkew)}`;
    throw refused("date_skewed", text, `${text} (${formatAmzDate(now)} + ${duration(clockSkew)})`);
  }
  const maxAge = settings.presigned?.maxAge ?? 0;
  if (expires !== undefined && expires * 1000 > maxAge) {
    throw refused("presigned_too_long", `asks for ${expires} s; maxAgeSeconds is ${maxAge / 1000}`);
  }
  const age = expires !== undefined ? expires * 1000 : presigned ? Math.min(clockSkew, maxAge) : clockSkew;
  if (now - time > age) {
    const text = `Signature expired: ${date} is now earlier than ${formatAmzDate(now - age)}`;
    // A client can correct its clock, but not an expired link.
    const reason = expires === undefined ? "date_skewed" : "presigned_expired";
    throw refused(reason, text, `${text} (${formatAmzDate(now)} - ${duration(age)})`);
  }
  return time + age;
}

function duration(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  return seconds % 60 === 0 ? `${seconds / 60} min.` : `${seconds} sec.`;
}

/** Checks that the scope is one of this server's, for the day of the request. */
export function checkScope({ claim: { scope }, date }: SignedRequest, settings: IamSettings): void {
  const { regions, services } = settings;
  const inRegion = regions.includes(scope.region);
  const ofService = services.includes(scope.service);
  const terminated = scope.term === terminator;
  const ofDay = scope.date === date.slice(0, 8);
  if (inRegion && ofService && terminated && ofDay) return;

  const faults = Object.entries({
    region_not_accepted: !inRegion && "Credential should be scoped to a valid region.",
    service_not_accepted:
      !ofService && `Credential should be scoped to correct service: '${services.join("', '")}'.`,
    scope_not_terminated:
      !terminated && `Credential should be scoped with a valid terminator: '${terminator}'.`,
    scope_date_differs:
      !ofDay && "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP.",
  }).filter(([, sentence]) => sentence !== false);
  const accepted = `${regions.join(", ")} / ${services.join(", ")}`;
  throw refused(
    faults[0]?.[0] ?? "scope",
    `signed at ${date} for ${scopeText(scope)}; accepted: ${accepted}`,
    faults.map(([, sentence]) => sentence).join(" "),
  );
}

/** The canonical request or the string to sign have body hash and date anyway; CloudFront adds the id. */
const mayBeUnsigned = new Set(["authorization", "date", "x-amz-cf-id", "x-amz-content-sha256"]);

export function checkSignedHeaders(
  { claim: { signed }, headers }: SignedRequest,
  { requireSigned }: IamSettings,
): void {
  if (!signed.places.has("host")) {
    const text = "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.";
    throw refused("host_unsigned", "host is not among the signed headers", text);
  }
  const absent = headers.values.indexOf(undefined);
  if (absent !== -1) {
    throw refused("signed_header_absent", `${signed.names[absent]} is signed but was not received`);
  }
  for (const name of headers.unsigned.keys()) {
    if (mayBeUnsigned.has(name) && !requireSigned.includes(name)) continue;
    throw refused("header_unsigned", `${name} was received but is not among the signed headers`);
  }
}

/** In place of the hash of the body. */
export const unsignedPayload = "UNSIGNED-PAYLOAD";

/** The hash of the body in the request's header; undefined without the header. */
export function declaredPayload({ headers }: SignedRequest, settings: IamSettings): string | undefined {
  const declared = headers.get("x-amz-content-sha256");
  if (declared === undefined || isHexSha256(declared)) return declared;
  if (declared === unsignedPayload) {
    if (settings.unsignedPayload) return declared;
    throw refused("payload_unsigned", "the body is not signed; unsignedPayload: true would accept that");
  }
  if (declared.startsWith("STREAMING-")) {
    throw refused("payload_streaming", "the body is signed in chunks, which only S3 supports");
  }
  throw malformed("payload_hash_malformed", "x-amz-content-sha256 must be 64 lower-case hexadecimal digits.");
}
