import type { countBytes, describeIdentity, errorReply, HttpError, Shop } from "@authmodes/app-shared";
import type { Auth, Identity } from "@authmodes/next";

/**
 * What Next's bundles get from the process that they run in: the database and the identity provider are there, and
 * what is bundled would be a copy.
 */
export interface Bookstore {
  readonly shop: Shop;
  readonly auth: Auth<Identity>;
  readonly countBytes: typeof countBytes;
  readonly describeIdentity: typeof describeIdentity;
  readonly errorReply: typeof errorReply;
  readonly HttpError: typeof HttpError;
  readonly maxBodyBytes: number;
}

const key = Symbol.for("@authmodes/app-next");
const shared = globalThis as { [key]?: Bookstore };

/** @throws Error where there is one: Next keeps what it made of the first */
export function openBookstore(bookstore: Bookstore): void {
  if (shared[key] !== undefined) throw new Error("Next serves one shop a process");
  shared[key] = bookstore;
}

/** The shop that is open. */
export function bookstore(): Bookstore {
  const open = shared[key];
  if (open === undefined) throw new Error("the shop is not open: npm start -- --app next");
  return open;
}
