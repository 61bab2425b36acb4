// The studio on Next: what its page is made of, who may open it, and what another site cannot do.

import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createTestKit } from "@authmodes/testing";

const text = "type Note @model @auth(rules: [{ allow: owner }]) {\n  id: ID!\n}\n";

/** @param {import("@authmodes/testing/audits").Serve} serve */
export async function measureStudio(serve) {
  const folder = await mkdtemp(join(tmpdir(), "studio-"));
  const schemaFile = join(folder, "schema.graphql");
  await writeFile(schemaFile, text);
  const kit = await createTestKit();
  const auth = kit.auth();
  auth.onEvent(() => {});
  const people = { mode: "userPool", groups: ["Admins"], write: true };
  Object.assign(globalThis, { studio: { on: true, auth, schemaFile, basePath: "/studio", ...people } });
  const server = await serve({ name: "studio", auth, routes: [] });

  /** @param {string} path @param {RequestInit} init */
  const ask = async (path, init = {}) => {
    const answer = await fetch(server.url + path, { redirect: "manual", ...init });
    return { status: answer.status, headers: Object.fromEntries(answer.headers), text: await answer.text() };
  };
  const headers = await kit.headersFor("userPool", { username: "ada", groups: ["Admins"] });
  const others = await kit.headersFor("userPool", { username: "bob" });
  const page = await ask("/studio", { headers });
  const assets = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map(
    ([, address = ""]) => new URL(address, `${server.url}/studio`).pathname,
  );
  const state = await ask("/studio/api/state", { headers });
  const wider = text.replace("owner", "private");
  /** @param {Record<string, string>} more */
  const save = (more) =>
    ask("/studio/api/schema", {
      method: "PUT",
      headers: { ...headers, "content-type": "application/json", ...more },
      body: JSON.stringify({ text: wider, hash: JSON.parse(state.text).file.hash }),
    });
  const measured = {
    slash: (await ask("/studio/", { headers })).headers["location"],
    page,
    assets: await Promise.all(assets.map(async (path) => (await ask(path, { headers })).status)),
    state: JSON.parse(state.text).file.text,
    stranger: (await ask("/studio/api/state")).status,
    other: (await ask("/studio/api/state", { headers: others })).status,
    crossSite: (await save({ origin: "https://evil.example" })).status,
    untouched: (await readFile(schemaFile, "utf8")) === text,
    saved: (await save({ origin: server.url })).status,
    written: (await readFile(schemaFile, "utf8")) === wider,
  };
  await server.close();
  await rm(folder, { recursive: true });
  return measured;
}
