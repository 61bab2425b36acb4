import { copyFile, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ownSchemaFile, type RunningShop, studioPath } from "@authmodes/app-shared";
import { createStudio } from "@authmodes/studio";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { running } from "./running.ts";

interface State {
  readonly file: { readonly text: string; readonly hash: string };
  readonly running: { readonly stale: boolean };
}

/** The page that shows and changes the rules, if it is on. */
export function studioContract(): void {
  describe("the studio", () => {
    let folder: string;
    let schemaFile: string;
    let shop: RunningShop;
    let cookie: string;
    let printed: readonly unknown[];
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), "bookstore-"));
      schemaFile = join(folder, "schema.graphql");
      await copyFile(ownSchemaFile, schemaFile);
      const toStderr = vi.spyOn(console, "error");
      shop = await running.start({ schemaFile, studio: createStudio });
      printed = toStderr.mock.calls.flat();
      toStderr.mockRestore();
      const opened = await fetch(shop.studioUrl ?? "", { redirect: "manual" });
      [cookie = ""] = (opened.headers.get("set-cookie") ?? "").split(";");
    }, 60_000);
    afterAll(async () => {
      await shop.close();
      await rm(folder, { recursive: true });
    });

    const ask = (path: string, headers: Readonly<Record<string, string>> = {}, body?: string) =>
      fetch(`${shop.url}${studioPath}${path}`, {
        headers: { cookie, ...headers },
        ...(body !== undefined && { method: "PUT", body }),
      });
    const state = async (): Promise<State> => JSON.parse(await (await ask("/api/state")).text());
    const save = async (text: string, origin: string): Promise<number> => {
      const { hash } = (await state()).file;
      const headers = { origin, "content-type": "application/json" };
      return (await ask("/api/schema", headers, JSON.stringify({ text, hash }))).status;
    };

    it("is off by default", async () => {
      expect(running.shop.studioUrl).toBeUndefined();
      expect((await fetch(`${running.shop.url}${studioPath}/api/state`)).status).toBe(404);
    });

    it("leaves its link to the shop, which knows the port", () => {
      expect(shop.studioUrl).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/_studio\/\?token=[\w-]{43}$/);
      expect(printed.filter((text) => String(text).includes(studioPath))).toEqual([]);
    });

    it("opens with its link only", async () => {
      expect((await fetch(`${shop.url}${studioPath}/api/state`)).status).toBe(403);
      expect((await ask("/api/state")).status).toBe(200);
    });

    it("shows the rules in force, and enforces the ones that its page saves", async () => {
      const { file, running } = await state();
      expect([file.text, running.stale]).toEqual([await readFile(ownSchemaFile, "utf8"), false]);
      const headers = { "x-api-key": shop.ready.credentials.apiKey };
      const reports = async () => (await fetch(`${shop.url}/reports`, { headers })).status;
      expect(await reports()).toBe(403);
      const custom = "{ allow: custom, provider: function, operations: [read] }";
      const wider = file.text.replace(custom, `${custom} { allow: public, operations: [read] }`);
      expect(await save(wider, "https://evil.example")).toBe(403);
      expect(await readFile(schemaFile, "utf8")).toBe(file.text);
      expect(await save(wider, shop.url)).toBe(200);
      expect((await state()).running.stale).toBe(true);
      expect(shop.reloadRules()).toEqual(["+ Report: apiKey:public may read id, title, revenue, profit"]);
      expect([await reports(), (await state()).running.stale]).toEqual([200, false]);
    });
  });
}
