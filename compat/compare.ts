import type { Answer, Cells, Refusal } from "./answer.ts";

/** Something that one side answers otherwise than the other. */
export type Difference =
  | {
      readonly kind: "cell";
      readonly cell: string;
      readonly theirs: boolean | undefined;
      readonly ours: boolean | undefined;
    }
  /** Only one side has a matrix for this model. */
  | { readonly kind: "model"; readonly model: string; readonly side: "theirs" | "ours" }
  /** Only the transformer refuses. */
  | { readonly kind: "theirs-refuses"; readonly message: string }
  /** Only ours does: a difference for each error. */
  | { readonly kind: "ours-refuses"; readonly code: string; readonly message: string };

export interface Comparison {
  /** How many cells both sides have, or one of them. */
  readonly cells: number;
  readonly refusal: "none" | "both" | "both-in-the-same-words";
  readonly differences: readonly Difference[];
}

export function compare(theirs: Answer, ours: Answer): Comparison {
  if ("refused" in theirs && "refused" in ours) {
    const refusal = isSameSentence(theirs.refused, ours.refused) ? "both-in-the-same-words" : "both";
    return { cells: 0, refusal, differences: [] };
  }
  if ("refused" in theirs) {
    const differences = theirs.refused.map(({ message }) => ({ kind: "theirs-refuses", message }) as const);
    return { cells: 0, refusal: "none", differences };
  }
  if ("refused" in ours) {
    const differences = ours.refused.map(
      ({ code, message }) => ({ kind: "ours-refuses", code, message }) as const,
    );
    return { cells: 0, refusal: "none", differences };
  }
  return { refusal: "none", ...compareCells(theirs.cells, ours.cells) };
}

/** Whether the transformer's first sentence is among ours: then both found the same mistake. */
function isSameSentence(theirs: readonly Refusal[], ours: readonly Refusal[]): boolean {
  return theirs.some((their) => ours.some((our) => oneLine(their.message).includes(oneLine(our.message))));
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, " ").trim();
}

function compareCells(theirs: Cells, ours: Cells): Pick<Comparison, "cells" | "differences"> {
  const theirModels = modelsOf(theirs);
  const ourModels = modelsOf(ours);
  const cells = [...new Set([...theirs.keys(), ...ours.keys()])].filter(
    (cell) => theirModels.has(modelOf(cell)) && ourModels.has(modelOf(cell)),
  );
  // A role or a field that only one side has is a difference too, even if it is allowed nothing.
  const different = cells.filter((cell) => theirs.get(cell) !== ours.get(cell));
  return {
    cells: cells.length,
    differences: [
      ...without(theirModels, ourModels).map((model) => ({ kind: "model", model, side: "theirs" }) as const),
      ...without(ourModels, theirModels).map((model) => ({ kind: "model", model, side: "ours" }) as const),
      ...different.map(
        (cell) => ({ kind: "cell", cell, theirs: theirs.get(cell), ours: ours.get(cell) }) as const,
      ),
    ],
  };
}

function without(all: ReadonlySet<string>, others: ReadonlySet<string>): readonly string[] {
  return [...all].filter((name) => !others.has(name));
}

function modelsOf(cells: Cells): ReadonlySet<string> {
  return new Set([...cells.keys()].map(modelOf));
}

function modelOf(cell: string): string {
  return cell.slice(0, cell.indexOf("\n"));
}

export function describe(difference: Difference): string {
  switch (difference.kind) {
    case "cell":
      return `${difference.cell.split("\n").join(" · ")}: transformer ${difference.theirs ?? "has no such cell"}, ours ${difference.ours ?? "has no such cell"}`;
    case "model":
      return `${difference.model}: only ${difference.side === "theirs" ? "the transformer" : "ours"} has a matrix for it`;
    case "theirs-refuses":
      return `only the transformer refuses: ${oneLine(difference.message)}`;
    case "ours-refuses":
      return `only ours refuses (${difference.code}): ${oneLine(difference.message)}`;
  }
}
