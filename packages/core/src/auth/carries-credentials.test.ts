import { describe, expect, it } from "vitest";
import { carriesCredentials } from "../adapter/around-guards.ts";
import { createAuth } from "./auth.ts";
import { apiKey } from "../modes/api-key.ts";
import { none } from "../modes/none.ts";
import { oidc } from "../modes/oidc.ts";
import { viewOf } from "../test/view.ts";

const from = { cookie: "session" };
const auth = createAuth([
  apiKey({ keys: () => undefined }),
  oidc({ issuer: "https://id.example", audience: "shop", from }),
  none(),
]);

describe("carriesCredentials", () => {
  it.each([
    ["a key, good or not", [["x-api-key", "nonsense"]], true],
    ["a cookie with a token", [["cookie", "session=nonsense"]], true],
    ["another cookie", [["cookie", "theme=dark"]], false],
    ["a header that no mode reads", [["authorization", "nonsense"]], false],
    ["nothing, which none() takes", [], false],
  ] as const)("says of %s what it is", (_case, headers, expected) => {
    expect(carriesCredentials(auth, viewOf({ headers }))).toBe(expected);
  });

  it("looks for what the narrowed modes read", () => {
    const headers = [["x-api-key", "nonsense"]] as const;
    expect(carriesCredentials(auth.only("oidc"), viewOf({ headers }))).toBe(false);
  });
});
