import type { AccessKey, IamOptions } from "../../modes/iam.ts";
import { keys, machine } from "../iam-server.ts";
import { testSecret } from "../sigv4-signer.ts";

export const token = "IQoJb3JpZ2luX2VjEXAMPLE//TOKEN==";
export const otherToken = "IQoJb3JpZ2luX2VjEXAMPLE//OTHER==";
export const longToken: string = "T".repeat(8193);
const temporary: AccessKey = { ...machine, sessionToken: token, expiresAt: 4_000_000_000 };
// What a careless store could answer with.
const halfKeys = new Map<string, unknown>([
  ["AKIDEMPTY", { ...machine, secretAccessKey: "" }],
  ["AKIDNOSECRET", { accountId: "1", userArn: "arn" }],
  ["AKIDFOREVER", { ...machine, sessionToken: token }],
  ["AKIDNAN", { ...machine, expiresAt: Number.NaN }],
  ["AKIDTEXT", testSecret],
]);
/** What the servers of the cases know. */
export const known: ReadonlyMap<string, AccessKey> = new Map<string, AccessKey>([
  ...keys,
  ["ASIATEMPORARY", temporary],
  ["ASIAOTHER", { ...temporary, sessionToken: otherToken }],
  ["ASIAENDED", { ...temporary, expiresAt: 1_700_000_000 }],
  ["ASIALONG", { ...temporary, sessionToken: longToken }],
  ["AKIDDISABLED", { ...machine, disabled: true }],
  ["AKIDENDED", { ...machine, expiresAt: 1_700_000_000 }],
  ...(halfKeys as Map<string, AccessKey>),
]);
const plainObject: Readonly<Record<string, AccessKey>> = { AKIDEXAMPLE: machine };

/** What differs from `region: "us-east-1"` and these keys. */
export const configurations: Readonly<Record<string, Partial<IamOptions>>> = {
  usual: {},
  throwing: {
    credentials: () => {
      throw new Error("the store is down");
    },
  },
  rejecting: { credentials: () => Promise.reject(new Error("the store is down")) },
  "keys in an object": { credentials: (id: string) => plainObject[id] },
  "a replay store": { replay: memory() },
  "a replay store that forgets to answer": { replay: { record: () => undefined as unknown as boolean } },
  "no presigned": { presigned: false },
  "presigned writes": { presigned: { methods: ["GET", "PUT", "POST"], maxAgeSeconds: 604_800 } },
  "a small cap": { maxBodyBytes: 10 },
  "more headers required": { requireSigned: ["Content-Type", "X-Amz-Content-Sha256"] },
  normalising: { dotSegments: "normalise" },
  "unsigned payloads": { unsignedPayload: true },
};

function memory(): IamOptions["replay"] & object {
  const seen = new Set<string>();
  return { record: (signature) => !seen.has(signature) && seen.add(signature).has(signature) };
}

export const temp: { readonly accessKeyId: string; readonly token: string } = {
  accessKeyId: "ASIATEMPORARY",
  token,
};

/** What nothing that is said about the cases may hold. */
export const caseSecrets: readonly string[] = [testSecret, token, otherToken, longToken];
