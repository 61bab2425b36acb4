import { fail, type Position, positionAt, severalConfigurations } from "./fail.ts";

/** `const String amplifyconfig = r'''{…}''';`, with or without the raw mark and the type, or a getter. */
const declaration =
  /(?:^|[\n;{])\s*(?:(?:static\s+)?(?:const|final|var)\s+(?:String\s+)?\w+\s*=|String\s+get\s+\w+\s*=>)\s*(r?)('''|"""|(?<=r)["'])/g;

interface DartString {
  readonly text: string;
  readonly start: Position;
  readonly isRaw: boolean;
}

/**
 * The string of a Dart file that holds an object, with its place; undefined for other files.
 * @throws TypeError if a string does not end, if Dart would change it, or if there are several
 */
export function dartString(file: string): Pick<DartString, "text" | "start"> | undefined {
  const strings = stringsIn(file);
  const objects = strings.filter(({ text }) => text.trimStart().startsWith("{"));
  const [first, second] = objects.length > 0 ? objects : strings;
  if (first === undefined) return undefined;
  if (second !== undefined) fail(second.start, severalConfigurations(first.start));
  if (!first.isRaw && /[\\$]/.test(first.text))
    fail(first.start, "Dart changes \\ and $ in this string; write it raw: r'''…'''");
  return first;
}

function stringsIn(file: string): readonly DartString[] {
  const strings: DartString[] = [];
  let end = 0;
  for (const { index, 0: opening, 1: raw, 2: mark = "" } of file.matchAll(declaration)) {
    const from = index + opening.length;
    if (index < end) continue;
    const start = positionAt(file, from);
    end = file.indexOf(mark, from);
    if (end === -1) fail(start, `the string has no closing ${mark}`);
    strings.push({ text: file.slice(from, end), start, isRaw: raw === "r" });
  }
  return strings;
}
