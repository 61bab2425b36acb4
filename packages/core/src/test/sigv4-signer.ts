import { createHash, createHmac } from "node:crypto";

// Signature Version 4 a second time, by the book and with every part replaceable: it signs what no client would, so
// that a test fails when a check is taken away. It shares no code with what it tests.

/** A request as it goes over the wire. */
export interface Draft {
  readonly method?: string;
  readonly target: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body?: string | Buffer;
}

/** What to sign with; by default all is as it should be. */
export interface Signing {
  readonly accessKeyId?: string;
  readonly secret?: string;
  readonly token?: string;
  /** As in `X-Amz-Date`. */
  readonly date?: string;
  readonly scope?: string;
  /** In this order. */
  readonly signedHeaders?: readonly string[];
  readonly payload?: string;
  readonly path?: string;
  readonly query?: string;
  readonly method?: string;
}

export const testSecret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
export const testDate = "20260115T120000Z";
/** The same in milliseconds since 1970. */
export const testTime: number = Date.UTC(2026, 0, 15, 12);
export const emptyBodyHash: string = sha256("");

export function sha256(data: string | Buffer): string {
  return createHash("sha256").update(data).digest("hex");
}

/** The draft with `X-Amz-Date`, a token if there is one, and `Authorization`. */
export function signDraft(draft: Draft, signing: Signing = {}): Draft {
  const own = new Set(draft.headers.map(([name]) => name.toLowerCase()));
  const { accessKeyId = "AKIDEXAMPLE", date = testDate, token } = signing;
  const added: [string, string][] = [];
  if (!own.has("x-amz-date") && !own.has("date")) added.push(["X-Amz-Date", date]);
  if (token !== undefined && !own.has("x-amz-security-token")) added.push(["X-Amz-Security-Token", token]);
  const headers = [...draft.headers, ...added];
  const signedHeaders =
    signing.signedHeaders ?? [...new Set(headers.map(([name]) => name.toLowerCase()))].toSorted();
  const full = { ...signing, date, signedHeaders };
  const value =
    `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scopeOf(full)}, ` +
    `SignedHeaders=${signedHeaders.join(";")}, Signature=${signatureOf({ ...draft, headers }, full)}`;
  return { ...draft, headers: [...headers, ["Authorization", value]] };
}

export interface Presigning extends Signing {
  /** As in `X-Amz-Expires`; null leaves it out. */
  readonly expires?: string | null;
}

/** The draft with a presigned target. */
export function presignDraft(draft: Draft, signing: Presigning = {}): Draft {
  const { accessKeyId = "AKIDEXAMPLE", date = testDate, token, expires = "60" } = signing;
  const signedHeaders = signing.signedHeaders ?? draft.headers.map(([name]) => name.toLowerCase()).toSorted();
  const full = { ...signing, date, signedHeaders };
  const parameters = [
    ["X-Amz-Algorithm", "AWS4-HMAC-SHA256"],
    ["X-Amz-Credential", `${accessKeyId}/${scopeOf(full)}`],
    ["X-Amz-Date", date],
    ...(expires === null ? [] : [["X-Amz-Expires", expires]]),
    ["X-Amz-SignedHeaders", signedHeaders.join(";")],
    ...(token === undefined ? [] : [["X-Amz-Security-Token", token]]),
  ];
  const query = parameters.map(([name = "", value = ""]) => `${name}=${encode(value)}`).join("&");
  const target = `${draft.target}${draft.target.includes("?") ? "&" : "?"}${query}`;
  const signature = signatureOf({ ...draft, target }, full);
  return { ...draft, target: `${target}&X-Amz-Signature=${signature}` };
}

export function signatureOf(draft: Draft, signing: Signing): string {
  const { date = testDate, secret = testSecret } = signing;
  const scope = scopeOf(signing);
  const text = [
    "AWS4-HMAC-SHA256",
    date,
    scope,
    createHash("sha256").update(canonical(draft, signing), "latin1").digest("hex"),
  ];
  let key: string | Buffer = `AWS4${secret}`;
  for (const part of scope.split("/")) key = createHmac("sha256", key).update(part).digest();
  return createHmac("sha256", key).update(text.join("\n")).digest("hex");
}

function scopeOf({ scope, date = testDate }: Signing): string {
  return scope ?? `${date.slice(0, 8)}/us-east-1/execute-api/aws4_request`;
}

function canonical(draft: Draft, signing: Signing): string {
  const [path = "", query = ""] = draft.target.split(/\?(.*)/s, 2);
  const names = signing.signedHeaders ?? [];
  const lines = names.map((name) => {
    const values = draft.headers
      .filter(([other]) => other.toLowerCase() === name)
      .map(([, value]) => value.replaceAll(/^[ \t]+|[ \t]+$/g, ""));
    return `${name}:${values.join(",").replaceAll(/ +/g, " ")}\n`;
  });
  const declared = draft.headers.find(([name]) => name.toLowerCase() === "x-amz-content-sha256")?.[1];
  return [
    signing.method ?? draft.method ?? "GET",
    signing.path ?? path.split("/").map(encode).join("/"),
    signing.query ?? canonicalQuery(query),
    lines.join(""),
    names.join(";"),
    signing.payload ?? declared ?? sha256(draft.body ?? ""),
  ].join("\n");
}

function canonicalQuery(query: string): string {
  return query
    .split("&")
    .filter((piece) => piece !== "")
    .map((piece) => {
      const [name = "", value = ""] = piece.split(/=(.*)/s, 2);
      return [encode(decode(name)), encode(decode(value))] as const;
    })
    .toSorted(
      ([a, x], [b, y]) =>
        Buffer.compare(Buffer.from(a), Buffer.from(b)) || Buffer.compare(Buffer.from(x), Buffer.from(y)),
    )
    .map((pair) => pair.join("="))
    .join("&");
}

function decode(text: string): string {
  return text
    .replaceAll("+", " ")
    .replaceAll(/%([0-9a-f]{2})/gi, (_escape, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

function encode(text: string): string {
  return [...Buffer.from(text, "latin1")]
    .map((byte) => {
      const char = String.fromCharCode(byte);
      return /[A-Za-z0-9\-._~]/.test(char) ? char : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
    })
    .join("");
}
