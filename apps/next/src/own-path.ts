const shop = "http://shop.invalid";

/**
 * Returns the path of the shop that a form names, else `/`. The parsed URL decides: browsers read `//`, `/\` and a tab
 * between slashes as the beginning of another host.
 */
export function ownPath(text: string): string {
  if (!URL.canParse(text, shop)) return "/";
  const { origin, pathname, search } = new URL(text, shop);
  return origin === shop && !pathname.startsWith("//") ? pathname + search : "/";
}
