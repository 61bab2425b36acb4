import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { AuthError, type AuthErrorCode } from "@authmodes/core";
import { describe, expect, it } from "vitest";
import { root } from "../scripts/files.js";

// docs/reference/errors.md beside the sources: no code and no reason is missing there, and none is invented.

const page = readFileSync(join(root, "docs/reference/errors.md"), "utf8");
const [, codeTable = "", sections = ""] = page.split(/^## (?:Codes|Reasons)$/m);

const documentedCodes = [...codeTable.matchAll(/^\| \[`(\w+)`\]\(#\1\) \| (\d+) \|/gm)].map(
  ([, code = "", status = ""]) => ({ code, status: Number(status) }),
);

/** `code reason` of each row. */
const documented = new Set(
  sections.split(/^### /m).flatMap((section) => {
    const code = /^`(\w+)`/.exec(section)?.[1] ?? "";
    return [...section.matchAll(/^\| `(\w+)` \|/gm)].map(([, reason = ""]) => `${code} ${reason}`);
  }),
);

/** The examples of docstrings throw what they like. */
const withoutComments = (text: string) => text.replaceAll(/^ *\/\*\*.*?\*\//gms, "");

const sources = ["core", "express", "fastify", "graphql", "keys", "koa", "nestjs", "next", "rules"].flatMap(
  (name) => {
    const folder = join(root, "packages", name, "src");
    return readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((path) => path.endsWith(".ts") && !/\.test(?:-d)?\.ts$|(?:^|\/)test\//.test(path))
      .map((path) => ({
        path: `${name}/${path}`,
        text: withoutComments(readFileSync(join(folder, path), "utf8")),
      }));
  },
);

function found(pattern: RegExp, from = sources): readonly (readonly string[])[] {
  return from.flatMap(({ text }) => [...text.matchAll(pattern)].map(([, ...groups]) => groups));
}

/** The functions that make rejections, with the code of each. */
const makers: Readonly<Record<string, AuthErrorCode>> = {
  refused: "credentials_refused",
  unrecognised: "credentials_refused",
  malformed: "credentials_malformed",
  expired: "credentials_expired",
  invalidInput: "invalid_input",
  unavailable: "unavailable",
  mistake: "misconfigured",
};

/** Words with an underscore in files that make rejections, which are no reasons: claims, and error names of protocols. */
const otherWords = new Set(
  (
    "aws_user_pools_id user_pool_id client_id token_use auth_time jwks_uri origin_jti client_credentials " +
    "at_hash c_hash realm_access client_secret_basic client_secret_post token_endpoint_auth_method " +
    "invalid_token invalid_request invalid_client error_description insufficient_scope resource_metadata scopes_supported offline_access"
  ).split(" "),
);

/** The reason of a function that took too long. */
const timeout = /reason: "(\w+_timeout)"/g;

describe("docs/reference/errors.md", () => {
  it("has every code, with its status", () => {
    const table = /const messages = \{(.+?)\};/s.exec(
      sources.find(({ path }) => path === "core/refusal/error.ts")?.text ?? "",
    );
    const codes = [...(table?.[1] ?? "").matchAll(/^ +(\w+):/gm)].map(([, code = ""]) => code);
    expect(codes.length).toBeGreaterThan(10);
    expect(documentedCodes.map(({ code }) => code)).toEqual(codes);
    for (const { code, status } of documentedCodes) {
      expect(`${code} ${new AuthError(code as AuthErrorCode, "x").status}`).toBe(`${code} ${status}`);
    }
  });

  it("has the reasons of each code", () => {
    const direct = found(/AuthError\(\s*"(\w+)",\s*"(\w+)"/g).map((pair) => pair.join(" "));
    const made = found(
      /\b(refused|unrecognised|malformed|expired|invalidInput|unavailable|mistake)\((?:[\w.]+(?:\([^)]*\))?,)?\s*"([a-z]+(?:_[a-z]+)+)"/g,
    ).map(([maker = "", reason]) => `${makers[maker]} ${reason}`);
    const waits = found(timeout).map(([reason]) => `unavailable ${reason}`);
    const all = [...direct, ...made, ...waits];
    expect(all.length).toBeGreaterThan(100);
    expect(all.filter((pair) => !documented.has(pair))).toEqual([]);
  });

  it("has every reason, and invents none", () => {
    // Those of rules and GraphQL are the names of directives.
    const others = sources.filter(({ path }) => !/^(?:rules|graphql)\//.test(path));
    const words = found(/"([a-z]+(?:_[a-z\d]+)+)"/g, others).flat();
    const checks = others.filter(({ path }) => path === "core/sigv4/checks.ts");
    const faults = found(/^ +([a-z]+(?:_[a-z]+)+):/gm, checks).flat();
    const rules = /type DenialReason =([^;]+);/.exec(
      sources.find(({ path }) => path === "rules/types.ts")?.text ?? "",
    );
    const denials = [...(rules?.[1] ?? "").matchAll(/"([\w-]+)"/g)].map(([, word = ""]) => word);
    const codes = new Set(documentedCodes.map(({ code }) => code));
    // Not found above: a single word, one of the rules, and those that are codes too.
    const ownReasons = ["replayed", "input_invalid", "body_too_large", "body_timeout", "scope_missing"];
    const possible = new Set([
      ...words.filter((word) => !otherWords.has(word) && !codes.has(word)),
      ...denials.map((word) => word.replaceAll("-", "_")),
      ...found(timeout).flat(),
      ...faults,
      ...ownReasons,
    ]);
    expect(denials.length).toBeGreaterThan(5);
    const reasons = new Set([...documented].map((pair) => pair.split(" ")[1] ?? ""));
    expect([...reasons].filter((reason) => !possible.has(reason))).toEqual([]);
    expect([...possible].filter((reason) => !reasons.has(reason))).toEqual([]);
  });
});
