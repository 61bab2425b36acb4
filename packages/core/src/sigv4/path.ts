import { encodePath } from "./encoding.ts";

/**
 * What to do with `.` and `..` segments and with `//` in a path: signers resolve them before they sign, so that one
 * signature holds for all spellings of a path. "refuse" leaves the path as it is, for paths without any.
 */
export type DotSegments = "refuse" | "normalise";

/**
 * The canonical URI of every service but S3: the path as it stands on the wire, encoded once more.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export function canonicalPath(path: string, dotSegments: DotSegments): string {
  if (path === "") return "/";
  return encodePath(dotSegments === "normalise" ? normalise(path) : path);
}

/** Whether signers and servers may disagree about where a path leads: dot segments, escaped or not, and `//`. */
export function isAmbiguousPath(path: string): boolean {
  if (path.includes("//")) return true;
  return (path.includes("/.") || path.includes("/%")) && /\/(?:\.|%2e){1,2}(?:\/|$)/i.test(path);
}

/** Dot segments that signers do not see as such, but URL parsers do (WHATWG URL, "double-dot URL path segment"). */
export function hasEscapedDotSegment(path: string): boolean {
  return path.includes("%") && /\/(?=[^/]*%)(?:\.|%2e){1,2}(?:\/|$)/i.test(path);
}

/**
 * As signers do it, which is nearly RFC 3986 §5.2.4: empty segments go too, and a slash at the end stays exactly where
 * one was written.
 */
function normalise(path: string): string {
  if (!isAmbiguousPath(path)) return path;
  const kept: string[] = [];
  for (const segment of path.split("/")) {
    if (segment === "..") kept.pop();
    else if (segment !== "" && segment !== ".") kept.push(segment);
  }
  const end = kept.length > 0 && path.endsWith("/") ? "/" : "";
  return `/${kept.join("/")}${end}`;
}
