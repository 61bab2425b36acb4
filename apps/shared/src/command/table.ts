import { styleText } from "node:util";

type Style = Parameters<typeof styleText>[0];
/** Text in a style, or as it is if the stream has no colours. */
export type Paint = (style: Style, text: string) => string;

/** Styles for a terminal. `FORCE_COLOR` and `NO_COLOR` overrule what the stream says. */
export function paintFor(stream: NodeJS.WriteStream): Paint {
  return (style, text) => styleText(style, text, { stream });
}

export interface Cell {
  readonly text: string;
  readonly width?: number;
  readonly style?: Style;
}

/** A line of a table. Cells are padded before they are painted: escape sequences have no width. */
export function tableLine(cells: readonly Cell[], paint: Paint): string {
  const line = cells.map(({ text, width = 0, style }) => {
    const padded = text.padEnd(width);
    return style === undefined ? padded : paint(style, padded);
  });
  return line.join("  ").trimEnd();
}
