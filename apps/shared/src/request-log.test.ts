import { describe, expect, it } from "vitest";
import { type LoggedRequest, requestLine } from "./request-log.ts";

const refused: LoggedRequest = {
  server: "shop",
  time: 0,
  method: "GET",
  path: "/suppliers/iam",
  status: 403,
  id: "1234",
  mode: "userPool",
  caller: "bob",
  code: "forbidden",
  reason: "group_missing: needs one of the groups Librarians",
};
const plain = (_style: unknown, text: string) => text;

describe("requestLine", () => {
  it("says who asked for what, what came of it, why, and under which id", () => {
    expect(requestLine(refused, plain).split(/ {2,}/)).toEqual([
      "GET /suppliers/iam",
      "bob userPool",
      "403",
      "group_missing: needs one of the groups Librarians",
      "1234",
    ]);
  });

  it("leaves out what is not known, and says which server it was", () => {
    const open = { ...refused, server: "supplier", status: 200, caller: undefined, mode: undefined } as const;
    expect(requestLine({ ...open, id: undefined, reason: undefined }, plain).split(/ {2,}/)).toEqual([
      "supplier: GET /suppliers/iam",
      "- -",
      "200",
    ]);
  });
});
