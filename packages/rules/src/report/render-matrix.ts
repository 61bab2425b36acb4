import { readOperations } from "../compile/operations.ts";
import { defaultGroupClaim, defaultIdentityClaim, providerOf } from "../compile/words.ts";
import type { AuthRule, MatrixRow, Operation } from "../types.ts";
import type { Right } from "./matrix-diff.ts";

// The matrix for people: as `amplify status api -acm` prints it, or as Markdown; and as JSON for programs.

/** The output of `renderMatrix`: `table` is text with boxes, as Amplify's CLI prints it. */
export type MatrixFormat = "table" | "markdown" | "json";

/**
 * Renders rows of the matrix as text. If there are several models, each has a heading.
 * @example
 * import { createPolicy, renderMatrix } from "@authmodes/rules";
 * const policy = createPolicy({
 *   models: { Order: { rules: [{ allow: "owner" }], fields: { id: { type: "ID!" } } } },
 * });
 * console.log(renderMatrix(policy.matrix(), "markdown"));
 */
export function renderMatrix(rows: readonly MatrixRow[], format: MatrixFormat): string {
  if (format === "json") return JSON.stringify(rows, null, 2);
  const isMarkdown = format === "markdown";
  const models = groupBy(rows, ({ model }) => [model]);
  const rendered = models.map((ofModel) => {
    const tables = groupBy(ofModel, ({ role }) => [role]).map(isMarkdown ? markdownTable : boxedTable);
    const [{ model }] = ofModel;
    const heading = isMarkdown ? [`## ${model}`] : models.length > 1 ? [model, ""] : [];
    return [...heading, ...tables].join(isMarkdown ? "\n\n" : "\n");
  });
  return rendered.join("\n\n");
}

/** Fields of a model on which a role has the same operations. */
export interface RightsGroup {
  readonly model: string;
  readonly role: string;
  /** For example `create, read`; `read` stands for all kinds of reading. */
  readonly operations: string;
  readonly fields: readonly string[];
}

/**
 * Groups rights by the operations that a role has in common on several fields.
 * @example
 * import { groupRights, type Right } from "@authmodes/rules";
 * const right = { model: "Post", role: "apiKey:public", operation: "create" } as const;
 * const rights: Right[] = [{ ...right, field: "title" }, { ...right, field: "body" }];
 * export const groups = groupRights(rights); // [{ model: "Post", …, operations: "create", fields: ["title", "body"] }]
 */
export function groupRights(rights: readonly Right[]): readonly RightsGroup[] {
  const byField = groupBy(rights, ({ model, role, field }) => [model, role, field]);
  const fields = byField.map((group) => ({
    ...group[0],
    operations: wordsOf(group.map(({ operation }) => operation)),
  }));
  return groupBy(fields, ({ model, role, operations }) => [model, role, operations]).map((group) => {
    const [{ model, role, operations }] = group;
    return { model, role, operations, fields: group.map(({ field }) => field) };
  });
}

/**
 * Describes rights as sentences, such as `Post: apiKey:public may create, read title, body`.
 * @param may the verb: `may`, `may no longer`
 * @example
 * import { describeRights, diffPolicies, type Policy } from "@authmodes/rules";
 * export const opened = (before: Policy, after: Policy): readonly string[] =>
 *   describeRights(diffPolicies(before, after).widened, "may");
 */
export function describeRights(rights: readonly Right[], may: string): readonly string[] {
  return groupRights(rights).map(
    ({ model, role, operations, fields }) => `${model}: ${role} ${may} ${operations} ${fields.join(", ")}`,
  );
}

function wordsOf(operations: readonly Operation[]): string {
  const words = columns.flatMap((column) => {
    if (column === "read") return readsOf(operations);
    return operations.includes(column) ? [column] : [];
  });
  return words.join(", ");
}

/** `read` if all kinds of reading are granted, otherwise the single ones. */
function readsOf(operations: readonly Operation[]): readonly (Operation | "read")[] {
  const reads = readOperations.filter((operation) => operations.includes(operation));
  return reads.length === readOperations.length ? ["read"] : reads;
}

const columns = ["create", "read", "update", "delete"] as const;

/** Amplify's CLI omits default claims. */
function shownRole(role: string): string {
  for (const claim of [defaultIdentityClaim, defaultGroupClaim]) {
    if (role.endsWith(`:${claim}`)) return role.slice(0, -claim.length - 1);
  }
  return role;
}

function cellOf(operations: readonly Operation[], column: (typeof columns)[number]): string {
  if (column !== "read") return String(operations.includes(column));
  const reads = readsOf(operations);
  return reads.includes("read") ? "true" : reads.join(",") || "false";
}

function boxedTable(rows: NonEmpty<MatrixRow>): string {
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
    shownRole(rows[0].role),
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

function markdownTable(rows: NonEmpty<MatrixRow>): string {
  const lines = rows.map((row) => `| ${cellsOf(row).join(" | ")} |`);
  return [
    `### ${shownRole(rows[0].role)}`,
    "",
    `| field | ${columns.join(" | ")} |`,
    "|---|---|---|---|---|",
    ...lines,
  ].join("\n");
}

/**
 * Names what a rule gives in one or two words, for the head of a column: `Pool users`, `Owner: owner`, `Librarians`.
 * @example
 * roleTitle({ allow: "groups", groups: ["Librarians"] }); // "Librarians"
 */
export function roleTitle(rule: AuthRule): string {
  const provider = providerOf(rule);
  const suffix = provider === "oidc" ? " (OIDC)" : "";
  const also = rule.allOf === undefined ? "" : " +";
  switch (rule.allow) {
    case "public":
      return provider === "apiKey"
        ? "API key"
        : rule.includeSignedIn === true
          ? "Guests, signed in"
          : "Guests";
    case "private":
      return provider === "identityPool"
        ? "Signed in (IAM)"
        : provider === "oidc"
          ? "OIDC users"
          : "Pool users";
    case "owner":
      return `Owner: ${rule.ownerField ?? "owner"}${suffix}${also}`;
    case "groups": {
      const groups =
        rule.groupsField === undefined
          ? [rule.groups ?? []].flat().join(", ")
          : `Groups: ${rule.groupsField}`;
      return `${groups}${suffix}${also}`;
    }
    case "custom":
      return "Lambda";
  }
}

type NonEmpty<T> = readonly [T, ...T[]];

function groupBy<T>(items: readonly T[], keyOf: (item: T) => readonly string[]): readonly NonEmpty<T>[] {
  const groups = new Map<string, [T, ...T[]]>();
  for (const item of items) {
    const key = JSON.stringify(keyOf(item));
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return [...groups.values()];
}
