import type { Reasons } from "./meaning.ts";

/** Reasons of no mode's own checks: before a mode is chosen, on open connections, of the server's own code and of its rules. */
export const elsewhere: Reasons = {
  no_credentials: ["the request has no credentials", "send some, such as x-api-key or Authorization"],
  mode_not_served: [
    "the request has credentials that no mode of this server reads",
    "send credentials of a mode of this server, or add the mode to createAuth([…])",
  ],
  several_credentials: [
    "the request has several kinds of credentials, and no option says which decides",
    "send one kind, or say precedence or requires in createAuth()",
  ],
  authorization_repeated: ["the request has several Authorization headers", "send one"],
  mode_not_on_route: [
    "the credentials are of a mode that this route does not accept",
    "add the mode to the route's auth.only(…), or send other credentials",
  ],
  message_malformed: [
    "the headers in a message of a WebSocket are no JSON object of texts, are there twice, are not in base64 or are too long",
    "send them once, each name in one spelling, as docs/guides/subscriptions.md says",
  ],
  message_host_differs: [
    "the message of a WebSocket is for another host than the one that opened it",
    "send the host of the HTTP endpoint; if the server sees another one, set createAuth(modes, { publicUrl })",
  ],
  subscribe_timeout: [
    "`context` of createRealtime() and the `subscribe` of the field took over 5 s",
    "look at what they wait for",
  ],
  required_key_missing: ["the required API key is missing", "send x-api-key with the other credentials"],
  not_authenticated: ["no authenticate() ran for this request", "put authenticate(auth) before the route"],
  no_identity: ["a mode of your own returned no identity", "return one, or throw an AuthError"],
  allow_missing: ["no allow() ran for this request", "put allow(operation, model) before the handler"],
  no_headers: [
    "the request was built by hand, without rawHeaders and without headers",
    "let what builds it (an adapter, a test) pass the headers that the client sent",
  ],
  connection_expired: ["the credential of an open connection has expired", "connect again with a new one"],
  connection_too_old: ["the connection was open for 24 hours", "connect again"],
  credentials_changed: ["the rights of an open connection's credential changed", "connect again"],
  verification_hangs: [
    "whether the credential of an open connection is still good was not answered for 60 seconds",
    "look at the store, the authorizer or the `revoked` that was asked",
  ],
  verification_failed: [
    "a store, provider or option of the server threw",
    "look at the cause in the server's log",
  ],
  key_store_down: [
    "the store of keys or revocations could not be read for longer than maxStaleSeconds, or not at all for an unknown key",
    "look at the store; the cause is in the detail",
  ],
  usage_store_down: [
    "the store of usage plans could not count the request",
    "look at the store; the cause is in the detail",
  ],
  usage_timeout: ["`usage` took over 5 s", "look at what it waits for"],
  usage_plan_unknown: [
    "plan() of createUsage() returned a name that is not in plans",
    "add the plan, or fix the name that the detail quotes; null is a caller without limits",
  ],
  rate_exceeded: [
    "the caller sends more requests a second than its usage plan has",
    "wait for Retry-After, or give the caller another plan",
  ],
  quota_exceeded: [
    "the caller has used up the quota of its usage plan",
    "wait for Retry-After, or give the caller another plan",
  ],
  access_key_undecryptable: [
    "the secret of the access key was encrypted with a key that this instance does not have",
    "give every instance the same AUTHMODES_ENCRYPTION_KEY: the new one, a comma, and the one before",
  ],
  finder_timeout: [
    "finding a key or an issuer took over 5 s",
    "check the store of the function in the detail",
  ],
  revoked_timeout: ["`revoked` took over 5 s", "look at the store behind it"],
  replay_timeout: ["the store behind `replay` took over 5 s", "look at that store"],
  rights_timeout: ["`rights` took over 5 s", "look at what it waits for"],
  confirmation_timeout: ["`confirmation` took over 5 s", "look at what it waits for"],
  mode_timeout: ["verify() of a mode of your own took over 5 s", "look at what it waits for"],
  load_timeout: ["`load` of a rule took over 5 s", "look at the database behind it"],
  input_timeout: ["`input` of a rule took over 305 s", "look at what it waits for"],
  record_missing: ["there is no such record", "look at the id"],
  group_missing: ["the caller is in none of the route's groups", "add the caller, or change the route"],
  scope_missing: ["the credentials lack a scope that the route asks for", "ask the issuer for the scope"],
};
