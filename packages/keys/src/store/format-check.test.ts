import { expect, it, vi } from "vitest";
import { StoreError } from "./error.ts";
import { FormatCheck } from "./store.ts";

it("reads the version once for each connection, and again once a newer one was seen", async () => {
  const formats = new FormatCheck("test store");
  const [connection, other] = [{}, {}];
  const readFormat = vi.fn<() => Promise<number>>(async () => 1);
  for (const one of [connection, connection, other]) await formats.beforeCount(one, readFormat);
  expect(readFormat).toHaveBeenCalledTimes(2);

  expect(() => formats.check(2)).toThrow(StoreError);
  await expect(formats.beforeCount(connection, async () => 2)).rejects.toThrow("test store");
  await formats.beforeCount(connection, readFormat);
  expect(readFormat).toHaveBeenCalledTimes(3);
});
