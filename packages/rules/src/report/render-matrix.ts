import { readOperations } from "../compile/operations.ts";
import { defaultGroupClaim, defaultIdentityClaim } from "../compile/words.ts";
import type { MatrixRow, Operation } from "../types.ts";

// The matrix for people, as `amplify status api -acm` prints it, as Markdown, and as JSON for programs.

export type MatrixFormat = "table" | "markdown" | "json";

/** Rows of one model or of several; with several, each model has a heading. */
export function renderMatrix(rows: readonly MatrixRow[], format: MatrixFormat): string {
  if (format === "json") return JSON.stringify(rows, null, 2);
  const models = groupBy(rows, (row) => row.model);
  const isMarkdown = format === "markdown";
  return [...models]
    .map(([model, rowsOfModel]) => {
      const tables = [...groupBy(rowsOfModel, (row) => row.role)].map(([role, rowsOfRole]) =>
        isMarkdown ? markdownTable(role, rowsOfRole) : boxedTable(role, rowsOfRole),
      );
      const heading = isMarkdown ? [`## ${model}`] : models.size > 1 ? [model, ""] : [];
      return [...heading, ...tables].join(isMarkdown ? "\n\n" : "\n");
    })
    .join("\n\n");
}

const columns = ["create", "read", "update", "delete"] as const;

/** Amplify leaves out the claims of its defaults. */
function shownRole(role: string): string {
  for (const claim of [defaultIdentityClaim, defaultGroupClaim]) {
    if (role.endsWith(`:${claim}`)) return role.slice(0, -claim.length - 1);
  }
  return role;
}

/** `read` stands for all kinds of reading; a role that has only some of them has those named. */
function cellOf(operations: readonly Operation[], column: (typeof columns)[number]): string {
  if (column !== "read") return String(operations.includes(column));
  const granted = readOperations.filter((operation) => operations.includes(operation));
  if (granted.length === readOperations.length) return "true";
  return granted.length === 0 ? "false" : granted.join(",");
}

function boxedTable(role: string, rows: readonly MatrixRow[]): string {
  const table = [["(index)", ...columns], ...rows.map(cellsOf)];
  const widths = ["", ...columns].map(
    (_, column) => Math.max(...table.map((cells) => cells[column]?.length ?? 0)) + 2,
  );
  const rule = (left: string, middle: string, right: string): string =>
    `  ${left}${widths.map((width) => "─".repeat(width)).join(middle)}${right}`;
  const line = (cells: readonly string[]): string =>
    `  │${cells.map((cell, column) => centred(cell, widths[column] ?? 0)).join("│")}│`;
  const [head = [], ...body] = table;
  return [
    shownRole(role),
    rule("┌", "┬", "┐"),
    line(head),
    rule("├", "┼", "┤"),
    ...body.map(line),
    rule("└", "┴", "┘"),
  ].join("\n");
}

function cellsOf({ field, operations }: MatrixRow): string[] {
  return [field, ...columns.map((column) => cellOf(operations, column))];
}

function centred(text: string, width: number): string {
  const left = Math.floor((width - text.length) / 2);
  return " ".repeat(left) + text + " ".repeat(width - text.length - left);
}

function markdownTable(role: string, rows: readonly MatrixRow[]): string {
  const lines = rows.map((row) => `| ${cellsOf(row).join(" | ")} |`);
  return [
    `### ${shownRole(role)}`,
    "",
    `| field | ${columns.join(" | ")} |`,
    "|---|---|---|---|---|",
    ...lines,
  ].join("\n");
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key) ?? [];
    group.push(item);
    groups.set(key, group);
  }
  return groups;
}
