import { createHash } from "node:crypto";
import { WriteStream } from "node:tty";
import { styleText } from "node:util";
import type { Io } from "./io.ts";

export type Colour = "bold" | "red" | "green" | "yellow" | "grey";

/** Coloured if the terminal shows colours, or if FORCE_COLOR says so. */
export function coloured(colour: Colour, text: string, io: Io): string {
  const { FORCE_COLOR: forced } = io.env;
  const isColoured =
    forced === undefined
      ? io.stdout.hasColors?.() === true
      : WriteStream.prototype.getColorDepth({ FORCE_COLOR: forced }) > 1;
  return isColoured ? styleText(colour, text, { validateStream: false }) : text;
}

/** Stands for a secret: enough to tell two of them apart. */
export function masked(secret: string): string {
  if (secret === "") return "(empty)";
  const fingerprint = createHash("sha256").update(secret).digest("hex").slice(0, 8);
  return `(hidden: ${secret.length} characters, sha256 ${fingerprint}…)`;
}

/** The columns of a terminal. */
export const width = 80;

/** Text in lines that fit the width behind an indentation; a longer word stays whole. */
export function wrapped(text: string, indent: number): string {
  const room = Math.max(width - indent, 20);
  const lines = text.match(new RegExp(`\\S{${room},}|\\S.{0,${room - 1}}(?=\\s|$)`, "g")) ?? [];
  return lines.join(`\n${" ".repeat(indent)}`);
}

/** Names and values below each other. */
export function table(rows: readonly (readonly [name: string, value: string])[]): string {
  const longest = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `  ${name.padEnd(longest)}  ${wrapped(value, longest + 4)}\n`).join("");
}

/** A number of seconds for people: the two largest units. */
export function span(seconds: number): string {
  const units = [
    ["d", 86_400],
    ["h", 3600],
    ["min", 60],
    ["s", 1],
  ] as const;
  let rest = Math.round(Math.abs(seconds));
  const parts: string[] = [];
  for (const [name, size] of units) {
    const count = Math.floor(rest / size);
    rest %= size;
    if (count > 0) parts.push(`${count} ${name}`);
  }
  return parts.length === 0 ? "0 s" : parts.slice(0, 2).join(" ");
}
