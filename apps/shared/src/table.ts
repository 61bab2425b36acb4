import { styleText } from "node:util";

type Style = Parameters<typeof styleText>[0];
/** Text in a style, or as it is where the terminal has none. */
export type Paint = (style: Style, text: string) => string;

/** Styles for a terminal that has colours and whose user wants them: `NO_COLOR`, `FORCE_COLOR` and `TERM` are heard. */
export function paintFor(stream: NodeJS.WriteStream): Paint {
  if (!stream.isTTY || !stream.hasColors()) return (_style, text) => text;
  return (style, text) => styleText(style, text, { validateStream: false });
}

export interface Column<Row> {
  readonly title: string;
  /** Known before the row is: the width of the column. Default: that of the title. */
  readonly width?: number;
  readonly text: (row: Row) => string;
  readonly style?: (row: Row) => Style | undefined;
}

export interface Table<Row> {
  readonly head: string;
  readonly line: (row: Row) => string;
}

/** A table whose rows can be shown one by one, as they come. */
export function createTable<Row>(columns: readonly Column<Row>[], paint: Paint): Table<Row> {
  const widths = columns.map(({ title, width = 0 }) => Math.max(title.length, width));
  // Padded before it is painted: escape sequences have no width.
  const join = (cells: readonly { readonly text: string; readonly style: Style | undefined }[]) =>
    cells
      .map(({ text, style }, index) => {
        const padded = index === cells.length - 1 ? text : text.padEnd(widths[index] ?? 0);
        return style === undefined ? padded : paint(style, padded);
      })
      .join("  ")
      .trimEnd();
  return {
    head: join(columns.map(({ title }) => ({ text: title, style: "dim" as const }))),
    line: (row) => join(columns.map(({ text, style }) => ({ text: text(row), style: style?.(row) }))),
  };
}

/** The width of the widest text. */
export function widest(texts: readonly string[]): number {
  return Math.max(0, ...texts.map((text) => text.length));
}
