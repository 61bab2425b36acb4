import { must } from "@authmodes/core/options";

/** A row of a CSV file: the line that it starts at, and its cells by the names of the first row in lower case. */
export interface CsvRow {
  readonly line: number;
  readonly cells: ReadonlyMap<string, string>;
}

/**
 * Reads a CSV file with a header (RFC 4180): cells in quotation marks may hold commas, quotation marks and line ends.
 * @param checkHeader is called before the rows are read
 * @throws TypeError that names the line, without its text
 */
export function readCsv(
  where: string,
  text: string,
  checkHeader: (names: readonly string[]) => void,
): readonly CsvRow[] {
  const [header, ...rows] = records(where, text.replace(/^\uFEFF/, ""));
  const names = header?.cells.map((name) => name.trim().toLowerCase()) ?? [];
  checkHeader(names);
  return rows.map(({ line, cells }) => {
    must(
      cells.length === names.length,
      `${where}: line ${line} has ${cells.length} cells, and the header has ${names.length}`,
    );
    return { line, cells: new Map(cells.map((cell, i) => [names[i] ?? "", cell])) };
  });
}

interface Cells {
  readonly line: number;
  readonly cells: string[];
}

function records(where: string, text: string): readonly Cells[] {
  const all: Cells[] = [];
  let line = 1;
  let current: Cells | undefined;
  const cell = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/y;
  while (cell.lastIndex < text.length || current !== undefined) {
    const match = cell.exec(text);
    must(match !== null, `${where}: a quotation mark in line ${line} is in the wrong place, or not closed`);
    const [whole, quoted, plain = "", end] = match;
    current ??= { line, cells: [] };
    current.cells.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    line += whole.split("\n").length - 1;
    if (end === ",") continue;
    if (current.cells.length > 1 || current.cells[0] !== "") all.push(current);
    current = undefined;
  }
  return all;
}
