import { describe, expect, it } from "vitest";
import { AuthError } from "../refusal/error.ts";
import { checkTimeOptions, checkTimes, type TimeOptions } from "./claims.ts";

const now = 1_800_000_000;

function outcome(
  claims: Readonly<Record<string, unknown>>,
  options: TimeOptions = {},
  seconds = now,
): string {
  try {
    return `until ${checkTimes(claims, options, seconds * 1000).until - now}`;
  } catch (error) {
    return error instanceof AuthError ? `${error.code} ${error.reason}` : String(error);
  }
}

describe("checkTimes", () => {
  const good = { exp: now + 60 };
  const cases: readonly (readonly [string, Readonly<Record<string, unknown>>, TimeOptions, string])[] = [
    ["a token that ends later", good, {}, "until 60"],
    ["one that ends now", { exp: now }, {}, "credentials_expired token_expired"],
    ["one that ended a moment ago", { exp: now - 1 }, {}, "credentials_expired token_expired"],
    [
      "one that ended within a tolerance that is set",
      { exp: now - 29 },
      { clockToleranceSeconds: 30 },
      "until 1",
    ],
    [
      "one that ended before the tolerance",
      { exp: now - 30 },
      { clockToleranceSeconds: 30 },
      "credentials_expired token_expired",
    ],
    [
      "one that is too old, whatever the tolerance",
      { ...good, iat: now - 30 },
      { maxTokenAgeSeconds: 30, clockToleranceSeconds: 30 },
      "credentials_expired token_too_old",
    ],
    ["one without an end", {}, {}, "credentials_refused expiry_missing"],
    ["an end that is text", { exp: String(now + 60) }, {}, "credentials_refused claim_malformed"],
    [
      "an end that is infinite",
      JSON.parse('{"exp":1e999}') as object as typeof good,
      {},
      "credentials_refused claim_malformed",
    ],
    ["an end that is null", { exp: null }, {}, "credentials_refused claim_malformed"],
    ["one that begins within the tolerance", { ...good, nbf: now + 5 }, {}, "until 60"],
    ["one that begins later", { ...good, nbf: now + 6 }, {}, "credentials_refused token_not_yet_valid"],
    [
      "one that begins later, with more tolerance",
      { ...good, nbf: now + 6 },
      { clockToleranceSeconds: 6 },
      "until 66",
    ],
    ["a beginning that is text", { ...good, nbf: "0" }, {}, "credentials_refused claim_malformed"],
    ["one that was issued within the tolerance", { ...good, iat: now + 5 }, {}, "until 60"],
    [
      "one that was issued in the future",
      { ...good, iat: now + 6 },
      {},
      "credentials_refused token_issued_in_future",
    ],
    ["one that is young enough", { ...good, iat: now - 29 }, { maxTokenAgeSeconds: 30 }, "until 1"],
    [
      "one that is too old",
      { ...good, iat: now - 30 },
      { maxTokenAgeSeconds: 30 },
      "credentials_expired token_too_old",
    ],
    ["one of unknown age", good, { maxTokenAgeSeconds: 30 }, "credentials_refused issue_time_missing"],
    [
      "a sign-in that is young enough",
      { ...good, auth_time: now - 29 },
      { maxAuthAgeSeconds: 30 },
      "until 1",
    ],
    [
      "a sign-in that is too old",
      { ...good, auth_time: now - 30 },
      { maxAuthAgeSeconds: 30 },
      "credentials_refused sign_in_too_old",
    ],
    [
      "a sign-in in the future",
      { ...good, auth_time: now + 6 },
      { maxAuthAgeSeconds: 30 },
      "credentials_refused sign_in_in_future",
    ],
    ["a sign-in of unknown age", good, { maxAuthAgeSeconds: 30 }, "credentials_refused sign_in_time_missing"],
    ["an old sign-in where none is asked for", { ...good, auth_time: 1 }, {}, "until 60"],
  ];
  it.each(cases)("%s", (_name, claims, options, expected) => {
    expect(outcome(claims, options)).toBe(expected);
  });

  it("tells an expired token apart from one that was never good", () => {
    const claims = { exp: now - 1, nbf: now + 60 };
    expect(outcome(claims)).toBe("credentials_refused token_not_yet_valid");
  });
});

describe("checkTimeOptions", () => {
  it.each([
    { maxTokenAgeSeconds: 0 },
    { maxTokenAgeSeconds: Number.NaN },
    { maxAuthAgeSeconds: -1 },
    { clockToleranceSeconds: 301 },
    { clockToleranceSeconds: -1 },
  ])("throws for %o", (options) => {
    expect(() => checkTimeOptions("oidc()", options)).toThrow(/a number of seconds from \d+ to \d+/);
  });
});
