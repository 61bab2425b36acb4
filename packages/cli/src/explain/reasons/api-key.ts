import type { Steps } from "./meaning.ts";

export const apiKeySteps: Steps = {
  "it looks like a key": {
    api_key_mistyped: [
      "the checksum at the end of the key does not match it: a part is missing or was changed",
      "send the key as it was made, whole",
    ],
    api_key_malformed: ["the API key is empty or over 512 characters", "send the key as it was given out"],
  },
  "the key is known": {
    api_key_unknown: ["no stored key has this hash", "make one: npx authmodes keys create"],
    api_key_mismatch: [
      "the store returned another key",
      "let keys() find by the whole hash, case-sensitively",
    ],
    api_key_disabled: ["the API key is disabled or revoked", "use another key"],
  },
  "the key has not expired": {
    api_key_expired: ["the API key has ended", "rotate it: npx authmodes keys rotate"],
  },
};
