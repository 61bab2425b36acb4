import { AuthError } from "@authmodes/core";

/**
 * Rejects what a caller sent: it is not an object, or has a field that the model does not have.
 * @param sentence for the log; the caller does not see it, since it would describe the model
 * @throws AuthError `invalid_input`
 */
export function invalidInput(sentence: string): never {
  throw new AuthError("invalid_input", "input_invalid", { detail: sentence });
}
