import type { Shop } from "@authmodes/app-shared";
import type { Auth, Identity } from "@authmodes/next";

/**
 * Passes the shop from the process to Next's bundles, which would otherwise hold copies of the database and the
 * identity provider.
 */
export interface Bookstore {
  readonly shop: Shop;
  readonly auth: Auth<Identity>;
}

const key = Symbol.for("@authmodes/app-next");
const shared = globalThis as { [key]?: Bookstore };

/** @throws Error for a second shop: Next keeps what it made of the first */
export function openBookstore(bookstore: Bookstore): void {
  if (shared[key] !== undefined) throw new Error("Next serves one shop per process");
  shared[key] = bookstore;
}

/** The shop that is open. */
export function bookstore(): Bookstore {
  const open = shared[key];
  if (open === undefined) throw new Error("The shop is not open. Start it with: npm start -- --app next");
  return open;
}
