import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

// The test vectors of AWS's own signers (awslabs/aws-c-auth, tests/aws-signing-test-suite/v4, Apache-2.0). They are
// read as data beside the repository, from ../shared/vectors/sigv4; if that folder is absent, the tests are skipped.

const folder = fileURLToPath(new URL("../../../../../shared/vectors/sigv4/v4", import.meta.url));
export const haveVectors: boolean = existsSync(folder);

/** A request as the files have it; bytes as latin1. */
export interface VectorRequest {
  readonly method: string;
  readonly target: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
}

export interface Vector {
  readonly name: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string | undefined;
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly region: string;
  readonly service: string;
  readonly expires: number;
  /** Dot segments were resolved before signing. */
  readonly normalised: boolean;
  /** `x-amz-content-sha256` was sent. */
  readonly signBody: boolean;
  /** The token was appended after signing. */
  readonly tokenUnsigned: boolean;
  readonly request: VectorRequest;
  readonly header: VectorForm;
  readonly query: VectorForm;
}

export interface VectorForm {
  readonly canonicalRequest: string;
  readonly stringToSign: string;
  readonly signature: string;
  readonly signedRequest: VectorRequest;
}

interface Context {
  readonly credentials: { access_key_id: string; secret_access_key: string; token?: string };
  readonly timestamp: string;
  readonly region: string;
  readonly service: string;
  readonly expiration_in_seconds: number;
  readonly normalize: boolean;
  readonly sign_body: boolean;
  readonly omit_session_token?: boolean;
}

export function readVectors(): Vector[] {
  if (!haveVectors) return [];
  return readdirSync(folder).map((name) => {
    const read = (file: string) => readFileSync(`${folder}/${name}/${file}`, "latin1");
    const context = JSON.parse(read("context.json")) as Context;
    const form = (kind: "header" | "query"): VectorForm => ({
      canonicalRequest: read(`${kind}-canonical-request.txt`),
      stringToSign: read(`${kind}-string-to-sign.txt`),
      signature: read(`${kind}-signature.txt`),
      signedRequest: parse(read(`${kind}-signed-request.txt`)),
    });
    return {
      name,
      accessKeyId: context.credentials.access_key_id,
      secretAccessKey: context.credentials.secret_access_key,
      sessionToken: context.credentials.token,
      time: Date.parse(context.timestamp),
      region: context.region,
      service: context.service,
      expires: context.expiration_in_seconds,
      normalised: context.normalize,
      signBody: context.sign_body,
      tokenUnsigned: context.omit_session_token === true,
      request: parse(read("request.txt")),
      header: form("header"),
      query: form("query"),
    };
  });
}

/** Request lines with raw spaces and letters, and folded headers: no HTTP server would hand them on. */
function parse(text: string): VectorRequest {
  const [head = "", body = ""] = text.split(/\n\n(.*)/s, 2);
  const [line = "", ...fields] = head.split(/\n(?! )/);
  const [, method = "", target = ""] = /^(\S+) (.*) HTTP\/1\.1$/.exec(line) ?? [];
  const headers = fields
    .filter((field) => field !== "")
    .map((field) => field.split(/:(.*)/s, 2))
    .map(([name = "", value = ""]): [string, string] => [name, value]);
  return { method, target, headers, body };
}
