// What the programmer misspelt is answered with the right spelling.

/** @throws TypeError that names the nearest known word */
export function unknownName(kind: string, name: unknown, known: Iterable<string>): never {
  throw new TypeError(unknownSentence(kind, name, [...known]));
}

/**
 * @param where the call, for the message
 * @throws TypeError for a member that does not exist, and for what is no object
 */
export function checkMembers(where: string, kind: string, value: object, known: readonly string[]): void {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new TypeError(`${where}pass an object with ${known.join(", ")}.`);
  const unknown = Object.keys(value).find((name) => !known.includes(name));
  if (unknown !== undefined) throw new TypeError(where + unknownSentence(kind, unknown, known));
}

/** "There is no model 'Bok'. Write 'Book'." */
export function unknownSentence(kind: string, name: unknown, known: readonly string[]): string {
  const hint = typeof name === "string" ? closest(name, known) : undefined;
  const mend = hint === undefined ? `There ${listed(known)}` : `Write '${hint}'`;
  return `There is no ${kind} ${typeof name === "string" ? `'${name}'` : String(name)}. ${mend}.`;
}

/** The known word nearest to a misspelt one, up to two letters away; undefined where none is. */
export function closest(word: string, known: readonly string[]): string | undefined {
  const plain = word.toLowerCase();
  let best: string | undefined;
  let bestDistance = Math.min(2, Math.ceil(word.length / 3)) + 1;
  for (const candidate of known) {
    const distance = editDistance(plain, candidate.toLowerCase());
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

function listed(known: readonly string[]): string {
  if (known.length === 0) return "are none";
  return known.length === 1 ? `is '${known[0]}'` : `are ${known.join(", ")}`;
}

function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(replaced, (previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1));
    }
    previous = row;
  }
  return previous[b.length] ?? 0;
}
