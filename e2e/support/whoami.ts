/** What `/whoami` answers; the fields of the mode's identity stand beside these. */
export interface Whoami {
  readonly mode: string;
  readonly id: string | null;
  readonly groups: readonly string[];
  readonly scopes: readonly string[];
  readonly expiresAt: number | null;
  /** How many bytes of body the server received. */
  readonly bytes: number;
  readonly [field: string]: unknown;
}

export function parseWhoami(text: string): Whoami {
  return JSON.parse(text) as Whoami;
}

/** The answer of `/whoami`, which must be a 200. */
export async function whoamiOf(response: Response): Promise<Whoami> {
  const text = await response.text();
  if (response.status !== 200) throw new Error(`${response.status} ${text}`);
  return parseWhoami(text);
}
