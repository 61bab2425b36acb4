import { AuthError } from "./error.ts";
import type { PublicUrl } from "./public-url.ts";
import type { RequestView } from "./types.ts";

const views = new WeakMap<Request, FetchView>();

/** The view of a fetch-style request: one for its whole life, so that it is verified once. */
export function fetchView(request: Request, publicUrl?: PublicUrl): RequestView {
  const known = views.get(request);
  if (known !== undefined && known.publicUrl === publicUrl) return known;
  const view = new FetchView(request, publicUrl);
  views.set(request, view);
  return view;
}

/** `exact` is false: a URL object has already resolved dot segments, and `Headers` has joined repeats. */
class FetchView implements RequestView {
  readonly method: string;
  readonly target: string;
  readonly host: string | undefined;
  readonly exact = false;
  readonly publicUrl: PublicUrl | undefined;
  readonly #request: Request;
  #rawHeaders: readonly string[] | undefined;
  #body: Promise<Uint8Array> | undefined;

  constructor(request: Request, publicUrl: PublicUrl | undefined) {
    this.#request = request;
    this.publicUrl = publicUrl;
    this.method = request.method;
    const url = new URL(request.url);
    const target = url.pathname + url.search;
    this.target = publicUrl === undefined ? target : publicUrl.prefix + target;
    this.host = publicUrl?.host ?? request.headers.get("host") ?? url.host;
  }

  get rawHeaders(): readonly string[] {
    return (this.#rawHeaders ??= [...this.#request.headers].flat());
  }

  header(lowerName: string): string | undefined {
    return this.#request.headers.get(lowerName) ?? undefined;
  }

  body(maxBytes: number): Promise<Uint8Array> {
    return (this.#body ??= readBody(this.#request, maxBytes));
  }
}

async function readBody(request: Request, maxBytes: number): Promise<Uint8Array> {
  if (request.body === null) return new Uint8Array();
  if (request.bodyUsed) {
    throw new AuthError("misconfigured", "body_consumed", {
      detail: "the body was read before authentication: authenticate first",
    });
  }
  // The clone is read; the request keeps its own branch for the handler.
  const reader = request.clone().body?.getReader();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for (let part = await reader?.read(); part?.value !== undefined; part = await reader?.read()) {
    chunks.push(part.value);
    size += part.value.byteLength;
    if (size > maxBytes) {
      void reader?.cancel(); // settles only when the request's own branch ends too
      throw new AuthError("body_too_large", "body_too_large", {
        detail: `the body is over ${maxBytes} bytes`,
      });
    }
  }
  const all = new Uint8Array(size);
  let offset = 0;
  for (const chunk of chunks) {
    all.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return all;
}
