import type { Steps } from "./meaning.ts";

export const apiKeySteps: Steps = {
  "it looks like a key": {
    api_key_malformed: ["the API key is empty or over 512 characters", "send the key as it was given out"],
  },
  "the key is known": {
    api_key_unknown: ["no stored key has this hash", "make one with authmodes keys new, and store its hash"],
    api_key_mismatch: [
      "the store returned another key",
      "let keys() find by the whole hash, case-sensitively",
    ],
    api_key_disabled: ["the API key is disabled", "use another key"],
  },
  "the key has not expired": {
    api_key_expired: ["the API key has ended", "make a new one: authmodes keys new"],
  },
};
