import { must } from "@authmodes/core/options";

/** A text that people wrote: one line, so that it breaks no table and no log. */
export function checkLabel(where: string, name: string, value: unknown): void {
  must(
    value === undefined || (typeof value === "string" && /^[^\p{Cc}\p{Zl}\p{Zp}]{1,1024}$/u.test(value)),
    `${where}: ${name} is one line of at most 1024 characters`,
  );
}

export function checkDays(where: string, value: unknown): void {
  must(
    value === undefined || (Number.isInteger(value) && Number(value) >= 1 && Number(value) <= 365),
    `${where}: expiresInDays is a whole number of days from 1 to 365, not ${String(value)}`,
  );
}

export function checkScopes(where: string, value: unknown): void {
  must(
    value === undefined ||
      (Array.isArray(value) &&
        value.every((scope) => typeof scope === "string" && /^[\x21\x23-\x5B\x5D-\x7E]{1,256}$/.test(scope))),
    `${where}: scopes is a list of texts without spaces, such as ["orders/read"]`,
  );
}

export function checkMetadata(where: string, value: unknown): void {
  must(
    value === undefined ||
      (typeof value === "object" &&
        value !== null &&
        !Array.isArray(value) &&
        Object.values(value).every((text) => typeof text === "string") &&
        JSON.stringify(value).length <= 8192),
    `${where}: metadata is an object of texts, at most 8 KiB, such as { team: "search" }`,
  );
}
