import { isSignature } from "../auth/credentials.ts";
import { AuthError } from "../refusal/error.ts";
import type { Fit, RequestView } from "../types.ts";
import type { AnyLambdaOptions } from "./options.ts";
import { type IdentitySource, parseSource, sourceValues } from "./sources.ts";

/** Where the credential of this mode sits and what else its decisions depend on. */
export interface Credential {
  /** See `Detection`. */
  readonly place: string;
  readonly fit: Fit;
  /** Undefined where it travels in the query. */
  readonly header: string | undefined;
  /** Every header that decisions depend on. */
  readonly headers: readonly string[];
  /** The value as received; undefined where there is none for this mode. */
  read(request: RequestView): string | undefined;
  /** @throws AuthError `identity_source_missing` */
  refuseMissing(request: RequestView): void;
  /** All that decisions depend on, as text. */
  key(request: RequestView): string;
}

const authorization: IdentitySource = { kind: "header", name: "authorization" };

export function credentialOf({ event, header, identitySources = [] }: AnyLambdaOptions): Credential {
  const declared = identitySources.map(parseSource);
  const required = event === "request" ? declared.filter(isPartOfRequest) : [];
  const credential =
    header === undefined
      ? (required.find(isAuthorization) ?? required[0] ?? authorization)
      : ({ kind: "header", name: header.toLowerCase() } as const);
  const shared = isAuthorization(credential);
  // The function is told every header, so that the Authorization counts also where it was not declared.
  const parts = [credential, authorization, ...declared];

  return {
    place: credential.kind === "header" ? credential.name : `query:${credential.name}`,
    fit: shared ? "fallback" : "own",
    header: credential.kind === "header" ? credential.name : undefined,
    headers: [credential, ...declared].filter(({ kind }) => kind === "header").map(({ name }) => name),
    read(request) {
      const value = valueOf(credential, request);
      return value === undefined || (shared && isSignature(value)) ? undefined : value;
    },
    refuseMissing(request) {
      const missing = required.find((source) => sourceValues(source, request).every((value) => value === ""));
      if (missing === undefined) return;
      throw new AuthError("credentials_refused", "identity_source_missing", {
        detail: `the identity source ${missing.kind}:${missing.name} is missing`,
      });
    },
    key: (request) => JSON.stringify(parts.map((source) => sourceValues(source, request))),
  };
}

function isPartOfRequest({ kind }: IdentitySource): boolean {
  return kind === "header" || kind === "query";
}

function isAuthorization({ kind, name }: IdentitySource): boolean {
  return kind === "header" && name === "authorization";
}

function valueOf(source: IdentitySource, request: RequestView): string | undefined {
  return source.kind === "header" ? request.header(source.name) : sourceValues(source, request)[0];
}
