import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import type { Call } from "./call.ts";
import { Refusal, reply } from "./reply.ts";

/** 256 random bits each. The cookie differs from the token of the link, which terminals and shells keep. */
interface Secrets {
  readonly token: string;
  readonly session: string;
}

/**
 * The link that opens the studio without `mode` and `groups`. It can be opened repeatedly until the process ends, each
 * time with the same session cookie.
 */
export class Link {
  readonly #basePath: string;
  readonly #secrets: Secrets;

  constructor(basePath: string, secrets: Secrets = newSecrets()) {
    this.#basePath = basePath;
    this.#secrets = secrets;
  }

  /** Path and query. */
  get target(): string {
    return `${this.#basePath}/?token=${this.#secrets.token}`;
  }

  /**
   * Exchanges the token of a link for the cookie, and redirects to the page without the token.
   * @returns undefined if the request has no token
   * @throws {Refusal} if the token is wrong
   */
  exchange(call: Call): Response | undefined {
    const [, query] = call.view.target.split("?", 2);
    const token = new URLSearchParams(query).get("token");
    if (token === null) return undefined;
    if (!isEqual(token, this.#secrets.token)) throw closed();
    const { session } = this.#secrets;
    const cookie = `${cookieName(call)}=${session}; Path=${this.#basePath}; HttpOnly; SameSite=Strict`;
    return reply(303, null, {
      Location: `${this.#basePath}/`,
      "Set-Cookie": call.isSecure ? `${cookie}; Secure` : cookie,
    });
  }

  /** @throws {Refusal} without the cookie of this process */
  check(call: Call): void {
    const start = `${cookieName(call)}=`;
    const cookies = (call.view.header("cookie") ?? "").split(";").map((pair) => pair.trim());
    // Servers on other ports can set a cookie of this name too, which browsers may send before ours.
    const isOpen = cookies.some(
      (pair) => pair.startsWith(start) && isEqual(pair.slice(start.length), this.#secrets.session),
    );
    if (!isOpen) throw closed();
  }
}

/** Browsers send cookies to all ports of a host, so servers on several ports would overwrite each other's cookie. */
function cookieName({ host = "" }: Call): string {
  const [port] = /:\d+$/.exec(host) ?? [];
  return `authmodes-studio${port === undefined ? "" : port.replace(":", "-")}`;
}

function closed(): Refusal {
  return new Refusal(403, "link_needed", "Open the link that the server printed when it started.");
}

function isEqual(given: string, expected: string): boolean {
  return timingSafeEqual(digest(given), digest(expected));
}

function digest(text: string): Uint8Array {
  return createHash("sha256").update(text).digest();
}

function newSecrets(): Secrets {
  return { token: randomBytes(32).toString("base64url"), session: randomBytes(32).toString("base64url") };
}

// Development servers reload modules after a change. The link and open pages stay valid.
const key = Symbol.for("@authmodes/studio: links");
const shared = globalThis as { [key]?: Map<string, Secrets> };

/** Returns the link of this process to the studio at a path. Prints it, if it is to be printed, the first time only. */
export function linkOfProcess(basePath: string, isPrinted: boolean): Link {
  const links = (shared[key] ??= new Map<string, Secrets>());
  const known = links.get(basePath);
  const secrets = known ?? newSecrets();
  const link = new Link(basePath, secrets);
  if (known !== undefined) return link;
  links.set(basePath, secrets);
  if (isPrinted) {
    console.error(
      `authmodes studio: open http://localhost:<port>${link.target} with the port of this server. ` +
        "The link is valid until the process ends.",
    );
  }
  return link;
}
