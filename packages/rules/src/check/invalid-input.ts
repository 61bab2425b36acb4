/** What a caller sent is no input, or names a field that the model does not have. The message is for the log. */
export class InvalidInputError extends TypeError {
  override readonly name = "InvalidInputError";
  readonly status = 400;
  readonly statusCode = 400;
  readonly expose = false;
}

/** @throws InvalidInputError */
export function invalidInput(sentence: string): never {
  throw new InvalidInputError(sentence);
}
