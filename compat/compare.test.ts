import { expect, it } from "vitest";
import { cellKey } from "./answer.ts";
import { compare } from "./compare.ts";

// Without these a comparison that compares nothing would pass.

const key = cellKey("Post", "apiKey:public", "title", "get");
const other = cellKey("Post", "apiKey:public", "title", "list");
const elsewhere = cellKey("Link", "apiKey:public", "id", "get");

it("finds a cell that differs", () => {
  const { cells, differences } = compare(
    { cells: new Map([[key, true]]) },
    { cells: new Map([[key, false]]) },
  );
  expect(cells).toBe(1);
  expect(differences).toEqual([{ kind: "cell", cell: key, theirs: true, ours: false }]);
});

it("finds a cell that only one side has, though it grants nothing", () => {
  const { differences } = compare(
    { cells: new Map([[key, true]]) },
    {
      cells: new Map([
        [key, true],
        [other, false],
      ]),
    },
  );
  expect(differences).toEqual([{ kind: "cell", cell: other, theirs: undefined, ours: false }]);
});

it("finds a model that only one side has", () => {
  const { differences } = compare(
    {
      cells: new Map([
        [key, true],
        [elsewhere, true],
      ]),
    },
    { cells: new Map([[key, true]]) },
  );
  expect(differences).toEqual([{ kind: "model", model: "Link", side: "theirs" }]);
});

it("finds a schema that only one side refuses", () => {
  const refusal = { refused: [{ code: "no-rules", message: "There are no rules." }] };
  const matrix = { cells: new Map([[key, true]]) };
  expect(compare(refusal, matrix).differences).toEqual([
    { kind: "theirs-refuses", message: "There are no rules." },
  ]);
  expect(compare(matrix, refusal).differences).toEqual([
    { kind: "ours-refuses", code: "no-rules", message: "There are no rules." },
  ]);
  expect(compare(refusal, refusal)).toEqual({ cells: 0, refusal: "both-in-the-same-words", differences: [] });
});
