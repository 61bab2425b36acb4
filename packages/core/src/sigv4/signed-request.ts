import { AuthError } from "../refusal/error.ts";
import { hasTooManyParameters, maxParameters } from "../lib/bounds.ts";
import {
  type Claim,
  malformed,
  maxCredentialLength,
  parseAuthorization,
  parsePresigned,
  type Presigned,
  type SignedNames,
} from "./claim.ts";
import {
  canonicalPath,
  canonicalQuery,
  canonicalText,
  canonicalValue,
  type DotSegments,
  hasEscapedDotSegment,
  isAmbiguousPath,
  parseQuery,
} from "./canonical.ts";
import { formatAmzDate, parseAmzDate, parseHttpDate } from "./signing.ts";
import type { RequestView } from "../types.ts";
import type { IamSettings } from "./checks.ts";

/** The place of a signature on a request. */
export type Place = "authorization" | "query";

/** A signed request, parsed but not verified. */
export interface SignedRequest {
  readonly view: RequestView;
  readonly claim: Claim;
  /** Whether the signature is in the query. */
  readonly presigned: boolean;
  readonly headers: SentHeaders;
  /** Canonical. */
  readonly path: string;
  /** Canonical, without the signature itself. */
  readonly query: string;
  /** When it was signed: `YYYYMMDDTHHMMSSZ`, and in milliseconds since 1970. */
  readonly date: string;
  readonly time: number;
  /** Seconds that a presigned request asks for. */
  readonly expires: number | undefined;
  readonly sessionToken: string | undefined;
}

/**
 * Returns the canonical request.
 * @param payload SHA-256 of the body, or the word in its place
 */
export function canonicalOf(request: SignedRequest, payload: string): string {
  const { view, path, query, headers, claim } = request;
  const { signed } = claim;
  return canonicalText({ method: view.method, path, query, signed, values: headers.values, payload });
}

/** The options of `iam()` that `readSignedRequest` needs. */
type ReadOptions = Pick<IamSettings, "dotSegments" | "requireSigned">;

/**
 * Parses everything that a verification needs, once.
 * @throws AuthError `credentials_malformed`
 */
export function readSignedRequest(view: RequestView, place: Place, options: ReadOptions): SignedRequest {
  const { dotSegments, requireSigned } = options;
  const { path, parameters } = readTarget(view.target, dotSegments);
  const presigned = place === "query" ? parsePresigned(parameters) : undefined;
  const claim = presigned ?? parseAuthorization(view.header("authorization") ?? "");
  const headers = new SentHeaders(view, claim.signed, requireSigned);
  if (presigned !== undefined) refuseContradiction(presigned, headers);
  const date = presigned?.date ?? dateOf(headers);
  const time = parseAmzDate(date);
  if (time === undefined) {
    throw malformed(
      "date_malformed",
      "Date must be in ISO-8601 'basic format'. See http://en.wikipedia.org/wiki/ISO_8601",
    );
  }
  const sessionToken = presigned === undefined ? headers.get("x-amz-security-token") : presigned.sessionToken;
  if (sessionToken !== undefined && sessionToken.length > maxCredentialLength) {
    throw malformed("session_token_too_long", "The security token is too long.");
  }
  return {
    view,
    claim,
    presigned: presigned !== undefined,
    headers,
    path: canonicalPath(path, dotSegments),
    query: canonicalQuery(parameters, presigned && "X-Amz-Signature"),
    date,
    time,
    expires: presigned?.expires,
    sessionToken,
  };
}

function readTarget(
  target: string,
  dotSegments: DotSegments,
): { path: string; parameters: readonly string[] } {
  // An absolute target has a host of its own, URL parsers differ on fragments and backslashes, and a character beyond
  // latin1 is no byte.
  if ((!target.startsWith("/") && target !== "") || /[#\\\u0100-\uffff]/.test(target)) {
    throw malformed("target_malformed", "The request target is not a path and a query.");
  }
  const mark = target.indexOf("?");
  const path = mark === -1 ? target : target.slice(0, mark);
  if (hasEscapedDotSegment(path) || (dotSegments === "refuse" && isAmbiguousPath(path))) {
    throw malformed(
      "path_ambiguous",
      "The path has dot segments or empty segments.",
      "the path has dot segments or '//', which one signature covers in several spellings: " +
        "if the server routes by the normalised path, set dotSegments: 'normalise'",
    );
  }
  const query = mark === -1 ? "" : target.slice(mark + 1);
  if (query.length > maxParameters && hasTooManyParameters(query)) {
    throw malformed("parameters_too_many", `The query-string has more than ${maxParameters} parameters.`);
  }
  const parameters = parseQuery(query);
  if (parameters !== undefined) return { path, parameters };
  throw new AuthError("credentials_malformed", "query_escape_broken", {
    awsType: "MalformedQueryString",
    awsMessage: "Illegal hex character in escape % pattern.",
  });
}

/** `X-Amz-Date` wins over `Date`, which clients sign if it is set. */
function dateOf(headers: SentHeaders): string {
  const amzDate = headers.get("x-amz-date");
  if (amzDate !== undefined) return amzDate;
  const date = headers.get("date");
  if (date === undefined) {
    throw malformed(
      "date_missing",
      "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.",
    );
  }
  const time = parseHttpDate(date);
  return time === undefined ? date : formatAmzDate(time);
}

/** The query decides. A header with another value is rejected, since a handler may read the header. */
function refuseContradiction({ parameters }: Presigned, headers: SentHeaders): void {
  for (const [name, value] of parameters) {
    if ((headers.get(name) ?? value) !== value) throw contradicted(name);
  }
  const token = "x-amz-security-token";
  if (headers.get(token) !== undefined && !parameters.has(token)) throw contradicted(token);
}

function contradicted(name: string): AuthError {
  return malformed("presigned_contradicted", "A header and a query-string parameter differ.", name);
}

/** Node's `headers` keep the first of these: if one is repeated, the application would not see the signed value. */
const keptOnce: ReadonlySet<string> = new Set([
  "age",
  "content-length",
  "content-type",
  "etag",
  "expires",
  "from",
  "if-modified-since",
  "if-unmodified-since",
  "last-modified",
  "location",
  "max-forwards",
  "proxy-authorization",
  "referer",
  "retry-after",
  "server",
  "user-agent",
]);

/** The headers of a signature, read once: canonical values, repeats joined as they are signed. */
export class SentHeaders {
  /** In the order of the signed headers; undefined for one that was not sent. */
  readonly values: readonly (string | undefined)[];
  /** By name, as received: headers of the protocol, and `others`, that are not signed. */
  readonly unsigned: ReadonlyMap<string, string>;
  /** The place of each signed header in `values`. */
  readonly #places: ReadonlyMap<string, number>;

  /**
   * @param others names of further headers to read
   * @throws AuthError `credentials_malformed` if a header is repeated that must not be
   */
  constructor(
    { rawHeaders, host }: RequestView,
    { names, places, lengths }: Omit<SignedNames, "text">,
    others: readonly string[],
  ) {
    const values = names.map((): string | undefined => undefined);
    const unsigned = new Map<string, string>();
    for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
      const received = rawHeaders[i] ?? "";
      if (others.length === 0 && !lengths.has(received.length) && !mayBeProtocol(received)) continue;
      const lower = received.toLowerCase();
      const name = lower === ":authority" ? "host" : lower;
      const place = places.get(name);
      if (place === undefined && !isProtocol(name) && !others.includes(name)) continue;
      const before = place === undefined ? unsigned.get(name) : values[place];
      const value = rawHeaders[i + 1] ?? "";
      if (place === undefined) unsigned.set(name, before === undefined ? value : join(name, before, value));
      else
        values[place] =
          before === undefined ? canonicalValue(value) : join(name, before, canonicalValue(value));
    }
    // The host that the client used: behind a proxy it may differ from the received header.
    const place = places.get("host");
    if (place !== undefined && host !== undefined) values[place] = canonicalValue(host);
    this.values = values;
    this.unsigned = unsigned;
    this.#places = places;
  }

  get(name: string): string | undefined {
    const place = this.#places.get(name);
    if (place !== undefined) return this.values[place];
    const value = this.unsigned.get(name);
    return value === undefined ? undefined : canonicalValue(value);
  }
}

function join(name: string, before: string, value: string): string {
  if (isProtocol(name) || keptOnce.has(name)) {
    throw malformed("header_repeated", "A header of the signature is repeated.", `${name} is repeated`);
  }
  return `${before},${value}`;
}

/** Checks length and first letter first: converting every header to lower case takes longer, and most are none of them. */
function mayBeProtocol({ length, 0: first }: string): boolean {
  return length === 4 || length === 10 || length === 13 || first === "x" || first === "X";
}

/** Whether a signature is read from this header. */
function isProtocol(name: string): boolean {
  if (name.length === 4) return name === "host" || name === "date";
  return name.startsWith("x-amz-") || name === "authorization";
}
