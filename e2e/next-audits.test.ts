import { fileURLToPath } from "node:url";
import { audits } from "@authmodes/testing/audits";
import { beforeAll, describe, expect, it } from "vitest";
import { exceptions, inapplicable } from "./next-audits/exceptions.js";
import { run } from "./support/process.ts";

interface Answer {
  readonly status: number;
  /** Of the refusal that was reported. */
  readonly reason?: string;
  readonly text: string;
}

interface Measured {
  /** Status by target. */
  readonly spellings: Readonly<Record<string, number>>;
  readonly proxied: Readonly<Record<"whole" | "wholeChunked" | "cut" | "cutChunked" | "overCap", Answer>>;
  readonly pages: Readonly<Record<string, Answer>>;
  readonly routes: Readonly<Record<"cookie" | "expired" | "crossSite" | "sameOrigin", Answer>>;
  readonly studio: {
    /** The address that Next redirects to from the one with a slash at its end. */
    readonly slash: string;
    readonly page: { readonly status: number; readonly headers: Readonly<Record<string, string>> };
    /** Statuses of what the page is made of. */
    readonly assets: readonly number[];
    readonly state: string;
    readonly stranger: number;
    readonly other: number;
    readonly crossSite: number;
    readonly untouched: boolean;
    readonly saved: number;
    readonly written: boolean;
  };
  readonly caller: string;
  /** What the server wrote to its log. */
  readonly log: string;
}

type Line = { readonly id: string; readonly failure: string | null } | { readonly measured: Measured };

const runner = fileURLToPath(new URL("next-audits/run.js", import.meta.url));
const serve = () => Promise.reject(new Error("the runner serves"));
const expected = audits({ serve, exceptions }).audits.filter(({ id }) => !inapplicable.includes(id));
const failures = new Map<string, string | null>();
let measured: Measured;

beforeAll(async () => {
  const { code, stdout, stderr } = await run(process.execPath, [runner]);
  if (code !== 0) throw new Error(`the runner ended with ${code}:\n${stdout}\n${stderr}`);
  for (const line of stdout.split("\n").filter((line) => line.startsWith("{"))) {
    const answer = JSON.parse(line) as Line;
    if ("measured" in answer) ({ measured } = answer);
    else failures.set(answer.id, answer.failure);
  }
}, 180_000);

describe("Next 16", () => {
  it.each(expected.map(({ id, name }) => [`${id} ${name}`, id] as const))("%s", (_title, id) => {
    expect(failures.get(id)).toBeNull();
  });

  it("redirects or refuses a signed request whose target it would read differently, and lets nobody in", () => {
    expect(measured.spellings).toEqual({
      "/five/plain": 200,
      "/five?a=b+c": 200,
      "/five/../five": 400,
      "/five/./x": 400,
      "/five/%2e%2e/five": 400,
      "/five/x/..": 308,
      "/five//x": 308,
      "//five": 308,
      "/five/books/": 308,
      "/five\\x": 308,
      "http://other.example/five": 308,
      "HTTP://127.0.0.1/five": 308,
    });
  });

  it("verifies bodies that were kept for a proxy.ts, and refuses one that was cut", () => {
    const { whole, wholeChunked, cut, cutChunked, overCap } = measured.proxied;
    expect([whole.status, wholeChunked.status]).toEqual([200, 200]);
    expect(cut).toMatchObject({ status: 400, reason: "body_cut" });
    expect(cutChunked.status).toBe(401);
    expect(overCap).toMatchObject({ status: 413, reason: "body_too_large" });
  });

  describe("a route that takes a cookie", () => {
    it("accepts it, but no expired one", () => {
      expect(measured.routes.cookie.status).toBe(200);
      expect(measured.routes.expired).toMatchObject({ status: 401, reason: "token_expired" });
    });

    it("takes a form with it from a page of its own only", () => {
      expect(measured.routes.crossSite).toMatchObject({ status: 401, reason: "cookie_cross_site" });
      expect(measured.routes.sameOrigin.status).toBe(200);
    });
  });

  describe("a page", () => {
    const who = (name: string) => /id="who">([^<]*)</.exec(measured.pages[name]?.text ?? "")?.[1];

    it("knows the caller, whom it verifies once", () => {
      expect(who("cookie")).toBe(measured.caller);
    });

    it.each([
      ["without credentials", "visitor", undefined],
      ["with an expired cookie", "expired", "token_expired"],
      ["with two cookies of the name", "twice", "cookie_repeated"],
      ["with a signature for another page", "signedForAnother", "signature_mismatch"],
      ["with a form from another site", "crossSite", "cookie_cross_site"],
    ])("knows nobody %s", (_case, name, reason) => {
      expect(measured.pages[name]).toMatchObject({ status: 200, ...(reason !== undefined && { reason }) });
      expect(who(name)).toBe("nobody");
    });

    it("verifies a signature that was made for it", () => {
      expect(who("signed")).toMatch(/^arn:/);
    });

    it("cannot ask who calls inside 'use cache', and is told so in words", () => {
      expect(measured.pages["cached"]?.status).toBe(500);
      expect(measured.log).toContain('identity() was called inside "use cache"');
    });

    it("cannot be guarded by withAuth, and is told so in words", () => {
      expect(measured.pages["wrong"]?.status).toBe(500);
      expect(measured.log).toContain("withAuth() guards route handlers");
      expect(measured.log).toContain("await identity()");
    });
  });

  describe("the studio", () => {
    it("opens for its mode and group, with all that its page is made of", () => {
      const { slash, page, assets, state } = measured.studio;
      expect([slash, page.status, [...new Set(assets)]]).toEqual(["/studio", 200, [200]]);
      expect(page.headers["content-security-policy"]).toMatch(/^default-src 'none'; script-src 'self'; /);
      expect(state).toContain("type Note @model");
    });

    it("refuses everybody else", () => {
      expect([measured.studio.stranger, measured.studio.other]).toEqual([401, 403]);
    });

    it("saves for its own page, and not for another site", () => {
      const { crossSite, untouched, saved, written } = measured.studio;
      expect({ crossSite, untouched, saved, written }).toEqual({
        crossSite: 403,
        untouched: true,
        saved: 200,
        written: true,
      });
    });
  });
});
