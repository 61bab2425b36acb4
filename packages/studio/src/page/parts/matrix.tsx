import { allRows, type MatrixRow, type Operation, type Policy, wholeRecords } from "@authmodes/rules";
import { type KeyboardEvent, type ReactNode, useLayoutEffect, useMemo, useRef, useState } from "react";
import type { CellPlace } from "../lib/cells.ts";
import { typeNamed } from "../lib/schema.ts";
import { type Column, rolesOfType } from "../lib/words.ts";
import { useStore } from "../store.ts";
import { Cell } from "./cell.tsx";
import { Button } from "./controls.tsx";

interface MatrixProps {
  readonly type: string;
  readonly policy: Policy;
  readonly selected: string | undefined;
  readonly cell: CellPlace | undefined;
  readonly select: (field: string | undefined) => void;
  /** Opens the rule behind a cell, or closes it. */
  readonly open: (place: CellPlace | undefined) => void;
  readonly toggle: (place: CellPlace, column: Column) => void;
}

/** Role × field × operation, as it is and as it was. Changes are marked by a sign besides their colour. */
export function Matrix({ type, policy, selected, cell, select, open, toggle }: MatrixProps): ReactNode {
  const before = useStore().saved.policy;
  const { heads, fields, was, is } = useMemo(() => tableOf(type, before, policy), [type, before, policy]);
  const box = useRef<HTMLDivElement>(null);
  const isStacked = useWidth(box) < firstColumn + heads.length * otherColumn;
  const definition = typeNamed(policy.schema, type);
  return (
    <div ref={box} className="matrix-box">
      {/* Roles are named, since the stacked form takes the table's display away, and with it its meaning. */}
      <table role="table" className={isStacked ? "matrix stacked" : "matrix"} onKeyDown={moveFocus}>
        <caption className="hidden">
          Which role may create, read, update and delete which field of {type}. Plus marks what is wider than
          in the saved file, minus what is narrower. Arrow keys move between cells, Enter opens the rule, and
          c, r, u and d switch an operation on or off.
        </caption>
        <thead role="rowgroup">
          <tr role="row">
            <th role="columnheader" scope="col">
              <Button
                className="field"
                aria-pressed={selected === undefined}
                onClick={() => select(undefined)}
              >
                {type}
              </Button>
            </th>
            {(heads.length === 0 ? [noRole] : heads).map(({ name, short, long }) => (
              <th key={name} role="columnheader" scope="col" title={long}>
                {short}
              </th>
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup">
          {fields.map((field, row) => {
            const one = definition?.fields[field];
            return (
              <tr key={field} role="row">
                <th role="rowheader" scope="row">
                  {field === wholeRecords ? (
                    <span className="field whole">whole records</span>
                  ) : (
                    <Button className="field" aria-pressed={selected === field} onClick={() => select(field)}>
                      {field}
                      <span className="type">{one?.type ?? "removed"}</span>
                      {one?.rules !== undefined && <span className="own">own rules</span>}
                    </Button>
                  )}
                </th>
                {heads.map(({ name, short }, column) => {
                  const isOpen = cell?.field === field && cell.role === name;
                  return (
                    <Cell
                      key={name}
                      field={field}
                      role={name}
                      name={short}
                      was={was.get(`${field} ${name}`) ?? []}
                      now={is.get(`${field} ${name}`) ?? []}
                      isOpen={isOpen}
                      isFirst={cell === undefined && row === 0 && column === 0}
                      open={open}
                      toggle={toggle}
                    />
                  );
                })}
                {heads.length === 0 && (
                  <td role="cell" className="none">
                    no rules
                  </td>
                )}
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

const noRole = { name: "", short: "No role", long: "No rule gives a role" };

/** Pixels that the first column and each other column need. With less, cells are below each other, so that none is cut. */
const firstColumn = 116;
const otherColumn = 76;

function useWidth(box: React.RefObject<HTMLElement | null>): number {
  const [width, setWidth] = useState(Infinity);
  useLayoutEffect(() => {
    const element = box.current;
    if (element === null) return undefined;
    setWidth(element.clientWidth);
    const observer = new ResizeObserver(() => setWidth(element.clientWidth));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return width;
}

const steps: Readonly<Record<string, (columns: number) => number>> = {
  ArrowRight: () => 1,
  ArrowLeft: () => -1,
  ArrowDown: (count) => count,
  ArrowUp: (count) => -count,
};

/** Tab comes to one cell of the table, arrow keys to the others. */
function moveFocus(event: KeyboardEvent<HTMLTableElement>): void {
  const cells = [...event.currentTarget.querySelectorAll<HTMLButtonElement>("button.cell")];
  const from = cells.findIndex((cell) => cell === event.target);
  const rows = event.currentTarget.tBodies[0]?.rows.length ?? 1;
  const step = steps[event.key]?.(cells.length / rows);
  if (from < 0 || step === undefined) return;
  event.preventDefault();
  cells[from + step]?.focus();
}

function tableOf(type: string, before: Policy | undefined, after: Policy) {
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

/** The operations of each field and role. */
function cellsOf(rows: readonly MatrixRow[]): ReadonlyMap<string, readonly Operation[]> {
  return new Map(rows.map(({ field, role, operations }) => [`${field} ${role}`, operations]));
}
