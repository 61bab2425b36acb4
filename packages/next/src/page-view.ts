import { AuthError, type PublicUrl, type RequestView } from "@authmodes/core";
import { AdapterSlot, RequestState, stateOf } from "@authmodes/core/adapter";
import type { cookies, headers } from "next/headers.js";
import { type Incoming, incoming } from "./view.ts";

type ReadHeaders = Awaited<ReturnType<typeof headers>>;
type ReadCookies = Awaited<ReturnType<typeof cookies>>;

/** The part of a request that Next gives to server components and server actions. */
export interface PageRequest {
  readonly headers: ReadHeaders;
  readonly cookies: ReadCookies;
}

export async function pageRequest(): Promise<PageRequest> {
  // Imported late: a custom server loads this package before Next, when Next's module cannot be loaded yet.
  const { cookies, headers } = await import("next/headers.js");
  const [read, jar] = await Promise.all([headers(), cookies()]);
  return { headers: read, cookies: jar };
}

/** A request with its current cookies, which has a state of its own. */
interface WithCookies {
  readonly headers: ReadHeaders;
  readonly cookie: string;
}

const current = new AdapterSlot<RequestState<WithCookies>>();

/** The view of a request. All components and actions share it, so that it is verified once, until an action changes the cookies. */
export function pageView({ headers, cookies }: PageRequest, publicUrl?: PublicUrl): RequestView {
  const cookie = cookieHeader(headers.get("cookie") ?? "", cookies);
  let state = current.get(stateOf(headers));
  if (state?.request.cookie !== cookie) {
    current.set(stateOf(headers), (state = new RequestState({ headers, cookie })));
  }
  return state.view(publicUrl, newPageView);
}

function newPageView({ request }: RequestState<WithCookies>, publicUrl: PublicUrl | undefined): RequestView {
  return new PageView(request, publicUrl, incoming());
}

class PageView implements RequestView {
  readonly method: string;
  readonly target: string;
  readonly host: string | undefined;
  readonly rawHeaders: readonly string[];
  readonly exact: boolean;
  readonly #cookie: string;
  readonly #headers: ReadHeaders;

  constructor(
    { headers, cookie }: WithCookies,
    publicUrl: PublicUrl | undefined,
    sent: Incoming | undefined,
  ) {
    this.#headers = headers;
    this.#cookie = cookie;
    this.method = sent?.method ?? guessedMethod(headers);
    // Not a path, so that no signature holds for it.
    this.target = sent === undefined ? "(page)" : (publicUrl?.prefix ?? "") + sent.target;
    this.host = publicUrl?.host ?? headers.get("host") ?? undefined;
    this.rawHeaders = sent?.rawHeaders ?? [...headers].flat();
    this.exact = sent !== undefined;
  }

  header(lowerName: string): string | undefined {
    if (lowerName === "cookie") return this.#cookie === "" ? undefined : this.#cookie;
    return this.#headers.get(lowerName) ?? undefined;
  }

  async body(): Promise<Uint8Array> {
    if (this.method === "GET" || this.method === "HEAD") return new Uint8Array();
    throw new AuthError("credentials_refused", "body_unreadable", {
      detail:
        "a page and an action cannot read the bytes of the body: withAuth() in a route handler verifies them",
    });
  }
}

/** Anything but a certain page visit counts as an unsafe method: browsers send none of these headers with a GET. */
function guessedMethod(headers: ReadHeaders): string {
  const signs = ["next-action", "content-type", "content-length", "transfer-encoding"];
  return signs.some((name) => headers.has(name)) ? "POST" : "GET";
}

/** The cookies as an action left them, and the second of those that were sent twice, which Next's jar hides. */
function cookieHeader(sent: string, jar: ReadCookies): string {
  const current = jar.getAll().map(({ name, value }) => `${name}=${encodeURIComponent(value)}`);
  const names = new Set<string>();
  const repeated = sent.split(";").filter((pair) => {
    const name = pair.split("=", 1)[0]?.trim() ?? "";
    return names.size === names.add(name).size;
  });
  return [...current, ...repeated.map((pair) => pair.trim())].join("; ");
}
