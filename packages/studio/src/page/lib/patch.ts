// Differences of texts, line by line: as a patch for `git apply`, and merged with another change.

/** Lines `start` up to `end` of the old text become these; counted from 0. */
export interface Hunk {
  readonly start: number;
  readonly end: number;
  readonly lines: readonly string[];
}

/** Beyond it the lines between are one hunk, since comparing them would take too long. */
const maxCells = 4_000_000;

/** Each line with its line break, so that a missing one at the end is a difference. */
export function linesOf(text: string): readonly string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

export function hunksOf(old: readonly string[], now: readonly string[]): readonly Hunk[] {
  const shorter = Math.min(old.length, now.length);
  let head = 0;
  while (head < shorter && old[head] === now[head]) head++;
  let tail = 0;
  while (tail < shorter - head && old.at(-1 - tail) === now.at(-1 - tail)) tail++;
  const a = old.slice(head, old.length - tail);
  const b = now.slice(head, now.length - tail);
  if (a.length === 0 && b.length === 0) return [];
  const hunks = a.length * b.length > maxCells ? [{ start: 0, end: a.length, lines: b }] : inner(a, b);
  return hunks.map(({ start, end, lines }) => ({ start: start + head, end: end + head, lines }));
}

/** By the longest common subsequence. */
function inner(a: readonly string[], b: readonly string[]): readonly Hunk[] {
  const width = b.length + 1;
  const lengths = new Uint32Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      const at = i * width + j;
      lengths[at] =
        a[i] === b[j]
          ? (lengths[at + width + 1] ?? 0) + 1
          : Math.max(lengths[at + width] ?? 0, lengths[at + 1] ?? 0);
    }
  }
  const hunks: Hunk[] = [];
  let [i, j, start, from] = [0, 0, 0, 0];
  const close = (): void => {
    if (i > start || j > from) hunks.push({ start, end: i, lines: b.slice(from, j) });
  };
  while (i < a.length || j < b.length) {
    const at = i * width + j;
    if (i < a.length && j < b.length && a[i] === b[j]) {
      close();
      [start, from] = [++i, ++j];
    } else if (i < a.length && (j === b.length || (lengths[at + width] ?? 0) >= (lengths[at + 1] ?? 0))) i++;
    else j++;
  }
  close();
  return hunks;
}

const context = 3;

/** A unified diff; empty if the texts are the same. */
export function patchOf(name: string, before: string, after: string): string {
  const old = linesOf(before);
  const now = linesOf(after);
  const hunks = hunksOf(old, now);
  if (hunks.length === 0) return "";
  const from = before === "" ? "/dev/null" : pathOf(`a/${name}`);
  const to = after === "" ? "/dev/null" : pathOf(`b/${name}`);
  let shift = 0;
  const parts = together(hunks).map((some) => {
    const start = Math.max(0, (some[0]?.start ?? 0) - context);
    const end = Math.min(old.length, (some.at(-1)?.end ?? 0) + context);
    const lines: string[] = [];
    let at = start;
    for (const hunk of some) {
      lines.push(...old.slice(at, hunk.start).map((line) => ` ${line}`));
      lines.push(...old.slice(hunk.start, hunk.end).map((line) => `-${line}`));
      lines.push(...hunk.lines.map((line) => `+${line}`));
      at = hunk.end;
    }
    lines.push(...old.slice(at, end).map((line) => ` ${line}`));
    const grown = some.reduce((sum, hunk) => sum + hunk.lines.length - (hunk.end - hunk.start), 0);
    const head = `@@ -${range(start, end - start)} +${range(start + shift, end - start + grown)} @@\n`;
    shift += grown;
    return (
      head +
      lines.map((line) => (line.endsWith("\n") ? line : `${line}\n\\ No newline at end of file\n`)).join("")
    );
  });
  return `--- ${from}\n+++ ${to}\n${parts.join("")}`;
}

/** As git writes a path: in quotes if a character of it could end the line or a quote. */
function pathOf(path: string): string {
  return /["\\\p{Cc}]/u.test(path) ? JSON.stringify(path) : path;
}

function range(start: number, length: number): string {
  return `${length === 0 ? start : start + 1},${length}`;
}

/** Hunks whose surroundings touch. */
function together(hunks: readonly Hunk[]): readonly (readonly Hunk[])[] {
  const groups: Hunk[][] = [];
  for (const hunk of hunks) {
    const last = groups.at(-1);
    if (last !== undefined && hunk.start - (last.at(-1)?.end ?? 0) <= 2 * context) last.push(hunk);
    else groups.push([hunk]);
  }
  return groups;
}

/** Merges two changes of one text; undefined if they touch the same lines. */
export function merge(base: string, mine: string, theirs: string): string | undefined {
  const old = linesOf(base);
  const ours = hunksOf(old, linesOf(mine));
  const others = hunksOf(old, linesOf(theirs));
  const isSame = (a: Hunk, b: Hunk): boolean =>
    a.start === b.start && a.end === b.end && a.lines.join("") === b.lines.join("");
  const fresh = ours.filter((hunk) => !others.some((other) => isSame(hunk, other)));
  if (fresh.some((hunk) => others.some((other) => hunk.start <= other.end && other.start <= hunk.end))) {
    return undefined;
  }
  let result = "";
  let at = 0;
  for (const { start, end, lines } of [...fresh, ...others].toSorted((a, b) => a.start - b.start)) {
    result += old.slice(at, start).join("") + lines.join("");
    at = end;
  }
  return result + old.slice(at).join("");
}
