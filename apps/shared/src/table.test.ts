import { describe, expect, it } from "vitest";
import { type Column, createTable, type Paint, paintFor, widest } from "./table.ts";

const columns: readonly Column<readonly [string, string, string]>[] = [
  { title: "who", width: 6, text: ([who]) => who, style: () => "green" },
  { title: "status", text: ([, status]) => status },
  { title: "why", text: ([, , why]) => why, style: () => "dim" },
];
const plain: Paint = (_style, text) => text;

describe("a table", () => {
  it("aligns its columns to the widest text or the title, and leaves no blanks at the end", () => {
    const { head, line } = createTable(columns, plain);
    expect([head, line(["alice", "200", "known"]), line(["bob", "401", ""])]).toEqual([
      "who     status  why",
      "alice   200     known",
      "bob     401",
    ]);
  });

  it("stays aligned when it is painted", () => {
    const marks: Paint = (_style, text) => `<${text}>`;
    expect(createTable(columns, marks).line(["bob", "401", "old"])).toBe("<bob   >  401     <old>");
  });

  it("knows the widest text, of none too", () => {
    expect([widest(["a", "abc"]), widest([])]).toEqual([3, 0]);
  });
});

describe("paintFor", () => {
  const stream = (isTTY: boolean, hasColors: boolean) =>
    Object.assign(Object.create(process.stdout), { isTTY, hasColors: () => hasColors });

  it("colours only for a terminal that has colours", () => {
    expect(paintFor(stream(true, true))("green", "x")).toBe("\u001b[32mx\u001b[39m");
    expect(paintFor(stream(true, false))("green", "x")).toBe("x");
    expect(paintFor(stream(false, true))("green", "x")).toBe("x");
  });
});
