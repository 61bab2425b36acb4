import {
  type AuthRule,
  type MatrixRow,
  type Operation,
  type Policy,
  readOperations,
  rolesOf,
  roleTitle,
} from "@authmodes/rules";
import { printable } from "../io.ts";
import { width } from "../terminal.ts";

const letters: readonly (readonly [letter: string, operations: readonly Operation[]])[] = [
  ["C", ["create"]],
  ["R", readOperations],
  ["U", ["update"]],
  ["D", ["delete"]],
];

const legend = "C create, R read, U update, D delete; small: some fields or some reads only";

/** Roles and models, with a letter for each right, in tables that fit a terminal. */
export function compactMatrix(policy: Policy, rows: readonly MatrixRow[]): string {
  const titles = titlesOf(policy);
  const roles = [...new Set(rows.map(({ role }) => role))];
  const heads = roles.map((role) => printable(titles.get(role) ?? role));
  const first = Math.max(...heads.map(({ length }) => length));
  const models = [...new Set(rows.map(({ model }) => model))];
  const columns = models.map((model) => {
    const ofModel = rows.filter((row) => row.model === model);
    const fields = new Set(ofModel.map(({ field }) => field)).size;
    const rowsOf = (role: string) => ofModel.filter((row) => row.role === role);
    const cells = roles.map((role) => rightsOf(rowsOf(role), fields));
    return [model, ...cells].map((cell) => cell.padEnd(Math.max(model.length, letters.length)));
  });
  const tables: string[][] = [];
  for (const column of columns) {
    const last = tables.at(-1);
    const fits = last !== undefined && (last[0] ?? "").length + 2 + (column[0] ?? "").length <= width;
    const lines = fits ? last : ["", ...heads].map((head) => head.padEnd(first));
    if (!fits) tables.push(lines);
    for (const [index, cell] of column.entries()) lines[index] += `  ${cell}`;
  }
  return [...tables.map((lines) => `${lines.map((line) => line.trimEnd()).join("\n")}\n`), legend].join("\n");
}

/** @param fields how many the model has */
function rightsOf(rows: readonly MatrixRow[], fields: number): string {
  return letters
    .map(([letter, asked]) => {
      const whole = rows.filter(({ operations }) => asked.every((one) => operations.includes(one)));
      if (whole.length === fields) return letter;
      const isPart = rows.some(({ operations }) => asked.some((one) => operations.includes(one)));
      return isPart ? letter.toLowerCase() : "-";
    })
    .join("");
}

/** The studio's names of roles. */
function titlesOf({ schema }: Policy): ReadonlyMap<string, string> {
  const rules = Object.values(schema.models).flatMap(({ rules: own = [], fields }) => [
    ...own,
    ...Object.values(fields).flatMap((field) => field.rules ?? []),
  ]);
  const parts = rules.flatMap(({ groups, ...rule }): readonly AuthRule[] =>
    groups === undefined ? [rule] : [groups].flat().map((group) => ({ ...rule, groups: [group] })),
  );
  return new Map(
    parts.flatMap((part) => rolesOf(part, {}).map(({ name }) => [name, roleTitle(part)] as const)),
  );
}
