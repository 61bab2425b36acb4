import { join } from "node:path";
import { readFile } from "node:fs/promises";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { openKeys } from "../keys.ts";
import { fileStore } from "../store/file.ts";
import { memoryStore } from "../store/memory.ts";
import { askerOf } from "../test/ask.ts";
import { newFolder } from "../test/temp.ts";
import { readCsv } from "./csv.ts";

const now = Math.floor(Date.now() / 1000);
const valueOf = (name: string) => `${name}-0123456789-0123456789`;

/** As API Gateway exports it, with columns that we do not know, and in another order. */
const csv = `Description,Key,name,ENABLED,UsagePlanIds,Other
"for ""shops"", all of them",${valueOf("one")},Shop,TRUE,"plan1,plan2",x
,${valueOf("two")},"Two
lines? no",false,,
,${valueOf("three")},Three,,,
`.replace("Two\nlines? no", "Two");

const gateway = JSON.stringify({
  items: [
    {
      id: "k1",
      value: valueOf("g1"),
      name: "first",
      enabled: true,
      createdDate: "2024-01-01T00:00:00+00:00",
      stageKeys: [],
    },
    { id: "k2", value: valueOf("g2"), name: "second", enabled: false, createdDate: 1_700_000_000 },
  ],
});

const appSync = JSON.stringify({
  apiKeys: [
    { id: "da2-aaaaaaaaaaaaaaaaaaaaaaaaaa", description: "live", expires: now + 5000, deletes: now + 9000 },
    { id: "da2-bbbbbbbbbbbbbbbbbbbbbbbbbb", expires: now - 5000, deletes: now + 9000 },
  ],
});

describe("keys.import", () => {
  it("reads JSON with the mark that some programs write before UTF-8", async () => {
    const keys = await openKeys(memoryStore());
    const { imported } = await keys.import({
      keys: `\uFEFF${gateway}`,
      usagePlans: '\uFEFF{"items":[{"id":"p1"}]}',
    });
    expect(imported.map(({ id }) => id)).toEqual(["k1", "k2"]);
    await keys.close();
  });

  it("accepts the keys of API Gateway's CSV file", async () => {
    const keys = await openKeys(memoryStore());
    const ask = await askerOf(keys);
    const usagePlans = JSON.stringify({ items: [{ id: "plan1" }, { id: "plan2" }] });
    const { imported, existing } = await keys.import({ keys: csv, usagePlans });
    expect(existing).toBe(0);
    expect(imported.map(({ name, state, plans, expiresAt }) => [name, state, plans, expiresAt])).toEqual([
      ["Shop", "active", ["plan1", "plan2"], null],
      ["Two", "disabled", [], null],
      ["Three", "active", [], null],
    ]);
    expect(await ask(valueOf("one"))).toBe(`apiKey ${imported[0]?.id}`);
    expect(await ask(valueOf("two"))).toBe("401 api_key_disabled");
    expect(await ask(valueOf("three"))).toBe(`apiKey ${imported[2]?.id}`);
    await keys.close();
  });

  it("accepts the keys of get-api-keys under their ids, with their plans", async () => {
    const keys = await openKeys(memoryStore());
    const ask = await askerOf(keys);
    const usagePlans = JSON.stringify({
      items: [{ id: "plan1", name: "Basic", throttle: { rateLimit: 1 } }],
    });
    const usagePlanKeys = {
      plan1: JSON.stringify({ items: [{ id: "k1", type: "API_KEY", name: "first" }] }),
    };
    await keys.import({ keys: gateway, usagePlans, usagePlanKeys });
    expect(keys.get("k1")).toMatchObject({ name: "first", state: "active", plans: ["plan1"] });
    expect(keys.get("k2")).toMatchObject({ state: "disabled", plans: [] });
    expect(await ask(valueOf("g1"))).toBe("apiKey k1");
    expect(await ask(valueOf("g2"))).toBe("401 api_key_disabled");
    const rotated = await keys.rotate("k1");
    expect(await ask(rotated.key)).toBe("apiKey k1");
    expect(await ask(valueOf("g1"))).toBe("apiKey k1");
    await keys.close();
  });

  it("accepts the keys of list-api-keys, whose id is the key: it is nowhere afterwards", async () => {
    const path = join(await newFolder(), "keys.jsonl");
    const keys = await openKeys(fileStore(path));
    const ask = await askerOf(keys);
    const result = await keys.import({ keys: appSync });
    const [live, over] = result.imported;
    expect(live).toMatchObject({ name: "live", state: "active", expiresAt: now + 5000 });
    expect(over).toMatchObject({ name: "imported", state: "expired" });
    expect(await ask("da2-aaaaaaaaaaaaaaaaaaaaaaaaaa")).toBe(`apiKey ${live?.id}`);
    expect(await ask("da2-bbbbbbbbbbbbbbbbbbbbbbbbbb")).toBe("401 api_key_expired");
    expect(JSON.stringify([result, await keys.list()])).not.toMatch(/da2-/);
    expect(await readFile(path, "utf8")).not.toMatch(/da2-/);
    await keys.close();
  });

  it("adds nothing the second time, also at the same time on two instances", async () => {
    const store = memoryStore();
    const [one, two] = [await openKeys(store), await openKeys(store)];
    const results = await Promise.all([one, two].map((keys) => keys.import({ keys: csv })));
    expect(results.map(({ imported }) => imported.length).toSorted((a, b) => a - b)).toEqual([0, 3]);
    expect(await one.list()).toHaveLength(3);
    await one.close();
    await two.close();
  });

  it("takes the last of equal keys, as API Gateway does", async () => {
    const keys = await openKeys(memoryStore());
    const key = valueOf("same");
    const { imported } = await keys.import({ keys: `Name,Key,Enabled\na,${key},true\nb,${key},false\n` });
    expect(imported).toMatchObject([{ name: "b", state: "disabled" }]);
    await keys.close();
  });

  const secret = valueOf("s3cret");
  const good = `a,${valueOf("good")}\n`;
  it.each([
    ["a short key", { keys: `Name,Key\n${good}b,s3cret-short\n` }, "the key in line 3 is not a text of 20"],
    [
      "a missing cell",
      { keys: `Name,Key\n${good}\n${secret}\n` },
      "line 4 has 1 cells, and the header has 2",
    ],
    ["an open quotation mark", { keys: `Name,Key\n${good}"b,${secret}\n` }, "a quotation mark in line 3"],
    ["a quotation mark within", { keys: `Name,Key\n${good}b"c",${secret}\n` }, "a quotation mark in line 3"],
    [
      "a line after a long cell",
      { keys: `Name,Key\n"a\nb",${valueOf("x")}\n` },
      "the name in line 2 is not one line",
    ],
    ["an odd Enabled", { keys: `Name,Key,Enabled\nb,${secret},yes\n` }, "Enabled in line 2 is neither"],
    [
      "no column for keys",
      { keys: `Name,Value\nb,${secret}\n` },
      "the header needs the columns Name and Key",
    ],
    [
      "no CSV and no JSON",
      { keys: `ITEMS\t${secret}\tb\tTrue\n` },
      "needs the columns Name and Key, unless the file is what the AWS CLI prints with --output json",
    ],
    [
      "no CSV and no JSON, but commas",
      { keys: `ITEMS\t${secret}\tb\nITEMS\t${secret}\tc,d,e\n` },
      "the header needs the columns Name and Key",
    ],
    ["an empty file", { keys: "" }, "the header needs the columns Name and Key"],
    ["nothing", { keys: "Name,Key\n" }, "there is no key"],
    ["a key without its value", { keys: '{"items":[{"id":"k1","name":"s3cret"}]}' }, "item 1 has no value"],
    [
      "the value for an id",
      { keys: `{"items":[{"id":"${secret}","value":"${secret}"}]}` },
      "item 1 has no id",
    ],
    ["a key without an id", { keys: `{"items":[{"value":"${secret}"}]}` }, "item 1 has no id"],
    [
      "milliseconds",
      { keys: `{"apiKeys":[{"id":"${secret}","expires":1700000000000}]}` },
      "expires of item 1",
    ],
    ["other JSON", { keys: `{"keys":["${secret}"]}` }, "the file with keys is neither a CSV file"],
    ["broken JSON", { keys: `{"items":[{"id":"${secret}"` }, "the file with keys is not JSON"],
    ["UTF-16", { keys: Buffer.from(gateway, "utf16le").toString("utf8") }, "the file with keys is not UTF-8"],
    [
      "an unknown plan",
      { keys: gateway, usagePlans: '{"items":[]}', usagePlanKeys: { p: '{"items":[]}' } },
      "no plan 'p'",
    ],
    [
      "an unknown plan in a CSV file",
      { keys: csv, usagePlans: '{"items":[{"id":"plan1"}]}' },
      "usagePlans has no plan 'plan2', which line 2 names",
    ],
    [
      "a key for a plan in a CSV file",
      {
        keys: `Name,Key,UsagePlanIds\n${good.trim()},\nb,${valueOf("x")},${secret}\n`,
        usagePlans: '{"items":[]}',
      },
      "usagePlans has no such plan, which line 3 names",
    ],
    [
      "a plan's unknown key",
      { keys: gateway, usagePlanKeys: { p: '{"items":[{"id":"k9"}]}' } },
      "the key 'k9'",
    ],
    ["an unknown option", { keys: csv, planKeys: {} }, "Write 'usagePlanKeys'"],
  ])("imports nothing because of %s, and quotes no key", async (_what, files, message) => {
    const keys = await openKeys(memoryStore());
    const error: unknown = await keys.import(files).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(TypeError);
    expect(String(error)).toContain(message);
    expect(String(error)).not.toContain("s3cret");
    expect(await keys.list()).toEqual([]);
    await keys.close();
  });

  it("does not replace a key that has the id of another one", async () => {
    const keys = await openKeys(memoryStore());
    await keys.import({ keys: gateway });
    const other = gateway.replaceAll("g1", "other");
    await expect(keys.import({ keys: other })).rejects.toThrow(
      "item 1 has the id 'k1', which another key has",
    );
    expect(await keys.list()).toHaveLength(2);
    await keys.close();
  });
});

describe("readCsv", () => {
  it("reads what was written, whatever the texts", () => {
    const cell = fc.string({ unit: fc.constantFrom("a", ",", '"', "\n", "\r", " ", "é") });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(cell, cell), { minLength: 1 }),
        fc.constantFrom("\n", "\r\n"),
        (rows, end) => {
          const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
          const text = [["A", "B"], ...rows].map((row) => row.map(quoted).join(",")).join(end);
          const read = readCsv("test", text, () => {}).map(({ cells }) => [cells.get("a"), cells.get("b")]);
          expect(read).toEqual(rows);
        },
      ),
    );
  });

  it("names the line at which a row starts", () => {
    expect(readCsv("test", 'a\n"1\n2"\n3', () => {}).map(({ line }) => line)).toEqual([2, 4]);
  });
});
