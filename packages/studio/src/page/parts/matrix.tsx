import {
  allRows,
  type MatrixRow,
  type Operation,
  type Policy,
  readOperations,
  wholeRecords,
} from "@authmodes/rules";
import { memo, type ReactNode, useMemo } from "react";
import { typeNamed } from "../lib/schema.ts";
import { columns, type Column, type RoleWords, rolesOfType } from "../lib/words.ts";

// Role × operation × field, as it is and as it was: what changes is told by a sign besides its colour.

type Granted = ReadonlySet<string>;

export function Matrix({
  type,
  before,
  after,
  selected,
  select,
}: {
  readonly type: string;
  readonly before: Policy | undefined;
  readonly after: Policy;
  readonly selected: string | undefined;
  readonly select: (field: string | undefined) => void;
}): ReactNode {
  const { heads, fields, was, is } = useMemo(() => tableOf(type, before, after), [type, before, after]);
  const definition = typeNamed(after.schema, type);
  return (
    <div className="matrix-box">
      <table className="matrix">
        <caption className="hidden">
          Which role may create, read, update and delete which field of {type}. Plus marks what is wider than
          in the saved file, minus what is narrower.
        </caption>
        <thead>
          <tr>
            <th scope="col">
              <button
                type="button"
                className="field"
                aria-pressed={selected === undefined}
                onClick={() => select(undefined)}
              >
                {type}
              </button>
            </th>
            {heads.map(({ name, short, long }) => (
              <th key={name} scope="col" title={long}>
                {short}
              </th>
            ))}
            {heads.length === 0 && <th scope="col">Nobody</th>}
          </tr>
        </thead>
        <tbody>
          {fields.map((field) => {
            const one = definition?.fields[field];
            return (
              <tr key={field} aria-selected={selected === field}>
                <th scope="row">
                  {field === wholeRecords ? (
                    <span className="field whole">whole records</span>
                  ) : (
                    <button
                      type="button"
                      className="field"
                      aria-pressed={selected === field}
                      onClick={() => select(field)}
                    >
                      {field}
                      <span className="type">{one?.type ?? "removed"}</span>
                      {one?.rules !== undefined && <span className="own">own rules</span>}
                    </button>
                  )}
                </th>
                {heads.map(({ name }) => (
                  <Cell
                    key={name}
                    was={was.get(`${field} ${name}`) ?? ""}
                    now={is.get(`${field} ${name}`) ?? ""}
                  />
                ))}
                {heads.length === 0 && <td className="none">no rules</td>}
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

/** @param now the operations of the draft, as text: a cell that stays as it is is not drawn again */
const Cell = memo(function Cell({ was, now }: { readonly was: string; readonly now: string }): ReactNode {
  const before: Granted = new Set(was.split(" "));
  const after: Granted = new Set(now.split(" "));
  const marks = columns.map((column) => ({ column, ...markOf(column, before, after) }));
  const words = marks
    .filter(({ state }) => state !== "off")
    .map(({ label, state }) =>
      state === "on" ? label : `${state === "widened" ? "plus" : "minus"} ${label}`,
    );
  return (
    <td>
      <span className="hidden">{words.length === 0 ? "nothing" : words.join(", ")}</span>
      <span className="marks" aria-hidden="true">
        {marks.map(({ column, state, label, isPart }) => (
          <span key={column} className={`mark ${state}${isPart ? " part" : ""}`} title={label}>
            {state === "widened" ? "+" : state === "narrowed" ? "−" : ""}
            {state === "off" ? "·" : column.slice(0, 1).toUpperCase()}
          </span>
        ))}
      </span>
    </td>
  );
});

interface Mark {
  readonly state: "on" | "off" | "widened" | "narrowed";
  readonly label: string;
  readonly isPart: boolean;
}

function markOf(column: Column, was: Granted, now: Granted): Mark {
  const parts: readonly Operation[] = column === "read" ? readOperations : [column];
  const had = parts.filter((operation) => was.has(operation));
  const has = parts.filter((operation) => now.has(operation));
  const isWidened = has.some((operation) => !was.has(operation));
  const isNarrowed = had.some((operation) => !now.has(operation));
  const state = isWidened ? "widened" : isNarrowed ? "narrowed" : has.length > 0 ? "on" : "off";
  const shown = has.length > 0 ? has : had;
  const isPart = shown.length > 0 && shown.length < parts.length;
  return { state, isPart, label: isPart ? shown.join(" and ") : column };
}

interface Table {
  readonly heads: readonly Pick<RoleWords, "name" | "short" | "long">[];
  readonly fields: readonly string[];
  readonly was: ReadonlyMap<string, string>;
  readonly is: ReadonlyMap<string, string>;
}

function tableOf(type: string, before: Policy | undefined, after: Policy): Table {
  const rows = allRows(after, type);
  const old = before === undefined ? rows : allRows(before, type);
  const words = rolesOfType(type, before === undefined ? [after] : [after, before]);
  const roles = new Set([...old, ...rows].map(({ role }) => role));
  const named = Object.keys(typeNamed(after.schema, type)?.fields ?? {});
  const fields = new Set([...named, ...[...rows, ...old].map(({ field }) => field)]);
  const isWhole = fields.delete(wholeRecords);
  return {
    heads: [...roles].map((name) => words.get(name) ?? { name, short: name, long: name }),
    fields: [...fields, ...(isWhole ? [wholeRecords] : [])],
    was: cellsOf(old),
    is: cellsOf(rows),
  };
}

function cellsOf(rows: readonly MatrixRow[]): ReadonlyMap<string, string> {
  return new Map(rows.map(({ field, role, operations }) => [`${field} ${role}`, operations.join(" ")]));
}
