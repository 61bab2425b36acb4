import { type Operation, readOperations } from "@authmodes/rules";
import type { KeyboardEvent, MouseEvent, ReactNode } from "react";
import type { CellPlace } from "../lib/cells.ts";
import { type Column, columns } from "../lib/words.ts";
import { Button } from "./controls.tsx";

interface CellProps extends CellPlace {
  /** Of the role. */
  readonly name: string;
  readonly was: readonly Operation[];
  readonly now: readonly Operation[];
  readonly isOpen: boolean;
  /** Whether Tab comes to it while none is open. */
  readonly isFirst: boolean;
  readonly open: (place: CellPlace | undefined) => void;
  readonly toggle: (place: CellPlace, column: Column) => void;
}

/** Opens the rule behind it. In an open cell each letter switches its operation on or off. */
export function Cell(props: CellProps): ReactNode {
  const { field, role, name, was, now, isOpen, isFirst, open, toggle } = props;
  const marks = columns.map((column) => ({ column, ...markOf(column, was, now) }));
  const words = marks
    .filter(({ state }) => state !== "off")
    .map(({ label, state }) =>
      state === "on" ? label : `${state === "widened" ? "plus" : "minus"} ${label}`,
    );
  const click = ({ target }: MouseEvent): void => {
    const letter = target instanceof Element ? target.closest("[data-column]") : null;
    const column = columns.find((one) => one === letter?.getAttribute("data-column"));
    if (isOpen && column !== undefined) toggle({ field, role }, column);
    else open(isOpen ? undefined : { field, role });
  };
  const press = (event: KeyboardEvent): void => {
    const column = columns.find((one) => one.startsWith(event.key));
    if (column === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    toggle({ field, role }, column);
  };
  return (
    <td role="cell">
      <Button
        className="cell"
        aria-pressed={isOpen}
        tabIndex={isOpen || isFirst ? 0 : -1}
        onClick={click}
        onKeyDown={press}
      >
        <span className="role" aria-hidden="true">
          {name}
        </span>
        <span className="hidden">
          {name}, {field}: {words.length === 0 ? "nothing" : words.join(", ")}
        </span>
        <span className="marks" aria-hidden="true">
          {marks.map(({ column, state, label, isPart }) => (
            <span
              key={column}
              data-column={column}
              className={`mark ${state}${isPart ? " part" : ""}`}
              title={label}
            >
              {state === "widened" ? "+" : state === "narrowed" ? "−" : ""}
              {state === "off" ? "·" : column.slice(0, 1).toUpperCase()}
            </span>
          ))}
        </span>
      </Button>
    </td>
  );
}

function markOf(column: Column, was: readonly Operation[], now: readonly Operation[]) {
  const parts: readonly Operation[] = column === "read" ? readOperations : [column];
  const had = parts.filter((operation) => was.includes(operation));
  const has = parts.filter((operation) => now.includes(operation));
  const isWidened = has.some((operation) => !was.includes(operation));
  const isNarrowed = had.some((operation) => !now.includes(operation));
  const state = isWidened ? "widened" : isNarrowed ? "narrowed" : has.length > 0 ? "on" : "off";
  const shown = has.length > 0 ? has : had;
  const isPart = shown.length > 0 && shown.length < parts.length;
  return { state, isPart, label: isPart ? shown.join(" and ") : column };
}
