import { describe, expect, it } from "vitest";
import { cutPage, readPage, startOf } from "./paging.ts";

const rows = ["a", "b", "c"].map((id) => ({ id }));

describe("readPage", () => {
  it("reads the first twenty by default", () => {
    expect(readPage("/books")).toEqual({ limit: 20, cursor: undefined });
  });

  it.each(["1", "9", "10", "99", "100"])("accepts limit=%s", (limit) => {
    expect(readPage(`/books?limit=${limit}`).limit).toBe(Number(limit));
  });

  it.each(["0", "101", "-1", "1.5", "", "ten", "1e1", "05", "%2B5", "5&limit=6"])(
    "rejects limit=%s",
    (limit) => {
      expect(() => readPage(`/books?limit=${limit}`)).toThrow(expect.objectContaining({ status: 400 }));
    },
  );

  it("reads the cursor that a page ended with", () => {
    const { cursor } = cutPage(rows, { limit: 2 }, "books");
    expect(startOf(readPage(`/books?cursor=${cursor}`), "books")).toBe("b");
  });

  it.each([
    ["of another list", Buffer.from("orders:b").toString("base64url")],
    ["without an id", Buffer.from("books:").toString("base64url")],
    ["padded", Buffer.from("books:bb").toString("base64")],
    ["cut", Buffer.from("books:b").toString("base64url").slice(0, -1)],
    ["that is no text", "_w"],
    ["that is empty", ""],
    ["that is none", "b"],
    ["that is given twice", "b&cursor=c"],
  ])("rejects a cursor %s", (_what, cursor) => {
    expect(() => startOf(readPage(`/books?cursor=${cursor}`), "books")).toThrow(
      expect.objectContaining({ status: 400 }),
    );
  });
});

describe("cutPage", () => {
  it("has a cursor only if there is more", () => {
    expect(cutPage(rows, { limit: 3 }, "books")).toEqual({ items: rows, cursor: null });
    expect(cutPage(rows, { limit: 2 }, "books").items).toEqual(rows.slice(0, 2));
    expect(cutPage([], { limit: 2 }, "books")).toEqual({ items: [], cursor: null });
  });
});
