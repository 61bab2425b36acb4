import { printable } from "../io.ts";
import { asObject, type JsonObject, parseJson } from "../values.ts";
import { span } from "../terminal.ts";

// What a token says of itself. Nothing of it is proven, and the token itself is never shown.

export type Facts = readonly (readonly [name: string, value: string])[];

/** Claims that say what a token is for and how long it is valid; others may hold private data. */
const shownClaims = "iss aud azp client_id cid appid token_use sub scope scp cognito:groups".split(" ");
const times = ["iat", "auth_time", "nbf", "exp"];

/** The token in an `Authorization` value, or in a text that is one: a JWT, or an encrypted one, which has five parts. */
export function tokenIn(text: string): string | undefined {
  const token = text
    .trim()
    .replace(/^bearer +/i, "")
    .replace(/^(["'])(.*)\1$/s, "$2");
  // Load balancers of AWS pad base64url.
  return /^e[\w-]+={0,2}(?:(?:\.[\w-]*={0,2}){2}|(?:\.[\w-]*){4})$/.test(token) ? token : undefined;
}

/** @param now milliseconds since 1970 */
export function tokenFacts(token: string, now: number): Facts {
  const [header, claims] = tokenParts(token);
  const facts: [string, string][] = [];
  for (const name of ["alg", "kid", "typ", "signer", "client"]) {
    if (header?.[name] !== undefined) facts.push([name, shown(header[name])]);
  }
  if (claims === undefined)
    return [...facts, ["claims", token.split(".").length === 5 ? "encrypted" : "not an object of JSON"]];
  for (const name of shownClaims) if (claims[name] !== undefined) facts.push([name, shown(claims[name])]);
  for (const name of times) {
    if (claims[name] !== undefined) facts.push([name, shownTime(name, claims[name], now / 1000)]);
  }
  const missing = ["iss", "sub", "exp"].filter((name) => claims[name] === undefined);
  return missing.length === 0 ? facts : [...facts, ["missing", missing.join(", ")]];
}

/** The header and the claims of a token, each undefined if it is no object of JSON. */
export function tokenParts(token: string): readonly (JsonObject | undefined)[] {
  const parts = token.split(".", 2).map((part) => Buffer.from(part, "base64url").toString("utf8"));
  return parts.map((text) => asObject(parseJson(text)));
}

function shown(value: unknown): string {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return printable(text.length > 120 ? `${text.slice(0, 120)}…` : text);
}

function shownTime(name: string, value: unknown, now: number): string {
  const isTime = typeof value === "number" && Math.abs(value) < 8.64e12;
  if (!isTime) return `${shown(value)} (not a number of seconds)`;
  const moment = new Date(value * 1000).toISOString();
  const verb = name === "exp" ? (value <= now ? "ended " : "ends ") : "";
  return `${moment} (${verb}${ago(value - now)})`;
}

/** @param seconds from now */
export function ago(seconds: number): string {
  return seconds <= 0 ? `${span(seconds)} ago` : `in ${span(seconds)}`;
}
