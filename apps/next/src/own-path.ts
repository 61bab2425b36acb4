const shop = "http://shop.invalid";

/**
 * A place of the shop to go on to, as a form names it. A browser takes `//`, `/\` and a tab between slashes for the
 * beginning of another host, so that what counts is what the URL means.
 */
export function ownPath(text: string): string {
  if (!URL.canParse(text, shop)) return "/";
  const { origin, pathname, search } = new URL(text, shop);
  return origin === shop && !pathname.startsWith("//") ? pathname + search : "/";
}
