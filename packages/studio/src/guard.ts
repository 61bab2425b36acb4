import { AuthError, type IdentityBase, type RequestView } from "@authmodes/core";
import type { Call } from "./call.ts";
import { Link } from "./link.ts";
import type { People, Settings } from "./options.ts";
import { isProxied } from "./proxied.ts";
import { Refusal } from "./reply.ts";

// Who may open the studio, and from where.

/**
 * Refuses what another site makes a browser send. Somebody may still follow a link to the page, which cannot be framed
 * and does nothing by itself.
 * @throws Refusal
 */
export function refuseCrossSite({ view, host }: Call, { auth }: Settings, isPage: boolean): void {
  const site = view.header("sec-fetch-site");
  const isLink = isPage && view.header("sec-fetch-mode") === "navigate" && view.method === "GET";
  if (site !== undefined && site !== "same-origin" && site !== "none" && !isLink) throw crossSite();
  const origin = view.header("origin");
  if (origin !== undefined && !isOwnOrigin(origin, [host, auth.publicUrl?.host])) throw crossSite();
  // Browsers say where a request that may change something comes from.
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

/** What opens it: the mode and the groups of people, or a link. */
export type Door = People | Link;

/**
 * The caller who has it open; undefined if the link opened it.
 * @throws AuthError · Refusal
 */
export async function admit(call: Call, door: Door): Promise<IdentityBase | undefined> {
  if (door instanceof Link) {
    refuseOtherMachines(call);
    door.check(call);
    return undefined;
  }
  const identity: IdentityBase = await door.auth.authenticate(call.view, { groups: door.groups });
  // An auth that only reports passes rejected callers on.
  if ("error" in identity && identity.error instanceof AuthError) throw identity.error;
  return identity;
}

/**
 * The answer to a request that opens the link; undefined if this is none.
 * @throws Refusal
 */
export function openLink(call: Call, door: Door): Response | undefined {
  if (!(door instanceof Link)) return undefined;
  refuseOtherMachines(call);
  return door.exchange(call);
}

/**
 * Rejects other machines by the address, also behind a proxy on this one, and by the name of the host pages of other
 * sites whose own name leads here (DNS rebinding). The link's token and cookie are secrets; this keeps a leaked one
 * from being used elsewhere.
 */
function refuseOtherMachines(call: Call): void {
  const { host, peer } = call;
  if (peer === undefined) {
    throw new Refusal(
      403,
      "address_unknown",
      "The server does not tell the studio from which address a request comes: " +
        "call studio.fetch(request, remoteAddress), or give createStudio() a mode and groups.",
    );
  }
  if (isLoopbackHost(host) && isLoopbackAddress(peer) && !isProxied(call)) return;
  throw new Refusal(
    403,
    "not_this_machine",
    "The studio is open to this machine alone, as http://localhost or http://127.0.0.1, and not through a proxy. " +
      "To open it to others give createStudio() a mode and groups.",
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
