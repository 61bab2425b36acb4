import { AuthError } from "@authmodes/core";

/**
 * What a caller sent is no input, or names a field that the model does not have.
 * @param sentence for the log: a caller without rights need not learn what the model looks like
 * @throws AuthError `invalid_input`
 */
export function invalidInput(sentence: string): never {
  throw new AuthError("invalid_input", "input_invalid", { detail: sentence });
}
