import { quoted } from "../shell.ts";
import type { Secret } from "./credentials.ts";
import type { PlannedRequest } from "./request.ts";

/** A curl command that sends the request with these headers. Secrets that a shell can insert are not in it. */
export function curlLine(
  { method, url, body }: PlannedRequest,
  headers: Headers,
  { secrets, data }: { readonly secrets: readonly Secret[]; readonly data: string | undefined },
): string {
  const words = ["curl", ...(method === "GET" && body === undefined ? [] : ["-X", method])];
  // Without it curl takes brackets and braces of a URL for a list of URLs.
  if (/[[\]{}]/.test(url.href)) words.push("-g");
  for (const [name, value] of headers) words.push("-H", headerWord(`${name}: ${value}`, secrets));
  if (data !== undefined) words.push("--data-binary", quoted(data));
  return [...words, quoted(url.href)].join(" ");
}

function headerWord(line: string, secrets: readonly Secret[]): string {
  const secret = secrets.find(({ value, reference }) => reference !== undefined && line.includes(value));
  if (secret?.reference === undefined) return quoted(line);
  const { value, reference } = secret;
  return `"${line
    .split(value)
    .map((part) => part.replaceAll(/[\\"$`]/g, String.raw`\$&`))
    .join(reference)}"`;
}
