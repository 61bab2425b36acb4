/** Runtimes without a `process` count as development. */
export function isProduction(): boolean {
  return typeof process !== "undefined" && process.env["NODE_ENV"] === "production";
}

/** Names what was thrown. Without the message, which may quote a credential. */
export function nameOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.name : "something that is not an Error";
}

/** Makes text of a request safe for a log: no control characters, no line breaks, a bounded length. */
export function printable(text: string, maxLength = 200): string {
  if (text.length <= maxLength && /^[\x20-\x7e]*$/.test(text)) return text; // nearly all
  const cut = text.length > maxLength ? `${text.slice(0, maxLength)}…` : text;
  return cut.replaceAll(/[^\x20-\x7e…]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
