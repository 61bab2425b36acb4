/** Runtimes without a `process` count as development. */
export function isProduction(): boolean {
  return typeof process !== "undefined" && process.env["NODE_ENV"] === "production";
}

/** Names what was thrown. Without the message, which may quote a credential. */
export function nameOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.name : "something that is not an Error";
}

/**
 * @param text of an error, whose stack may be something else: `Error.prepareStackTrace` makes it
 * @param secrets texts that may be empty
 */
export function withoutSecrets(text: unknown, secrets: readonly string[]): string {
  const hide = (kept: string, secret: string) => (secret === "" ? kept : kept.replaceAll(secret, "[secret]"));
  return secrets.reduce(hide, String(text));
}

/**
 * Copies names, messages, codes and stacks of an error of an HTTP client and of its causes. Other properties may hold what was
 * sent or received: Node's `fetch` keeps bytes that are not HTTP, and other clients keep headers and bodies.
 * @param secrets removed from all texts
 */
export function plainError(thrown: unknown, secrets: readonly string[], levels = 5): Error {
  if (!(thrown instanceof Error)) return new Error("something was thrown that is not an Error");
  const { name, message, stack = "", cause } = thrown;
  const isLast = cause === undefined || cause === null || levels === 1;
  const options = isLast ? undefined : { cause: plainError(cause, secrets, levels - 1) };
  const code = "code" in thrown && typeof thrown.code === "string" ? { code: thrown.code } : {};
  const copy = new Error(withoutSecrets(message, secrets), options);
  return Object.assign(copy, { name, stack: withoutSecrets(stack, secrets), ...code });
}

/** Makes text of a request safe for a log: no control characters, no line breaks, a bounded length. */
export function printable(text: string, maxLength = 200): string {
  if (text.length <= maxLength && /^[\x20-\x7e]*$/.test(text)) return text; // nearly all
  const cut = text.length > maxLength ? `${text.slice(0, maxLength)}…` : text;
  return cut.replaceAll(/[^\x20-\x7e…]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
