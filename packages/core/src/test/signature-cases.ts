import { gzipSync } from "node:zlib";
import type { AccessKey, IamOptions } from "../modes/iam.ts";
import { keys, machine } from "./iam-server.ts";
import {
  type Draft,
  emptyBodyHash,
  presignDraft,
  sha256,
  signDraft,
  testDate,
  testSecret,
} from "./sigv4-signer.ts";

// What a verifier has to refuse, Every request is signed so that it would pass if its check were not
// there. Numbers that are missing are not this mode's to refuse:
// 44 and 47 are headers that are never read: see "takes no notice of" below.
// 69 is about parsers: no body is ever parsed here; the case below shows that a form is not merged into the query.
// 79 is about adapters: whether each of their branches authenticates is what the audits run against them.

const token = "IQoJb3JpZ2luX2VjEXAMPLE//TOKEN==";
const otherToken = "IQoJb3JpZ2luX2VjEXAMPLE//OTHER==";
const longToken = "T".repeat(8193);
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

interface Drafts {
  readonly get: (target?: string, ...headers: [string, string][]) => Draft;
  readonly post: (body: string | Buffer, ...headers: [string, string][]) => Draft;
  readonly host: string;
}

/** `get("/x")` and so on: a draft for the server, unsigned. */
export function draftFor(host: string): Drafts {
  const get = (target = "/books/7", ...headers: [string, string][]): Draft => ({
    target,
    headers: [["Host", host], ...headers],
  });
  const post = (body: string | Buffer, ...headers: [string, string][]): Draft => ({
    ...get("/books", ...headers),
    method: "POST",
    body,
  });
  return { get, post, host };
}

/** The draft with another value, or none, for a header. */
function change(draft: Draft, header: string, value: string | ((old: string) => string) | undefined): Draft {
  const headers = draft.headers.flatMap(([name, old]): [string, string][] => {
    if (name.toLowerCase() !== header) return [[name, old]];
    if (value === undefined) return [];
    return [[name, typeof value === "string" ? value : value(old)]];
  });
  return { ...draft, headers };
}

const authorization = (draft: Draft, edit: (old: string) => string): Draft =>
  change(draft, "authorization", edit);
const retarget = (draft: Draft, edit: (old: string) => string): Draft => ({
  ...draft,
  target: edit(draft.target),
});
const also = (draft: Draft, ...headers: [string, string][]): Draft => ({
  ...draft,
  headers: [...draft.headers, ...headers],
});

export const refusals = {
  missing: [401, "credentials_missing"],
  unread: [401, "mode_not_accepted"],
  malformed: [400, "credentials_malformed"],
  ambiguous: [400, "credentials_ambiguous"],
  refused: [401, "credentials_refused"],
  expired: [401, "credentials_expired"],
  tooLarge: [413, "body_too_large"],
  unavailable: [503, "unavailable"],
} as const;

/** A request that has to be refused. */
export interface SignatureCase {
  readonly name: string;
  /** One of the configurations; `usual` where none is named. */
  readonly on?: string;
  readonly draft: (drafts: Drafts) => Draft;
  readonly expects: readonly [kind: keyof typeof refusals, reason: string];
}

const mismatch: SignatureCase["expects"] = ["refused", "signature_mismatch"];
const broken = (reason: string): SignatureCase["expects"] => ["malformed", reason];
const refusedAs = (reason: string): SignatureCase["expects"] => ["refused", reason];
export const temp: { readonly accessKeyId: string; readonly token: string } = {
  accessKeyId: "ASIATEMPORARY",
  token,
};

export const signatureCases: readonly SignatureCase[] = [
  // Parsing and the place of the signature
  { name: "1 no credentials", draft: ({ get }) => get(), expects: ["missing", "no_credentials"] },
  {
    name: "2 an empty Authorization",
    draft: ({ get }) => get("/", ["Authorization", ""]),
    expects: ["unread", "mode_not_served"],
  },
  ...["Bearer abc", "AWS AKIDEXAMPLE:c2lnbmF0dXJl"].map((value): SignatureCase => ({
    name: `3 ${value}`,
    draft: ({ get }) => get("/", ["Authorization", value]),
    expects: ["unread", "mode_not_served"],
  })),
  ...[
    "AWS4-HMAC-SHA1",
    "AWS4-ECDSA-P256-SHA256",
    "aws4-hmac-sha256",
    "AWS4-HMAC-SHA2566",
    "AWS4-HMAC-SHA256,",
  ].map((algorithm): SignatureCase => ({
    name: `3, 4 the algorithm ${algorithm}`,
    draft: ({ get }) => authorization(signDraft(get()), (old) => old.replace("AWS4-HMAC-SHA256", algorithm)),
    expects: broken("algorithm_unsupported"),
  })),
  {
    name: "5 a parameter without =",
    draft: ({ get }) => authorization(signDraft(get()), (old) => `${old}, Signature`),
    expects: broken("authorization_pair_malformed"),
  },
  {
    name: "5 a comma at the end",
    draft: ({ get }) => authorization(signDraft(get()), (old) => `${old},`),
    expects: broken("authorization_pair_malformed"),
  },
  ...["Credential", "SignedHeaders", "Signature"].map((name): SignatureCase => ({
    name: `6 no ${name}`,
    draft: ({ get }) =>
      authorization(signDraft(get()), (old) =>
        old.replace(new RegExp(`,? ?${name}=[^,]*`), "").replace("256,", "256"),
      ),
    expects: broken("authorization_parameter_missing"),
  })),
  {
    name: "6 the algorithm alone",
    draft: ({ get }) => authorization(signDraft(get()), () => "AWS4-HMAC-SHA256"),
    expects: broken("authorization_parameter_missing"),
  },
  ...["Credential", "SignedHeaders", "Signature"].map((name): SignatureCase => ({
    name: `7 ${name} twice`,
    draft: ({ get }) =>
      authorization(signDraft(get()), (old) => `${old}, ${new RegExp(`${name}=[^,]*`).exec(old)?.[0]}`),
    expects: broken("authorization_parameter_unexpected"),
  })),
  {
    name: "7 a parameter that is not known",
    draft: ({ get }) => authorization(signDraft(get()), (old) => `${old}, Region=us-east-1`),
    expects: broken("authorization_parameter_unexpected"),
  },
  {
    name: "8 two Authorization headers",
    draft: ({ get }) => {
      const draft = signDraft(get());
      return also(draft, ["Authorization", draft.headers.at(-1)?.[1] ?? ""]);
    },
    expects: broken("authorization_repeated"),
  },
  {
    name: "9 signed in the header and in the query",
    draft: ({ get }) => signDraft(presignDraft(get())),
    expects: ["ambiguous", "several_credentials"],
  },
  {
    name: "10 another Authorization beside a good presigned query",
    draft: ({ get }) => also(presignDraft(get()), ["Authorization", "garbage"]),
    expects: ["ambiguous", "several_credentials"],
  },
  ...(
    [
      ["empty", () => ""],
      ["in capitals", (signature) => signature.toUpperCase()],
      ["of 63 digits", (signature) => signature.slice(1)],
      ["of 65 digits", (signature) => `${signature}0`],
      ["with a letter that is no digit", (signature) => `g${signature.slice(1)}`],
      ["of as many characters, but more bytes", (signature) => `é${signature.slice(1)}`],
    ] as readonly (readonly [string, (signature: string) => string])[]
  ).map(([how, edit]): SignatureCase => ({
    name: `11 a signature ${how}`,
    draft: ({ get }) =>
      authorization(signDraft(get()), (old) =>
        old.replace(/Signature=(.*)/, (_all, s: string) => `Signature=${edit(s)}`),
      ),
    expects: broken("signature_malformed"),
  })),
  {
    name: "12 an Authorization over 8 KiB",
    draft: ({ get }) => authorization(signDraft(get()), (old) => old.replace(", ", `,${" ".repeat(8192)}`)),
    expects: broken("authorization_too_long"),
  },
  {
    name: "12 a session token over 8 KiB",
    draft: ({ get }) => signDraft(get(), { accessKeyId: "ASIALONG", token: longToken }),
    expects: broken("session_token_too_long"),
  },
  {
    name: "12 a session token over 8 KiB in the query",
    draft: ({ get }) => presignDraft(get(), { accessKeyId: "ASIALONG", token: longToken }),
    expects: broken("session_token_too_long"),
  },

  // Time
  ...["20260115T115459Z", "20260115T120501Z"].map((date): SignatureCase => ({
    name: `13, 14 a request of ${date} at noon`,
    draft: ({ get }) => signDraft(get(), { date }),
    expects: refusedAs("date_skewed"),
  })),
  ...[
    "20260115t120000z",
    "20260115T12 000Z",
    "2026-01-15T12:00:00Z",
    "20260115T120000",
    "20260115T120000.0Z",
    "x",
  ].map((date): SignatureCase => ({
    name: `16 the date ${date}`,
    draft: ({ get }) => signDraft(get(), { date, scope: "20260115/us-east-1/execute-api/aws4_request" }),
    expects: broken("date_malformed"),
  })),
  ...["Thu, 15 Jan 2026 12:00:00", "15 Jan 2026 12:00:00 GMT", "Fri, 15 Jan 2026 12:00:00 GMT"].map(
    (date): SignatureCase => ({
      name: `16 the Date ${date}`,
      draft: ({ get }) => signDraft(get("/", ["Date", date]), { date: testDate }),
      expects: broken("date_malformed"),
    }),
  ),
  {
    name: "17 no date at all",
    draft: ({ get }) => change(signDraft(get(), { signedHeaders: ["host"] }), "x-amz-date", undefined),
    expects: broken("date_missing"),
  },
  {
    name: "18 two X-Amz-Date",
    draft: ({ get }) => signDraft(get("/", ["X-Amz-Date", testDate], ["X-Amz-Date", testDate])),
    expects: broken("header_repeated"),
  },
  {
    name: "18 two Date",
    draft: ({ get }) => {
      const date: [string, string] = ["Date", "Thu, 15 Jan 2026 12:00:00 GMT"];
      return signDraft(get("/", date, date), { signedHeaders: ["host"] });
    },
    expects: broken("header_repeated"),
  },
  {
    name: "19 an X-Amz-Date header that differs from the one in the query",
    draft: ({ get }) => presignDraft(get("/", ["X-Amz-Date", "20260115T120001Z"])),
    expects: broken("presigned_contradicted"),
  },

  // Scope and keys
  ...[
    "20260115/us-east-1/execute-api",
    "20260115/us-east-1/execute-api/aws4_request/",
    "20260115/us-east-1/x/execute-api/aws4_request",
  ].map((scope): SignatureCase => ({
    name: `22 the scope ${scope}`,
    draft: ({ get }) => signDraft(get(), { scope }),
    expects: broken("credential_malformed"),
  })),
  ...["", "AKID/EXAMPLE", "AKID EXAMPLE", `A${"K".repeat(128)}`].map((accessKeyId): SignatureCase => ({
    name: `22 the access key id '${accessKeyId.slice(0, 20)}'`,
    draft: ({ get }) => signDraft(get(), { accessKeyId }),
    expects: broken("credential_malformed"),
  })),
  ...["20260114", "2026011", "", "202601155"].map((day): SignatureCase => ({
    name: `23 a scope of the day '${day}' in a request of another`,
    draft: ({ get }) => signDraft(get(), { scope: `${day}/us-east-1/execute-api/aws4_request` }),
    expects: refusedAs("scope_date_differs"),
  })),
  ...["eu-west-1", "US-EAST-1", ""].map((region): SignatureCase => ({
    name: `25 the region '${region}'`,
    draft: ({ get }) => signDraft(get(), { scope: `20260115/${region}/execute-api/aws4_request` }),
    expects: refusedAs("region_not_accepted"),
  })),
  ...["s3", "Execute-Api", ""].map((service): SignatureCase => ({
    name: `26 the service '${service}'`,
    draft: ({ get }) => signDraft(get(), { scope: `20260115/us-east-1/${service}/aws4_request` }),
    expects: refusedAs("service_not_accepted"),
  })),
  ...["aws3_request", "AWS4_REQUEST", ""].map((term): SignatureCase => ({
    name: `27 the terminator '${term}'`,
    draft: ({ get }) => signDraft(get(), { scope: `20260115/us-east-1/execute-api/${term}` }),
    expects: refusedAs("scope_not_terminated"),
  })),
  ...["AKIDUNKNOWN", "akidexample", "__proto__", "constructor", "toString"].map(
    (accessKeyId): SignatureCase => ({
      name: `28, 31 the unknown key ${accessKeyId}`,
      draft: ({ get }) => signDraft(get(), { accessKeyId }),
      expects: refusedAs("access_key_unknown"),
    }),
  ),
  ...["__proto__", "constructor", "toString", "hasOwnProperty"].map((accessKeyId): SignatureCase => ({
    name: `31 the key ${accessKeyId}, looked up in a plain object`,
    on: "keys in an object",
    draft: ({ get }) => signDraft(get(), { accessKeyId, secret: "undefined" }),
    expects: ["unavailable", "verification_failed"],
  })),
  ...(
    [
      ["AKIDEMPTY", ""],
      ["AKIDNOSECRET", "undefined"],
      ["AKIDTEXT", "undefined"],
      ["AKIDNAN", testSecret],
    ] as const
  ).map(([accessKeyId, secret]): SignatureCase => ({
    name: `29 half a key from the store: ${accessKeyId}`,
    draft: ({ get }) => signDraft(get(), { accessKeyId, secret }),
    expects: ["unavailable", "verification_failed"],
  })),
  {
    name: "29 temporary credentials of which the store does not say when they end",
    draft: ({ get }) => signDraft(get(), { accessKeyId: "AKIDFOREVER", token }),
    expects: ["unavailable", "verification_failed"],
  },
  {
    name: "30 a disabled key",
    draft: ({ get }) => signDraft(get(), { accessKeyId: "AKIDDISABLED" }),
    expects: refusedAs("access_key_disabled"),
  },
  {
    name: "30 a key that has ended",
    draft: ({ get }) => signDraft(get(), { accessKeyId: "AKIDENDED" }),
    expects: ["expired", "access_key_expired"],
  },
  {
    name: "32 temporary credentials without their token",
    draft: ({ get }) => signDraft(get(), { accessKeyId: "ASIATEMPORARY" }),
    expects: refusedAs("session_token_missing"),
  },
  {
    name: "33 the token of another key",
    draft: ({ get }) => signDraft(get(), { accessKeyId: "ASIATEMPORARY", token: otherToken }),
    expects: refusedAs("session_token_mismatch"),
  },
  {
    name: "33 an empty token",
    draft: ({ get }) => signDraft(get(), { accessKeyId: "ASIATEMPORARY", token: "" }),
    expects: refusedAs("session_token_mismatch"),
  },
  {
    name: "34 temporary credentials that have ended",
    draft: ({ get }) => signDraft(get(), { accessKeyId: "ASIAENDED", token }),
    expects: ["expired", "session_expired"],
  },
  {
    name: "34 temporary credentials that have ended, with a signature that does not hold",
    draft: ({ get }) => signDraft(get(), { accessKeyId: "ASIAENDED", token, secret: "another" }),
    expects: mismatch,
  },
  {
    name: "35 a token with a long-term key",
    draft: ({ get }) => signDraft(get(), { token }),
    expects: refusedAs("session_token_unexpected"),
  },
  {
    name: "36 a token that is not signed",
    draft: ({ get }) => signDraft(get(), { ...temp, signedHeaders: ["host", "x-amz-date"] }),
    expects: refusedAs("header_unsigned"),
  },
  {
    name: "37 tokens that differ in the header and the query",
    draft: ({ get }) => presignDraft(get("/", ["X-Amz-Security-Token", otherToken]), temp),
    expects: broken("presigned_contradicted"),
  },
  {
    name: "37 a token in the header of a presigned request that has none in its query",
    draft: ({ get }) =>
      presignDraft(get("/", ["X-Amz-Security-Token", token]), { accessKeyId: "ASIATEMPORARY" }),
    expects: broken("presigned_contradicted"),
  },

  // Headers
  {
    name: "38 host not signed",
    draft: ({ get }) => signDraft(get(), { signedHeaders: ["x-amz-date"] }),
    expects: refusedAs("host_unsigned"),
  },
  ...["x-amz-date", "x-amz-acl", "x-amz-meta-a", "x-amz-user-agent"].map((name): SignatureCase => ({
    name: `39 ${name} not signed`,
    draft: ({ get }) =>
      signDraft(get("/", ...(name === "x-amz-date" ? [] : [[name, "a"] as [string, string]])), {
        signedHeaders: name === "x-amz-date" ? ["host"] : ["host", "x-amz-date"],
      }),
    expects: refusedAs("header_unsigned"),
  })),
  {
    name: "39 an x-amz- header added to a presigned request",
    draft: ({ get }) => also(presignDraft(get()), ["X-Amz-Tagging", "a=b"]),
    expects: refusedAs("header_unsigned"),
  },
  {
    name: "39 a header that has to be signed and is not",
    on: "more headers required",
    draft: ({ get }) => also(signDraft(get()), ["content-type", "text/xml"]),
    expects: refusedAs("header_unsigned"),
  },
  {
    name: "39 the hash of the body, where that has to be signed by name",
    on: "more headers required",
    draft: ({ get }) => also(signDraft(get()), ["X-Amz-Content-Sha256", emptyBodyHash]),
    expects: refusedAs("header_unsigned"),
  },
  {
    name: "40 a signed header that was not sent",
    draft: ({ get }) => signDraft(get(), { signedHeaders: ["host", "x-amz-date", "x-tenant"] }),
    expects: refusedAs("signed_header_absent"),
  },
  {
    name: "40 a signed header that was not sent, signed as the text undefined",
    draft: ({ get }) => change(signDraft(get("/", ["X-Tenant", "undefined"])), "x-tenant", undefined),
    expects: refusedAs("signed_header_absent"),
  },
  {
    name: "41 a signed header changed",
    draft: ({ get }) => change(signDraft(get("/", ["X-Tenant", "a"])), "x-tenant", "b"),
    expects: mismatch,
  },
  {
    name: "41 a second value of a signed header",
    draft: ({ get }) => also(signDraft(get("/", ["X-Tenant", "a"])), ["X-Tenant", "b"]),
    expects: mismatch,
  },
  {
    name: "41 a signed header twice of which servers keep the first",
    draft: ({ post }) =>
      signDraft(post("{}", ["Content-Type", "text/xml"], ["Content-Type", "application/json"])),
    expects: broken("header_repeated"),
  },
  {
    name: "42 two Host",
    draft: ({ get, host }) => signDraft(get("/", ["Host", host])),
    expects: broken("header_repeated"),
  },
  ...["localhost", "127.0.0.1", "127.0.0.1:80", "127.0.0.1:1"].map((host): SignatureCase => ({
    name: `43 signed for ${host}`,
    draft: (drafts) => change(signDraft(change(drafts.get(), "host", host)), "host", drafts.host),
    expects: mismatch,
  })),
  {
    name: "44 signed for the X-Forwarded-Host that anybody can send",
    draft: ({ get, host }) =>
      change(
        signDraft(change(get("/", ["X-Forwarded-Host", "api.example.com"]), "host", "api.example.com")),
        "host",
        host,
      ),
    expects: mismatch,
  },
  ...[
    ["empty", []],
    ["empty items", ["host", "", "x-amz-date"]],
    ["no order", ["x-amz-date", "host"]],
    ["one twice", ["host", "host", "x-amz-date"]],
    ["capitals", ["Host", "x-amz-date"]],
    ["a space", ["host ", "x-amz-date"]],
  ].map(([how, signedHeaders]): SignatureCase => ({
    name: `45 signed headers with ${String(how)}`,
    draft: ({ get }) => signDraft(get(), { signedHeaders: signedHeaders as string[] }),
    expects: broken("signed_headers_malformed"),
  })),
  {
    name: "46 a signed header that stands in the query only",
    draft: ({ get }) => {
      const draft = signDraft(get("/?x-tenant=a", ["X-Tenant", "a"]));
      return change(draft, "x-tenant", undefined);
    },
    expects: refusedAs("signed_header_absent"),
  },
  ...["http://other.example/books/7", "*", "//other.example@/a"].map((target): SignatureCase => ({
    name: `48 the target ${target}`,
    draft: ({ get }) => ({ ...signDraft(get(target)), method: target === "*" ? "OPTIONS" : "GET" }),
    expects: broken(target.startsWith("//") ? "path_ambiguous" : "target_malformed"),
  })),

  // Path and query
  ...["PUT", "DELETE", "HEAD"].map((method): SignatureCase => ({
    name: `49 ${method} for what was signed as GET`,
    draft: ({ get }) => ({ ...signDraft(get()), method }),
    expects: mismatch,
  })),
  ...[
    ["/books/7", "/books/8"],
    ["/books/7", "/books/7/"],
    ["/books/7", "/Books/7"],
    ["/a%2Fb", "/a/b"],
    ["/a/b", "/a%2Fb"],
    ["/a%2Fb", "/a%252Fb"],
    ["/a%252Fb", "/a%2Fb"],
    ["/a%2Fb", "/a%2fb"],
    ["/a%20b", "/a+b"],
    ["/%41", "/A"],
  ].map(([from = "", to = ""]): SignatureCase => ({
    name: `50, 51 ${to} for what was signed as ${from}`,
    draft: ({ get }) => retarget(signDraft(get(from)), () => to),
    expects: mismatch,
  })),
  ...["/public/../admin", "/./admin", "/admin/.", "/admin/..", "//admin", "/a//admin", "/admin//"].map(
    (target): SignatureCase => ({
      name: `52 ${target}`,
      draft: ({ get }) => signDraft(get(target)),
      expects: broken("path_ambiguous"),
    }),
  ),
  ...["/public/%2e%2e/admin", "/public/.%2E/admin", "/%2e/admin", "/public/%2e%2e"].map(
    (target): SignatureCase => ({
      name: `52 ${target}, also where dots are resolved`,
      on: "normalising",
      draft: ({ get }) => signDraft(get(target)),
      expects: broken("path_ambiguous"),
    }),
  ),
  {
    name: "52 a backslash",
    draft: ({ get }) => signDraft(get("/public\\..\\admin")),
    expects: broken("target_malformed"),
  },
  ...[
    ["/?a=1", "/?a=2"],
    ["/?a=1", "/?a=1&b=2"],
    ["/?a=1&b=2", "/?a=1"],
    ["/", "/?a"],
    ["/?a", "/"],
    ["/?a=%2B", "/?a=+"],
    ["/?a=+", "/?a=%2B"],
    ["/?a=b%26c", "/?a=b&c"],
    ["/?a=%252B", "/?a=%2B"],
  ].map(([from = "", to = ""]): SignatureCase => ({
    name: `54, 56 ${to} for what was signed as ${from}`,
    draft: ({ get }) => retarget(signDraft(get(from)), () => to),
    expects: mismatch,
  })),
  ...["/?a=%", "/?a=%4", "/?a=%zz", "/?%=a", "/?a=%%41"].map((target): SignatureCase => ({
    name: `55 ${target}`,
    draft: ({ get }) => signDraft(get(target)),
    expects: broken("query_escape_broken"),
  })),
  ...["Algorithm", "Credential", "Date", "Expires", "SignedHeaders", "Signature"].flatMap(
    (name): SignatureCase[] => {
      const one = new RegExp(`X-Amz-${name}=[^&]*`);
      const repeat = (edit: (text: string) => string) => (target: string) =>
        `${target}&${edit(one.exec(target)?.[0] ?? "")}`;
      return [
        {
          name: `57 X-Amz-${name} twice`,
          draft: ({ get }) =>
            retarget(
              presignDraft(get()),
              repeat((text) => text),
            ),
          expects: broken("parameter_repeated"),
        },
        {
          name: `57 X-Amz-${name} twice, once in small letters`,
          draft: ({ get }) =>
            retarget(
              presignDraft(get()),
              repeat((text) => text.replace("X-Amz", "x-amz")),
            ),
          expects: broken("parameter_repeated"),
        },
        {
          name: `57 X-Amz-${name} in small letters`,
          draft: ({ get }) =>
            retarget(presignDraft(get()), (target) => target.replace(one, (text) => text.toLowerCase())),
          expects: broken("parameter_repeated"),
        },
      ];
    },
  ),
  {
    name: "58 a fragment",
    draft: ({ get }) => signDraft(get("/books/7#x")),
    expects: broken("target_malformed"),
  },

  // Payload
  {
    name: "59 a byte of the body changed, its hash kept",
    draft: ({ post }) => ({
      ...signDraft(post("price=1", ["X-Amz-Content-Sha256", sha256("price=1")])),
      body: "price=2",
    }),
    expects: refusedAs("body_hash_mismatch"),
  },
  {
    name: "60 the body and its hash changed",
    draft: ({ post }) => {
      const draft = signDraft(post("price=1", ["X-Amz-Content-Sha256", sha256("price=1")]));
      return { ...change(draft, "x-amz-content-sha256", sha256("price=2")), body: "price=2" };
    },
    expects: mismatch,
  },
  {
    name: "60 the body and its hash changed, the hash not among the signed headers",
    draft: ({ post }) => {
      const unsigned = post("price=1", ["X-Amz-Content-Sha256", sha256("price=1")]);
      const draft = signDraft(unsigned, { signedHeaders: ["host", "x-amz-date"] });
      return { ...change(draft, "x-amz-content-sha256", sha256("price=2")), body: "price=2" };
    },
    expects: mismatch,
  },
  {
    name: "61 the body changed where no hash is sent",
    draft: ({ post }) => ({ ...signDraft(post("price=1")), body: "price=2" }),
    expects: mismatch,
  },
  {
    name: "61 a body added to a request without one",
    draft: ({ post }) => ({ ...signDraft(post("")), body: "price=2" }),
    expects: mismatch,
  },
  {
    name: "62 the hash of no body, and a body",
    draft: ({ post }) => signDraft(post("price=1", ["X-Amz-Content-Sha256", emptyBodyHash])),
    expects: refusedAs("body_hash_mismatch"),
  },
  {
    name: "63 an unsigned payload",
    draft: ({ post }) => signDraft(post("price=1", ["X-Amz-Content-Sha256", "UNSIGNED-PAYLOAD"])),
    expects: refusedAs("payload_unsigned"),
  },
  {
    name: "63 an unsigned payload, unsaid",
    draft: ({ post }) => signDraft(post("price=1"), { payload: "UNSIGNED-PAYLOAD" }),
    expects: mismatch,
  },
  ...[
    "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
    "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
    "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
    "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD",
    "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER",
  ].map((payload): SignatureCase => ({
    name: `64 ${payload}`,
    on: "unsigned payloads",
    draft: ({ post }) => signDraft(post("price=1", ["X-Amz-Content-Sha256", payload])),
    expects: refusedAs("payload_streaming"),
  })),
  ...["unsigned-payload", "", "none", sha256("price=1").toUpperCase(), sha256("price=1").slice(1)].map(
    (payload): SignatureCase => ({
      name: `65 the payload hash '${payload.slice(0, 20)}'`,
      on: "unsigned payloads",
      draft: ({ post }) => signDraft(post("price=1", ["X-Amz-Content-Sha256", payload])),
      expects: broken("payload_hash_malformed"),
    }),
  ),
  {
    name: "66 a GET with a body that is not signed",
    draft: ({ get }) => ({ ...signDraft(get()), body: "price=1" }),
    expects: mismatch,
  },
  {
    name: "67 the hash of a body before it was compressed",
    draft: ({ post }) =>
      signDraft(
        post(gzipSync("price=1"), ["Content-Encoding", "gzip"], ["X-Amz-Content-Sha256", sha256("price=1")]),
      ),
    expects: refusedAs("body_hash_mismatch"),
  },
  {
    name: "68 a body over the cap",
    on: "a small cap",
    draft: ({ post }) => signDraft(post("price=1&stock=1")),
    expects: ["tooLarge", "body_too_large"],
  },
  {
    name: "68 a body over the cap, whose hash is signed",
    on: "a small cap",
    draft: ({ post }) =>
      signDraft(post("price=1&stock=1", ["X-Amz-Content-Sha256", sha256("price=1&stock=1")])),
    expects: ["tooLarge", "body_too_large"],
  },
  {
    name: "68 a body over the cap: a bad signature over its hash comes first, nothing is read",
    on: "a small cap",
    draft: ({ post }) =>
      signDraft(post("price=1&stock=1", ["X-Amz-Content-Sha256", sha256("price=1&stock=1")]), {
        secret: "another",
      }),
    expects: mismatch,
  },
  {
    name: "69 a form that was signed as if it were the query",
    draft: ({ post }) => {
      const draft = post("a=1", ["Content-Type", "application/x-www-form-urlencoded"]);
      return signDraft(draft, { query: "a=1", payload: emptyBodyHash });
    },
    expects: mismatch,
  },

  // Presigned
  {
    name: "70 a presigned request that has ended",
    draft: ({ get }) => presignDraft(get(), { date: "20260115T115859Z" }),
    expects: refusedAs("presigned_expired"),
  },
  {
    name: "70 one without X-Amz-Expires, beyond the clock skew",
    draft: ({ get }) => presignDraft(get(), { date: "20260115T115459Z", expires: null }),
    expects: refusedAs("date_skewed"),
  },
  ...["0", "-1", "604801", "abc", "1e9", "1.5", "", " 60", "0x10", "060", "60s", "NaN"].map(
    (expires): SignatureCase => ({
      name: `71 X-Amz-Expires '${expires}'`,
      on: "presigned writes",
      draft: ({ get }) => presignDraft(get(), { expires }),
      expects: broken("expires_malformed"),
    }),
  ),
  {
    name: "71 X-Amz-Expires beyond what the server gives",
    draft: ({ get }) => presignDraft(get(), { expires: "901" }),
    expects: refusedAs("presigned_too_long"),
  },
  {
    name: "72 a presigned request from the future",
    draft: ({ get }) => presignDraft(get(), { date: "20260115T120501Z" }),
    expects: refusedAs("date_skewed"),
  },
  ...["Algorithm", "Credential", "Date", "SignedHeaders", "Signature"].map((name): SignatureCase => ({
    name: `73 no X-Amz-${name}`,
    draft: ({ get }) =>
      retarget(presignDraft(get("/?a=1")), (target) =>
        target.replace(new RegExp(`&X-Amz-${name}=[^&]*`), ""),
      ),
    expects: broken("parameter_missing"),
  })),
  {
    name: "73 another algorithm in the query",
    draft: ({ get }) => retarget(presignDraft(get()), (target) => target.replace("SHA256", "SHA1")),
    expects: broken("algorithm_unsupported"),
  },
  {
    name: "74 a presigned GET used for PUT",
    on: "presigned writes",
    draft: ({ get }) => ({ ...presignDraft(get()), method: "PUT" }),
    expects: mismatch,
  },
  {
    name: "74 a presigned PUT where only GET and HEAD may be",
    draft: ({ get }) => presignDraft({ ...get(), method: "PUT" }),
    expects: refusedAs("presigned_method_not_accepted"),
  },
  {
    name: "75 a presigned request where none is accepted",
    on: "no presigned",
    draft: ({ get }) => presignDraft(get()),
    expects: refusedAs("presigned_not_accepted"),
  },
  {
    name: "76 the token taken off",
    draft: ({ get }) =>
      retarget(presignDraft(get(), temp), (target) => target.replace(/&X-Amz-Security-Token=[^&]*/, "")),
    expects: refusedAs("session_token_missing"),
  },
  {
    name: "76 a token put on after signing",
    draft: ({ get }) =>
      retarget(
        presignDraft(get(), { accessKeyId: "ASIATEMPORARY" }),
        (target) => `${target}&X-Amz-Security-Token=${encodeURIComponent(token)}`,
      ),
    expects: mismatch,
  },
  {
    name: "76 a body with a presigned request that was signed without one",
    on: "presigned writes",
    draft: ({ get }) => ({ ...presignDraft({ ...get(), method: "PUT" }), body: "price=1" }),
    expects: mismatch,
  },

  // Process
  ...(["throwing", "rejecting"] as const).map((on): SignatureCase => ({
    name: `78 a key source that is ${on}`,
    on,
    draft: ({ get }) => signDraft(get()),
    expects: ["unavailable", "verification_failed"],
  })),
  {
    name: "78 a replay store that does not answer true or false",
    on: "a replay store that forgets to answer",
    draft: ({ post }) => signDraft(post("price=1")),
    expects: ["unavailable", "verification_failed"],
  },
  {
    name: "a signature made with another secret",
    draft: ({ get }) => signDraft(get(), { secret: "another" }),
    expects: mismatch,
  },
];

/** What nothing that is said about the cases may hold. */
export const caseSecrets: readonly string[] = [testSecret, token, otherToken, longToken];
