import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { meaningOf } from "./meaning.ts";

// The reasons of docs/reference/errors.md, which examples/errors.test.ts compares with the sources.

const page = readFileSync(new URL("../../../../../docs/reference/errors.md", import.meta.url), "utf8");

/** Of rules and adapters: their detail in the log is a sentence already. */
const withSentence = new Set(
  (
    "mode_not_configured no_auth_rules no_role_for_operation no_matching_role field_denied record_filtered " +
    "owner_argument_mismatch owner_key_argument_mismatch needs_record needs_input input_not_object field_unknown " +
    "input_too_deep input_invalid filter_not_taken handler_did_not_decide guard_missing no_request body_unreadable"
  ).split(" "),
);

it("has a sentence and a fix for every other reason", () => {
  const [, sections = ""] = page.split(/^## Reasons$/m);
  const reasons = [...sections.matchAll(/^\| `(\w+)` \|/gm)].map(([, reason = ""]) => reason);
  expect(reasons.length).toBeGreaterThan(100);
  expect(new Set(reasons.filter((reason) => meaningOf(reason) === undefined))).toEqual(withSentence);
});
