import { copyFile, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { type RunningBookstore, startBookstore } from "./support/app.ts";

const rules = fileURLToPath(new URL("../apps/shared/schema.graphql", import.meta.url));
let folder: string;
let file: string;
let running: RunningBookstore;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "bookstore-"));
  file = join(folder, "schema.graphql");
  await copyFile(rules, file);
  running = await startBookstore("--app", "next", "--studio", "--schema", file);
}, 180_000);
afterAll(async () => {
  await running.stop();
  await rm(folder, { recursive: true });
});

it("serves the studio in front of Next, and puts in force what its page saves", async () => {
  const { url, credentials } = running.bookstore;
  // Standard error may arrive after the line of JSON.
  const link = await vi.waitUntil(() => /\/_studio\/\?token=\S+(?=\n)/.exec(running.errorOutput)?.[0]);
  const opened = await fetch(url + link, { redirect: "manual" });
  const [cookie = ""] = (opened.headers.get("set-cookie") ?? "").split(";");
  expect((await fetch(`${url}/_studio/api/state`)).status).toBe(403);
  const page = await fetch(`${url}/_studio/`, { headers: { cookie } });
  expect([page.status, await page.text()]).toEqual([200, expect.stringContaining("./assets/index-")]);
  const { file: shown } = (await (
    await fetch(`${url}/_studio/api/state`, { headers: { cookie } })
  ).json()) as {
    readonly file: { readonly text: string; readonly hash: string };
  };
  const custom = "{ allow: custom, provider: function, operations: [read] }";
  const text = shown.text.replace(custom, `${custom} { allow: public, operations: [read] }`);
  const save = async (origin: string) =>
    (
      await fetch(`${url}/_studio/api/schema`, {
        method: "PUT",
        headers: { cookie, origin, "content-type": "application/json" },
        body: JSON.stringify({ text, hash: shown.hash }),
      })
    ).status;
  const reports = async () =>
    (await fetch(`${url}/reports`, { headers: { "x-api-key": credentials.apiKey } })).status;
  expect(await reports()).toBe(403);
  expect(await save("https://evil.example")).toBe(403);
  expect(await readFile(file, "utf8")).toBe(shown.text);
  expect(await save(url)).toBe(200);
  await vi.waitUntil(async () => (await reports()) === 200, { timeout: 15_000, interval: 100 });
});
