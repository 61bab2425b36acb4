import { AuthError } from "../refusal/error.ts";
import type { RequestView } from "../types.ts";
import type { MethodArns } from "./iam-policy.ts";

/** Which deployed API this server stands in for. */
export interface StageName {
  readonly region: string;
  readonly accountId: string;
  readonly apiId: string;
  readonly stage: string;
}

/** In a decoded path: dot segments, empty segments, what some servers take for a slash. */
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
 * What the request is called in policies. Routers differ in letter case, in the slash at the end, in escapes, and in
 * answering HEAD by GET.
 */
export function methodArns(request: RequestView, name: StageName): MethodArns {
  const path = pathOf(request);
  const plain = decodePath(path) ?? path;
  const methods = request.method === "HEAD" ? ["HEAD", "GET"] : [request.method];
  const paths = new Set([path, plain, path.replace(/\/$/, ""), plain.replace(/\/$/, "")]);
  return {
    exact: methodArn(request.method, path, name),
    alike: methods.flatMap((method) => Array.from(paths, (spelling) => methodArn(method, spelling, name))),
  };
}

/**
 * Refuses paths that an authorizer and a router may read differently, before a decision hangs on one reading.
 * @throws AuthError `path_not_canonical`
 */
export function refuseAmbiguousPath(request: RequestView): void {
  const path = pathOf(request);
  const plain = decodePath(path);
  if (path.startsWith("/") && !strange.test(path) && plain !== undefined && !ambiguous.test(plain)) return;
  throw new AuthError("forbidden", "path_not_canonical", {
    detail:
      "the path has dot segments, empty segments, a fragment, bad escapes or a host: it could be read in two ways",
  });
}

function decodePath(path: string): string | undefined {
  try {
    return decodeURIComponent(path);
  } catch {
    return undefined;
  }
}

function partition(region: string): string {
  if (region.startsWith("cn-")) return "aws-cn";
  return region.startsWith("us-gov-") ? "aws-us-gov" : "aws";
}
