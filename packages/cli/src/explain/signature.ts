import type { RequestView } from "@authmodes/core";
import { signatureTexts } from "@authmodes/core/inspect";
import { printable } from "../io.ts";
import { masked } from "../terminal.ts";
import { ago, type Facts } from "./token.ts";

/** What a client made of the same request. */
export interface ClientTexts {
  readonly canonicalRequest?: string | undefined;
  readonly stringToSign?: string | undefined;
}

/** A line of a text that is signed. */
export interface Line {
  /** As the server makes it; undefined if the client has a line more. */
  readonly server: string | undefined;
  /** The client's, if it differs; undefined if it has no such line. */
  readonly client?: string | undefined;
  readonly differs: boolean;
}

export interface SignatureReport {
  readonly facts: Facts;
  readonly canonicalRequest: readonly Line[];
  readonly stringToSign: readonly Line[];
}

/**
 * The texts that a verifier makes of a signed request, without secrets, beside the client's.
 * @param now milliseconds since 1970
 * @returns undefined if the request is not signed, or not readably
 */
export async function signatureReport(
  view: RequestView,
  client: ClientTexts,
  now: number,
): Promise<SignatureReport | undefined> {
  const texts = await signatureTexts(view).catch(() => undefined);
  if (texts === undefined) return undefined;
  const { accessKeyId, scope, signedHeaders, time, expires } = texts;
  return {
    facts: [
      ["access key", printable(accessKeyId)],
      ["scope", printable(scope)],
      ["signed", `${new Date(time).toISOString()} (${ago((time - now) / 1000)})`],
      ...(expires === undefined ? [] : [["good for", `${expires} s`] as const]),
      ["headers", printable(signedHeaders.join(" "))],
    ],
    canonicalRequest: compared(texts.canonicalRequest, client.canonicalRequest),
    stringToSign: compared(texts.stringToSign, client.stringToSign),
  };
}

function compared(server: string, client: string | undefined): readonly Line[] {
  const ours = server.split("\n");
  const theirs = client?.replaceAll("\r\n", "\n").replace(/\n$/, "").split("\n") ?? ours;
  return Array.from({ length: Math.max(ours.length, theirs.length) }, (_, index): Line => {
    const [our, their] = [ours[index], theirs[index]];
    const shown = our === undefined ? undefined : withoutSecrets(our);
    if (our === their) return { server: shown, differs: false };
    return { server: shown, client: their === undefined ? undefined : withoutSecrets(their), differs: true };
  });
}

const secretName = /auth|key|token|secret|cookie|session|passw|signature/i;

function isSecret(name: string): boolean {
  // Names of headers are nothing that others must not know.
  return secretName.test(name) && name.toLowerCase() !== "x-amz-signedheaders";
}

function withoutSecrets(line: string): string {
  const [, name, value] = /^([!#$%&'*+.^_`|~\w-]+):(.*)$/s.exec(line) ?? [];
  if (name !== undefined && value !== undefined) {
    return printable(`${name}:${isSecret(name) ? masked(value) : value}`);
  }
  const isQuery = line.includes("=") && !line.startsWith("/");
  return printable(isQuery ? line.split("&").map(withoutSecretValue).join("&") : line);
}

function withoutSecretValue(parameter: string): string {
  const equals = parameter.indexOf("=");
  const name = parameter.slice(0, Math.max(equals, 0));
  return isSecret(name) ? `${name}=${masked(parameter.slice(equals + 1))}` : parameter;
}
