import { createHash } from "node:crypto";
import type { Io } from "./io.ts";

const colours = { bold: [1, 22], red: [31, 39], green: [32, 39], yellow: [33, 39], grey: [90, 39] } as const;
export type Colour = keyof typeof colours;

/** Coloured if the terminal shows colours. */
export function coloured(colour: Colour, text: string, io: Io): string {
  const [on, off] = colours[colour];
  return io.stdout.hasColors?.() === true ? `\u001B[${on}m${text}\u001B[${off}m` : text;
}

/** What stands for a secret: enough to tell two of them apart. */
export function masked(secret: string): string {
  if (secret === "") return "(empty)";
  const fingerprint = createHash("sha256").update(secret).digest("hex").slice(0, 8);
  return `(hidden: ${secret.length} characters, sha256 ${fingerprint}…)`;
}

/** Names and values below each other. */
export function table(rows: readonly (readonly [name: string, value: string])[], indent = "  "): string {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `${indent}${name.padEnd(width)}  ${value}\n`).join("");
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
