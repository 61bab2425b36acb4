/** For key sets and tokens: more than the 150 KiB that API Gateway's JWT authorizers read of a key set. */
export const maxAnswerBytes: number = 256 * 1024;

/**
 * The text of an answer from another server.
 * @returns undefined if it is over `maxBytes`; the rest is not read
 */
export async function boundedText(response: Response, maxBytes: number): Promise<string | undefined> {
  const reader = response.body?.getReader();
  const decoder = new TextDecoder();
  let text = "";
  let size = 0;
  for (let part = await reader?.read(); part?.value !== undefined; part = await reader?.read()) {
    size += part.value.byteLength;
    if (size > maxBytes) {
      reader?.cancel().catch(() => undefined);
      return undefined;
    }
    text += decoder.decode(part.value, { stream: true });
  }
  return text + decoder.decode();
}

/**
 * How many parameters a query may have where the decision depends on it. It is what the parsers of Express (`qs`) and
 * Node (`querystring`) read at most: an application would not see any parameter beyond.
 */
export const maxParameters = 1000;

export function hasTooManyParameters(query: string): boolean {
  return query.split("&", maxParameters + 1).length > maxParameters;
}
