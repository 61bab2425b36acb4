import { AuthError, type PublicUrl, type RequestView } from "@authmodes/core";
import { DelegatingView, type RequestState, stateOf } from "@authmodes/core/adapter";
import { fetchView } from "@authmodes/core/fetch";
import type { NextRequest } from "next/server.js";
import { type Incoming, incoming } from "./incoming.ts";

/** The view of a route handler's request: one for its whole life, so that it is verified once. */
export function nextView(request: NextRequest, publicUrl?: PublicUrl): RequestView {
  return stateOf(request).view(publicUrl, newNextView);
}

function newNextView({ request }: RequestState<NextRequest>, publicUrl: PublicUrl | undefined): RequestView {
  return new NextView(request, publicUrl, incoming());
}

/**
 * The host is that of the `Host` header, for Next's URL names another. Path, query and repeated headers are those that
 * the client sent if Node reported them, and else what Next rebuilt: a query reads as a form then, in which `+` is a
 * space, and of a repeated header the first counts.
 */
class NextView extends DelegatingView {
  readonly #request: NextRequest;
  readonly #publicUrl: PublicUrl | undefined;
  readonly #sent: Incoming | undefined;

  constructor(request: NextRequest, publicUrl: PublicUrl | undefined, sent: Incoming | undefined) {
    super(fetchView(request, publicUrl));
    this.#request = request;
    this.#publicUrl = publicUrl;
    const rebuilt = super.target.slice(this.#prefix.length);
    this.#sent = sent !== undefined && isOf(super.method, rebuilt, sent) ? sent : undefined;
  }

  get #prefix(): string {
    return this.#publicUrl?.prefix ?? "";
  }

  override get exact(): boolean {
    return this.#sent !== undefined;
  }

  override get target(): string {
    return this.#sent === undefined ? super.target : this.#prefix + this.#sent.target;
  }

  override get host(): string | undefined {
    return this.#publicUrl?.host ?? super.header("host") ?? super.host;
  }

  override get rawHeaders(): readonly string[] {
    return this.#sent?.rawHeaders ?? super.rawHeaders;
  }

  override async body(maxBytes: number): Promise<Uint8Array> {
    const bytes = await super.body(maxBytes);
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
