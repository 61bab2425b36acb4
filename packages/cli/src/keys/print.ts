import { printable } from "../io.ts";
import { width, wrapped } from "../terminal.ts";

/** A time for people, "never" for null. */
export function moment(seconds: number | null): string {
  return seconds === null ? "never" : new Date(seconds * 1000).toISOString().slice(0, 16).replace("T", " ");
}

const widest = 24;

/**
 * Columns below their titles. A long cell is cut, but in the last column: that is never cut, and is on lines of its own if
 * the row would be wider than a terminal.
 */
export function columns(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = [titles, ...rows].map((row) =>
    row.map((cell, i) => {
      const text = printable(cell);
      return i < row.length - 1 && text.length > widest ? `${text.slice(0, widest - 1)}…` : text;
    }),
  );
  const widths = titles.map((_, i) => cells.reduce((most, row) => Math.max(most, row[i]?.length ?? 0), 0));
  const lines = cells.flatMap((row) => {
    const last = row.at(-1) ?? "";
    const start = row.slice(0, -1).map((cell, i) => cell.padEnd(widths[i] ?? 0));
    const line = [...start, last].join("  ");
    return line.length <= width ? [line] : [start.join("  "), `  ${wrapped(last, 2)}`];
  });
  return lines.map((line) => `${line.trimEnd()}\n`).join("");
}
