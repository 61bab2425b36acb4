const maxEntries = 100;
/** In characters. */
const maxLength = 512;

/**
 * A parser that remembers the results of short texts, for parts of requests that clients send again and again. What it
 * throws is not remembered. Starts again when full: callers can fill it, and the cost is then that of parsing.
 */
export function memoized<T>(parse: (text: string) => T): (text: string) => T {
  const known = new Map<string, T>();
  return (text) => {
    const found = known.get(text);
    if (found !== undefined) return found;
    const parsed = parse(text);
    if (known.size >= maxEntries) known.clear();
    if (text.length <= maxLength) known.set(text, parsed);
    return parsed;
  };
}
