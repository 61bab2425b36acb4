import { fail, type Position, positionAt } from "./fail.ts";

/** `const String amplifyconfig = r'''{…}''';`, the raw mark and the type left out or not. */
const declaration =
  /(?:^|[\n;])\s*(?:const|final|var)\s+(?:String\s+)?\w+\s*=\s*(r?)('''|""")|(?:^|[\n;])\s*(?:const|final|var)\s+(?:String\s+)?\w+\s*=\s*(r)(["'])/;

/**
 * The string of a Dart file, with the place at which it starts; undefined for other files.
 * @throws TypeError if the string does not end, or if Dart would change it
 */
export function dartString(file: string): { readonly text: string; readonly start: Position } | undefined {
  const found = declaration.exec(file);
  if (found === null) return undefined;
  const [opening, raw = found[3], mark = found[4] ?? ""] = found;
  const start = found.index + opening.length;
  const end = file.indexOf(mark, start);
  const position = positionAt(file, start);
  if (end === -1) fail(position, `the string has no closing ${mark}`);
  const text = file.slice(start, end);
  if (raw !== "r" && /[\\$]/.test(text))
    fail(position, "Dart changes \\ and $ in this string; write it raw: r'''…'''");
  return { text, start: position };
}
