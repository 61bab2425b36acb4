import { AuthError, type IdentityBase } from "@authmodes/core";
import type { Call } from "./call.ts";
import type { Settings } from "./options.ts";
import { Refusal } from "./reply.ts";

// Who may open the studio, and from where.

/**
 * Refuses what another site makes a browser send. Somebody may still follow a link to the page, which cannot be framed
 * and does nothing by itself.
 * @throws Refusal
 */
export function refuseCrossSite({ view, host, method }: Call, { auth }: Settings, isPage: boolean): void {
  const site = view.header("sec-fetch-site");
  const isLink = isPage && view.header("sec-fetch-mode") === "navigate" && method === "GET";
  if (site !== undefined && site !== "same-origin" && site !== "none" && !isLink) throw crossSite();
  const origin = view.header("origin");
  if (origin !== undefined && !isOwnOrigin(origin, [host, auth.publicUrl?.host])) throw crossSite();
  const isSafe = method === "GET" || method === "HEAD";
  // Browsers say where a request that may change something comes from.
  if (!isSafe && origin === undefined && site !== "same-origin") throw crossSite();
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

/**
 * Who has it open: their mode and group are asked for where they were named, else only this machine gets in.
 * @throws AuthError · Refusal
 */
export async function admit(call: Call, { people }: Settings): Promise<IdentityBase | undefined> {
  if (people === undefined) {
    refuseOtherMachines(call);
    return undefined;
  }
  const identity: IdentityBase = await people.auth.authenticate(call.view, { groups: people.groups });
  // An auth that mirrors lets refused callers pass: nobody is to pass here on paper only.
  if ("error" in identity && identity.error instanceof AuthError) throw identity.error;
  return identity;
}

/**
 * The name of the host tells a page of another site that made its name lead here (DNS rebinding); the addresses tell
 * other machines, also behind a proxy on this one.
 */
function refuseOtherMachines({ host, peer, view }: Call): void {
  if (peer === undefined) {
    throw new Refusal(
      403,
      "address_unknown",
      "Nobody said from where this is asked, and any name of a host can be made up: " +
        "call studio.fetch(request, remoteAddress), or give createStudio() a mode and groups.",
    );
  }
  const forwardedHosts = listed(view.header("x-forwarded-host"));
  const hosts = [host ?? "", ...forwardedHosts];
  const addresses = [peer, ...listed(view.header("x-forwarded-for"))];
  const isForwarded = view.header("forwarded") !== undefined;
  if (!isForwarded && hosts.every(isLoopbackHost) && addresses.every(isLoopbackAddress)) return;
  throw new Refusal(
    403,
    "not_this_machine",
    "The studio is open to this machine alone, as http://localhost or http://127.0.0.1. " +
      "To open it to others give createStudio() a mode and groups.",
  );
}

function listed(header: string | undefined): readonly string[] {
  return header === undefined ? [] : header.split(",").map((part) => part.trim());
}

const loopbackNames: ReadonlySet<string> = new Set(["localhost", "127.0.0.1", "[::1]"]);

function isLoopbackHost(host: string): boolean {
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
