const questionMark = 0x3f;

/**
 * Whether a pattern with `*` (any characters) and `?` (one) matches the whole text. No regular expression, and no search
 * that starts again at each character: a policy may name the path of one request, and the text be that of another, so
 * both can be the caller's.
 */
export function globMatches(pattern: string, text: string): boolean {
  const [first = "", ...others] = pattern.split("*");
  const last = others.pop();
  if (!isAt(0, first, text)) return false;
  if (last === undefined) return first.length === text.length;
  const end = text.length - last.length;
  let from = first.length;
  // As early as it can be, so that the most remains for the next.
  for (const piece of others) {
    from = endOf(piece, text, from);
    if (from === -1) return false;
  }
  return from <= end && isAt(end, last, text);
}

function isAt(place: number, piece: string, text: string): boolean {
  if (place + piece.length > text.length) return false;
  for (let i = 0; i < piece.length; i++) {
    const code = piece.charCodeAt(i);
    if (code !== questionMark && code !== text.charCodeAt(place + i)) return false;
  }
  return true;
}

/** Where the first `piece` at or behind `from` ends; -1 if there is none. */
function endOf(piece: string, text: string, from: number): number {
  if (!piece.includes("?")) return endOfPlain(piece, text, from);
  // `?` is the developer's, since a path has none: so is the length of this piece.
  for (let at = from; at + piece.length <= text.length; at++) {
    if (isAt(at, piece, text)) return at + piece.length;
  }
  return -1;
}

/** Knuth, Morris and Pratt: `indexOf` takes the product of both lengths for some pairs. */
function endOfPlain(piece: string, text: string, from: number): number {
  if (piece === "") return from;
  const borders = bordersOf(piece);
  let matched = 0;
  for (let i = from; i < text.length; i++) {
    const code = text.charCodeAt(i);
    while (matched > 0 && piece.charCodeAt(matched) !== code) matched = borders[matched - 1] ?? 0;
    if (piece.charCodeAt(matched) === code && ++matched === piece.length) return i + 1;
  }
  return -1;
}

/** For each beginning of `piece`: how much of it, but not the whole, is also its end. */
function bordersOf(piece: string): readonly number[] {
  const borders = [0];
  let matched = 0;
  for (let i = 1; i < piece.length; i++) {
    const code = piece.charCodeAt(i);
    while (matched > 0 && piece.charCodeAt(matched) !== code) matched = borders[matched - 1] ?? 0;
    if (piece.charCodeAt(matched) === code) matched++;
    borders.push(matched);
  }
  return borders;
}
