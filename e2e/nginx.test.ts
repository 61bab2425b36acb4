import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createAuth, none } from "@authmodes/core";
import { createStudio } from "@authmodes/studio";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { endOf } from "./support/process.ts";
import { isMissing } from "./support/programs.ts";
import { TestServer } from "./support/server.ts";

const text = "type Note @model @auth(rules: [{ allow: owner }]) {\n  id: ID!\n}\n";

/** What stands beside `proxy_pass`, by the name of a socket. */
const locations = {
  bare: "",
  forwarding: "proxy_http_version 1.1; proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;",
  silent: 'proxy_http_version 1.1; proxy_set_header Connection "";',
};
type Location = keyof typeof locations;

describe.skipIf(isMissing("nginx"))("the studio behind nginx, without a mode and groups", () => {
  let folder: string;
  let file: string;
  let server: TestServer;
  let nginx: ChildProcess;
  let link: string;
  let cookie: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "nginx-"));
    file = join(folder, "schema.graphql");
    await writeFile(file, text);
    vi.spyOn(console, "error").mockImplementation(() => undefined); // the link
    const studio = createStudio({ on: true, auth: createAuth([none()]), schemaFile: file });
    link = studio.link ?? "";
    server = await TestServer.start((request, response) => studio.node(request, response));
    const opened = await fetch(server.url + link, { redirect: "manual" });
    [cookie = ""] = (opened.headers.get("set-cookie") ?? "").split(";");
    await writeFile(join(folder, "nginx.conf"), configurationOf(folder, new URL(server.url).port));
    nginx = spawn("nginx", ["-p", folder, "-c", "nginx.conf", "-e", "stderr"], { stdio: "inherit" });
    await vi.waitUntil(() => existsSync(join(folder, "silent")), { timeout: 10_000 });
  });
  afterAll(async () => {
    nginx.kill();
    await endOf(nginx);
    await server.stop();
    await rm(folder, { recursive: true });
  });

  const ask = (socket: Location, path: string, headers: Readonly<Record<string, string>> = {}) =>
    new Promise<{ readonly status: number | undefined; readonly text: string }>((resolve, reject) => {
      const sent = request({ socketPath: join(folder, socket), path, headers }, (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (part: string) => (text += part));
        response.on("end", () => resolve({ status: response.statusCode, text }));
      });
      sent.on("error", reject).end();
    });

  it("opens to the developer, who asks the server itself", async () => {
    const state = await fetch(`${server.url}/_studio/api/state`, { headers: { cookie } });
    expect([state.status, await state.text()]).toEqual([200, expect.stringContaining("type Note")]);
  });

  it.each(["bare", "forwarding", "silent"] as const)("is closed to outsiders (%s)", async (socket) => {
    for (const path of ["/_studio/", "/_studio/?token=a", "/_studio/api/state", "/_studio/api/events"]) {
      const { status, text: answer } = await ask(socket, path);
      expect([path, status]).toEqual([path, 403]);
      expect(answer).not.toContain("Note");
    }
    expect(await readFile(file, "utf8")).toBe(text);
  });

  it.each(["bare", "forwarding"] as const)(
    "is closed even with the token and the cookie (%s)",
    async (socket) => {
      for (const path of [link, "/_studio/", "/_studio/api/state"]) {
        const { status, text: answer } = await ask(socket, path, { cookie });
        expect([status, answer]).toEqual([403, expect.stringContaining("not through a proxy")]);
      }
    },
  );
});

function configurationOf(folder: string, port: string): string {
  const servers = Object.entries(locations).map(
    ([name, more]) =>
      `server { listen unix:${join(folder, name)}; location / { proxy_pass http://localhost:${port}; ${more} } }`,
  );
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
    (name) => `${name}_temp_path ${name};`,
  );
  return [
    "daemon off; master_process off; pid nginx.pid; events {}",
    `http { access_log off; ${temporary.join(" ")} ${servers.join("\n")} }`,
  ].join("\n");
}
