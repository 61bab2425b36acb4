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
