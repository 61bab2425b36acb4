import type { Reasons } from "./meaning.ts";

/** Reasons of rules, and of the adapters that ask them. The detail in the log names the model, the field and the rule. */
export const rulesReasons: Reasons = {
  mode_not_configured: [
    "no rule is about callers of this mode",
    "add a rule for its provider; no rule can be about a mode of your own, so decide in the handler",
  ],
  no_auth_rules: ["the model has no rules, so it allows nothing", "add rules to the model"],
  no_role_for_operation: [
    "no rule of the caller's provider has the operation",
    "add the operation to a rule",
  ],
  no_matching_role: [
    "no rule covers the caller: it is neither the owner nor in one of the groups",
    "nothing, or add the caller to a group; a rule reads the groups of its groupClaim",
  ],
  field_denied: ["the input has fields that the caller may not write", "leave them out, or add a rule"],
  record_filtered: ["the record is not among those that the caller may read", "nothing"],
  owner_argument_mismatch: ["the subscription names another owner than the caller", "leave the argument out"],
  owner_key_argument_mismatch: ["the query is by the key of another owner", "query by the caller's own key"],
  needs_record: ["the decision depends on a record that was not loaded", "give allow() a load"],
  needs_input: ["the decision depends on an input that was not given", "pass the input to decide()"],
  input_not_object: ["the body is not a JSON object", "send an object; run a body parser before allow()"],
  field_unknown: ["the body has a field that the model does not have", "leave it out"],
  input_too_deep: ["the body is nested deeper than 100 levels", "send flatter JSON"],
  input_invalid: ["the rules cannot read the input", "change what the detail names"],
  filter_not_taken: ["a list was answered without its filter", "query with the filter of the access"],
  handler_did_not_decide: ["a handler with handlerDecides did not decide", "call decide() before it answers"],
  guard_missing: [
    "a class of NestJS is used in an app without AuthModesModule",
    "import AuthModesModule.forRoot({ auth })",
  ],
  no_request: ["a resolver of NestJS has no request in its context", "keep req in the context of GraphQL"],
  body_unreadable: [
    "a page or an action of Next.js got a signed request with a body, which it cannot read",
    "call a route handler with withAuth()",
  ],
};
