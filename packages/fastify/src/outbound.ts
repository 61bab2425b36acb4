// An entry point of its own: a server that only verifies loads no code that signs.
export * from "@authmodes/core/outbound";
