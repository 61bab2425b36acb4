import type { Settings, AuthMode } from "../types.ts";
import { settingsOf, builtIn } from "../auth/mode.ts";
import { AuthError } from "../refusal/error.ts";
import { hasSignedQuery, isSignature } from "../auth/credentials.ts";
import type { IamIdentity } from "../identity.ts";
import { checkFlag, checkOptions, checkSeconds, isToken, list, must } from "../lib/options.ts";
import { checkOnChange } from "../auth/recheck.ts";
import type { DotSegments } from "../sigv4/canonical.ts";
import { algorithm, maxPresignedSeconds, SigningKeys } from "../sigv4/signing.ts";
import type { FindAccessKey } from "../sigv4/access-key.ts";
import type { IamSettings, ReplayStore } from "../sigv4/checks.ts";
import { verifyKeyAgain, verifySigned } from "../sigv4/verify.ts";
export type { AccessKey, AccessKeyContext, FindAccessKey } from "../sigv4/access-key.ts";
export type { ReplayStore } from "../sigv4/checks.ts";

/** Options of `iam`. */
export interface IamOptions {
  /** The region, or regions, that clients sign for. Any word will do, since no AWS service is called. */
  readonly region: string | readonly string[];
  /** The service that clients sign for. Default `execute-api`. Clients of AppSync sign for `appsync`. */
  readonly service?: string | readonly string[];
  /** Finds an access key by its id; an identity pool of `@authmodes/identity-pool` finds it in the session token. */
  readonly credentials: FindAccessKey;
  /** The largest body that is read to verify it. Default 1 MiB. A larger one is a 413. */
  readonly maxBodyBytes?: number;
  /**
   * Whether to accept guests of an identity pool: keys whose `cognito.authType` is `unauthenticated`. Default true, since a
   * guest is found only if `credentials` returns such a key.
   */
  readonly guests?: boolean;
  /** How far the client's clock may be off, either way, in seconds. Default 300, at most 900. */
  readonly clockSkewSeconds?: number;
  /** The methods and the longest validity of presigned requests. Default GET and HEAD, 900 s. false rejects them. */
  readonly presigned?:
    | false
    | {
        readonly methods?: readonly string[];
        /** At most 604800, a week. */
        readonly maxAgeSeconds?: number;
      };
  /**
   * Signers resolve `.`, `..` and `//` before they sign, so one signature is valid for many spellings of a path. Default
   * `refuse`: rejects such paths. `normalise` accepts them, for servers that route by the resolved path.
   */
  readonly dotSegments?: DotSegments;
  /** Whether to accept bodies that the signature does not cover (`UNSIGNED-PAYLOAD`). Default false. */
  readonly unsignedPayload?: boolean;
  /** Headers that must be signed if they are sent, besides `host` and all `x-amz-*`: `["content-type"]`. Default none. */
  readonly requireSigned?: readonly string[];
  /** Makes every signature valid for one request. Called for unsafe methods, after all other checks. Default: none. */
  readonly replay?: ReplayStore;
}

const names = {
  region: ["regions"],
  service: ["services"],
  credentials: ["accessKeys", "keys"],
  guests: ["allowGuestAccess", "guest"],
  maxBodyBytes: ["bodyLimit"],
  clockSkewSeconds: ["clockToleranceSeconds"],
  presigned: ["presign"],
  dotSegments: ["normalise"],
  unsignedPayload: [],
  requireSigned: ["signedHeaders"],
  replay: [],
};

/** Enough for a thousand keys a day in one region; a server with more derives some again. */
const maxSigningKeys = 1000;

const requestHeaders = [
  "authorization",
  "x-amz-date",
  "x-amz-security-token",
  "x-amz-content-sha256",
  "x-amz-user-agent",
  "amz-sdk-invocation-id",
  "amz-sdk-request",
];

/**
 * Accepts requests that are signed with AWS Signature Version 4, in the header or presigned, for any service but S3.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 * @throws TypeError if an option is missing or wrong
 * @example
 * import { type AccessKey, createAuth, iam } from "@authmodes/core";
 *
 * const machine: AccessKey = {
 *   secretAccessKey: process.env["MACHINE_SECRET"] ?? "",
 *   accountId: "123456789012",
 *   userArn: "arn:aws:iam::123456789012:user/machine",
 * };
 * const keys = new Map([["AKIDMACHINE", machine]]);
 * export const auth = createAuth([iam({ region: "eu-west-1", credentials: (id) => keys.get(id) })]);
 */
export function iam(options: IamOptions): AuthMode<IamIdentity> {
  const settings = readOptions(options);
  return builtIn({
    name: "iam",
    scheme: algorithm,
    requestHeaders,
    readsBody: true,
    describe: () => ({ settings: describeSettings(settings), issuers: [] }),
    detect(request) {
      const inHeader = isSignature(request.header("authorization") ?? "");
      const inQuery = hasSignedQuery(request.target);
      if (!inHeader && !inQuery) return undefined;
      const place = inHeader ? "authorization" : "query";
      return {
        place,
        verify(now) {
          if (inHeader && inQuery) {
            const detail = "the request is signed in Authorization and in the query";
            throw new AuthError("credentials_ambiguous", "signed_twice", { detail });
          }
          return verifySigned(request, place, settings, now);
        },
        again: (now) => verifyKeyAgain(request, place, settings, now),
        onChange: settings.find.onChange,
      };
    },
  });
}

function describeSettings(settings: IamSettings): Settings {
  const { presigned } = settings;
  return settingsOf({
    region: settings.regions,
    service: settings.services,
    guests: settings.guests ? undefined : "refused",
    clockSkewSeconds: settings.clockSkew / 1000,
    presigned: presigned === undefined ? "refused" : presigned.methods,
    unsignedPayload: settings.unsignedPayload ? "accepted" : undefined,
    replay: settings.replay === undefined ? undefined : "refused",
  });
}

function readOptions(options: IamOptions): IamSettings {
  checkOptions("iam()", options, names);
  const { credentials, maxBodyBytes = 1_048_576, clockSkewSeconds = 300, dotSegments = "refuse" } = options;
  const { service = "execute-api", presigned = {}, requireSigned, replay } = options;
  must(
    typeof credentials === "function",
    "iam(): credentials is a function that finds an access key by its id, such as (id) => keys.get(id)",
  );
  checkOnChange("iam(): credentials", credentials);
  must(
    Number.isSafeInteger(maxBodyBytes) && maxBodyBytes >= 0,
    `iam(): maxBodyBytes is a number of bytes, not ${String(maxBodyBytes)}`,
  );
  checkSeconds("iam()", "clockSkewSeconds", clockSkewSeconds, 1, 900);
  must(
    dotSegments === "refuse" || dotSegments === "normalise",
    `iam(): dotSegments is 'refuse' or 'normalise', not '${dotSegments as string}'`,
  );
  checkFlag("iam(): guests", options.guests);
  checkFlag("iam(): unsignedPayload", options.unsignedPayload);
  must(
    replay === undefined || typeof replay?.record === "function",
    "iam(): replay is a store with record(signature, expiresAt)",
  );
  must(
    requireSigned === undefined ||
      (Array.isArray(requireSigned) && requireSigned.length > 0 && requireSigned.every(isToken)),
    "iam(): requireSigned is a list of header names, such as ['content-type']",
  );
  const services = words("service", service);
  must(
    !services.some((name) => name.startsWith("s3")),
    "iam(): S3 signs in another way, which is not verified here",
  );
  return {
    regions: words("region", options.region),
    services,
    find: credentials,
    guests: options.guests !== false,
    maxBodyBytes,
    clockSkew: clockSkewSeconds * 1000,
    presigned: presignedSettings(presigned),
    dotSegments,
    unsignedPayload: options.unsignedPayload === true,
    requireSigned: (requireSigned ?? []).map((name) => name.toLowerCase()),
    replay,
    signingKeys: new SigningKeys(maxSigningKeys),
  };
}

function words(name: string, value: string | readonly string[]): readonly string[] {
  const all = list(value);
  must(
    all.length > 0 && all.every((word) => typeof word === "string" && /^[\w.-]+$/.test(word)),
    `iam(): ${name} is a word or a list of words that clients sign for, such as ` +
      (name === "region" ? "'eu-west-1'" : "'execute-api'"),
  );
  return [...all];
}

function presignedSettings(presigned: NonNullable<IamOptions["presigned"]>): IamSettings["presigned"] {
  if (presigned === false) return undefined;
  const where = "iam(): presigned";
  checkOptions(where, presigned, { methods: ["method"], maxAgeSeconds: ["expiresInSeconds"] });
  const { methods = ["GET", "HEAD"], maxAgeSeconds = 900 } = presigned;
  must(
    Array.isArray(methods) && methods.length > 0 && methods.every((method) => /^[A-Z]+$/.test(method)),
    `${where}: methods is a list of methods in capitals, such as ['GET', 'HEAD']; write presigned: false to reject all`,
  );
  checkSeconds(where, "maxAgeSeconds", maxAgeSeconds, 1, maxPresignedSeconds);
  return { methods: [...methods], maxAge: maxAgeSeconds * 1000 };
}
