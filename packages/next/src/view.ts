import { AuthError, type PublicUrl, type RequestView } from "@authmodes/core";
import { fetchView, KeptViews } from "@authmodes/core/fetch";
import type { NextRequest } from "next/server.js";
import { type Incoming, incoming } from "./incoming.ts";

const views = new KeptViews<NextRequest, NextView>();

/** The view of a route handler's request: one for its whole life, so that it is verified once. */
export function nextView(request: NextRequest, publicUrl?: PublicUrl): RequestView {
  return views.of(request, publicUrl, () => new NextView(request, publicUrl, incoming()));
}

/**
 * The host is that of the `Host` header, for Next's URL names another. Path, query and repeated headers are those that
 * the client sent where Node told them, and else what Next rebuilt: a query reads as a form then, in which `+` is a
 * space, and of a repeated header the first counts.
 */
class NextView implements RequestView {
  readonly method: string;
  readonly target: string;
  readonly host: string | undefined;
  readonly exact: boolean;
  readonly publicUrl: PublicUrl | undefined;
  readonly #request: NextRequest;
  readonly #fetched: RequestView;
  readonly #sent: Incoming | undefined;

  constructor(request: NextRequest, publicUrl: PublicUrl | undefined, sent: Incoming | undefined) {
    this.#request = request;
    this.#fetched = fetchView(request, publicUrl, { host: "header" });
    const prefix = publicUrl?.prefix ?? "";
    const rebuilt = this.#fetched.target.slice(prefix.length);
    this.#sent = sent !== undefined && isOf(this.#fetched.method, rebuilt, sent) ? sent : undefined;
    this.publicUrl = publicUrl;
    this.method = this.#fetched.method;
    this.exact = this.#sent !== undefined;
    this.target = prefix + (this.#sent?.target ?? rebuilt);
    this.host = this.#fetched.host;
  }

  get rawHeaders(): readonly string[] {
    return this.#sent?.rawHeaders ?? this.#fetched.rawHeaders;
  }

  header(lowerName: string): string | undefined {
    return this.#fetched.header(lowerName);
  }

  async body(maxBytes: number): Promise<Uint8Array> {
    const bytes = await this.#fetched.body(maxBytes);
    const length = this.#request.headers.get("content-length");
    if (length === null || Number(length) === bytes.byteLength || this.#request.body === null) return bytes;
    throw new AuthError("credentials_malformed", "body_cut", {
      detail:
        `${bytes.byteLength} of ${length} bytes of the body arrived. With a proxy.ts Next cuts bodies: ` +
        "set experimental.proxyClientMaxBodySize in next.config above what is to be verified",
    });
  }
}

/** Next answers some requests with the help of others, which it makes up itself: nobody sent those. */
function isOf(method: string, rebuilt: string, sent: Incoming): boolean {
  if (sent.method !== method) return false;
  const path = pathOf(rebuilt);
  if (pathOf(sent.target) === path) return true; // nearly all
  if (!sent.target.startsWith("/") || !URL.canParse(sent.target, "http://n")) return false;
  return unescaped(new URL(sent.target, "http://n").pathname) === unescaped(path);
}

function pathOf(target: string): string {
  return target.split("?", 1)[0] ?? "";
}

/** Next escapes some letters of a path anew. */
function unescaped(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
