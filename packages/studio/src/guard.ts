import { AuthError, type IdentityBase, type RequestView } from "@authmodes/core";
import type { Call } from "./call.ts";
import { Link } from "./link.ts";
import type { People, Settings } from "./options.ts";
import { isProxied } from "./proxied.ts";
import { Refusal } from "./reply.ts";

// Decides which requests may open the studio.

/**
 * Rejects requests that another site makes a browser send. A link to the page is fine: the page cannot be framed, and
 * opening it changes nothing.
 * @throws {Refusal} cross_site
 */
export function refuseCrossSite({ view, host }: Call, { auth }: Settings, isPage: boolean): void {
  const site = view.header("sec-fetch-site");
  const isLink = isPage && view.header("sec-fetch-mode") === "navigate";
  if (site !== undefined && site !== "same-origin" && site !== "none" && !isLink) throw crossSite();
  const origin = view.header("origin");
  if (origin !== undefined && !isOwnOrigin(origin, [host, auth.publicUrl?.host])) throw crossSite();
  // Browsers name the origin of requests that may change something.
  if (!isSafe(view) && origin === undefined && site !== "same-origin") throw crossSite();
}

/** Whether it changes nothing. */
export function isSafe({ method }: RequestView): boolean {
  return method === "GET" || method === "HEAD";
}

function crossSite(): Refusal {
  return new Refusal(403, "cross_site", "Only the studio's own page may send this.");
}

function isOwnOrigin(origin: string, hosts: readonly (string | undefined)[]): boolean {
  if (!URL.canParse(origin)) return false;
  const { host, protocol } = new URL(origin);
  const isWeb = protocol === "http:" || protocol === "https:";
  return isWeb && hosts.some((own) => own !== undefined && hostOf(own, protocol)?.host === host);
}

/** How the studio is opened: by a mode and groups, or by a link. */
export type Door = People | Link;

/**
 * Returns the caller who opened the studio; undefined if the link opened it.
 * @throws {AuthError} if the mode rejects the caller
 * @throws {Refusal} without the cookie of the link
 */
export async function admit(call: Call, door: Door): Promise<IdentityBase | undefined> {
  if (door instanceof Link) {
    refuseOtherMachines(call);
    door.check(call);
    return undefined;
  }
  const identity: IdentityBase = await door.auth.authenticate(call.view, { groups: door.groups });
  // An auth with `reportOnly` returns rejected callers.
  if ("error" in identity && identity.error instanceof AuthError) throw identity.error;
  return identity;
}

/**
 * Answers a request that opens the link; undefined for other requests.
 * @throws {Refusal} if the token is wrong, or the client is on another machine
 */
export function openLink(call: Call, door: Door): Response | undefined {
  if (!(door instanceof Link)) return undefined;
  refuseOtherMachines(call);
  return door.exchange(call);
}

/**
 * Rejects clients on other machines by their address, also behind a proxy on this machine, and by the host name pages
 * of other sites whose name resolves to this machine (DNS rebinding). Token and cookie of the link are secrets already;
 * this check makes a leaked one useless on other machines.
 */
function refuseOtherMachines(call: Call): void {
  const { host, peer } = call;
  if (peer === undefined) {
    throw new Refusal(
      403,
      "address_unknown",
      "The studio does not know the address of the client: " +
        "call studio.fetch(request, remoteAddress), or give createStudio() a mode and groups.",
    );
  }
  if (isLoopbackHost(host) && isLoopbackAddress(peer) && !isProxied(call)) return;
  throw new Refusal(
    403,
    "not_this_machine",
    "The link opens the studio only on this machine, as http://localhost or http://127.0.0.1, and not through a proxy. " +
      "To open it elsewhere give createStudio() a mode and groups.",
  );
}

const loopbackNames: ReadonlySet<string> = new Set(["localhost", "127.0.0.1", "[::1]"]);

function isLoopbackHost(host = ""): boolean {
  const name = hostOf(host, "http:")?.hostname;
  return name !== undefined && loopbackNames.has(name);
}

function isLoopbackAddress(address: string): boolean {
  return /^(?:::ffff:)?127(?:\.\d{1,3}){3}$/.test(address) || address === "::1";
}

function hostOf(host: string, protocol: string): URL | undefined {
  const url = `${protocol}//${host}`;
  return /^[\w.:[\]-]+$/.test(host) && URL.canParse(url) ? new URL(url) : undefined;
}
