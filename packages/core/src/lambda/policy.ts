import { AuthError } from "../refusal/error.ts";
import type { RequestView } from "../types.ts";
import { unescaped } from "../auth/credentials.ts";

/** The deployed API that this server replaces. */
export interface StageName {
  readonly region: string;
  readonly accountId: string;
  readonly apiId: string;
  readonly stage: string;
}

/** In a decoded path: dot segments, empty segments, and the backslash, which some servers read as a slash. */
const ambiguous = /(?:^|\/)\.{1,2}(?:\/|$)|\/\/|\\/;
/** In a path as received: a fragment, escaped control characters. */
const strange = /#|%[01][0-9a-f]/i;

/** The path of a request, as received. */
export function pathOf(request: RequestView): string {
  return request.target.split("?", 1)[0] ?? "";
}

/** `arn:aws:execute-api:<region>:<account>:<api>/<stage>/<METHOD>/<path>`, as API Gateway gives it to authorizers. */
export function methodArn(method: string, path: string, name: StageName): string {
  const { region, accountId, apiId, stage } = name;
  return `arn:${partition(region)}:execute-api:${region}:${accountId}:${apiId}/${stage}/${method}${path}`;
}

/**
 * The names of a request in policies. Routers differ in letter case, in the slash at the end, in escapes, and in
 * answering HEAD by GET.
 */
export function methodArns(request: RequestView, name: StageName): MethodArns {
  const path = pathOf(request);
  const plain = unescaped(path) ?? path;
  const methods = request.method === "HEAD" ? ["HEAD", "GET"] : [request.method];
  const paths = new Set([path, plain, path.replace(/\/$/, ""), plain.replace(/\/$/, "")]);
  return {
    exact: methodArn(request.method, path, name),
    alike: methods.flatMap((method) => Array.from(paths, (spelling) => methodArn(method, spelling, name))),
  };
}

/**
 * Rejects paths that an authorizer and a router may read differently.
 * @throws AuthError `path_not_canonical`
 */
export function refuseAmbiguousPath(request: RequestView): void {
  const path = pathOf(request);
  const plain = unescaped(path);
  if (path.startsWith("/") && !strange.test(path) && plain !== undefined && !ambiguous.test(plain)) return;
  throw new AuthError("forbidden", "path_not_canonical", {
    detail:
      "the path has dot segments, empty segments, a fragment, bad escapes or a host: it could be read in two ways",
  });
}

function partition(region: string): string {
  if (region.startsWith("cn-")) return "aws-cn";
  return region.startsWith("us-gov-") ? "aws-us-gov" : "aws";
}

/** A statement of an IAM policy about calling an API. */
export interface InvokeStatement {
  readonly effect: "Allow" | "Deny";
  readonly resources: readonly string[];
}

/** `denied` by a statement, or `unmentioned` by all. */
type PolicyDecision = "allowed" | "denied" | "unmentioned";

/** The names of a request in policies. */
interface MethodArns {
  readonly exact: string;
  /** Every spelling that a server might route in the same way: a denial of one denies the request. */
  readonly alike: readonly string[];
}

/** A denial wins; the default is a denial (IAM user guide, "Policy evaluation logic"). */
export function evaluate(statements: readonly InvokeStatement[], arns: MethodArns): PolicyDecision {
  const names = (effect: string, matches: (resource: string) => boolean) =>
    statements.some((statement) => statement.effect === effect && statement.resources.some(matches));
  const spellings = arns.alike.map((arn) => arn.toLowerCase());
  if (names("Deny", (resource) => spellings.some((arn) => globMatches(resource.toLowerCase(), arn)))) {
    return "denied";
  }
  return names("Allow", (resource) => globMatches(resource, arns.exact)) ? "allowed" : "unmentioned";
}

const questionMark = 0x3f;

/**
 * Whether a pattern with `*` (any characters) and `?` (one) matches the whole text, in linear time: an authorizer may
 * write a request's path into its policy, so callers can choose both the pattern and the text.
 */
export function globMatches(pattern: string, text: string): boolean {
  const [first = "", ...others] = pattern.split("*");
  const last = others.pop();
  if (!isAt(0, first, text)) return false;
  if (last === undefined) return first.length === text.length;
  const end = text.length - last.length;
  let from = first.length;
  // The earliest match leaves the most text for the next piece.
  for (const piece of others) {
    from = endOf(piece, text, from);
    if (from === -1) return false;
  }
  return from <= end && isAt(end, last, text);
}

function isAt(place: number, piece: string, text: string): boolean {
  if (place + piece.length > text.length) return false;
  for (let i = 0; i < piece.length; i++) {
    const code = piece.charCodeAt(i);
    if (code !== questionMark && code !== text.charCodeAt(place + i)) return false;
  }
  return true;
}

/** The end of the first `piece` at or after `from`; -1 if there is none. */
function endOf(piece: string, text: string, from: number): number {
  if (!piece.includes("?")) return endOfPlain(piece, text, from);
  // A path has no `?`, so the developer wrote this piece, which is therefore short.
  for (let at = from; at + piece.length <= text.length; at++) {
    if (isAt(at, piece, text)) return at + piece.length;
  }
  return -1;
}

/** Knuth, Morris and Pratt: `indexOf` takes the product of both lengths for some pairs. */
function endOfPlain(piece: string, text: string, from: number): number {
  if (piece === "") return from;
  const borders = bordersOf(piece);
  let matched = 0;
  for (let i = from; i < text.length; i++) {
    matched = matchedAfter(text.charCodeAt(i), piece, matched, borders);
    if (matched === piece.length) return i + 1;
  }
  return -1;
}

/** The length of the longest border of each prefix of `piece`: a proper prefix that is also a suffix. */
function bordersOf(piece: string): readonly number[] {
  const borders = [0];
  for (let i = 1; i < piece.length; i++)
    borders.push(matchedAfter(piece.charCodeAt(i), piece, borders[i - 1] ?? 0, borders));
  return borders;
}

/** How much of a piece matches after one more character. */
function matchedAfter(code: number, piece: string, before: number, borders: readonly number[]): number {
  let matched = before;
  while (matched > 0 && piece.charCodeAt(matched) !== code) matched = borders[matched - 1] ?? 0;
  return piece.charCodeAt(matched) === code ? matched + 1 : 0;
}
