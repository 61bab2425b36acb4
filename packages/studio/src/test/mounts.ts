import { mkdtemp, mkdir, writeFile } from "node:fs/promises";
import { createServer, request as httpRequest, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Auth } from "@authmodes/core";
import express from "express";
import { studioOf } from "../create.ts";
import { checkOptions, type StudioOptions } from "../options.ts";
import { PageFiles } from "../page-files.ts";

export interface Asked {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** A studio on a server, and how to ask it. */
export interface Mounted {
  readonly url: string;
  /** The file that it shows. */
  readonly file: string;
  ask(path: string, asked?: Asked): Promise<Answered>;
  close(): Promise<void>;
}

export type Mount = (options: MountOptions) => Promise<Mounted>;
export type MountOptions = Omit<StudioOptions, "schemaFile" | "auth"> & {
  readonly auth: Auth;
  readonly text?: string;
};

/** A page like the built one, so that these tests need no build. */
async function prepare({ text, ...options }: MountOptions) {
  const folder = await mkdtemp(join(tmpdir(), "studio-"));
  await mkdir(join(folder, "page/assets"), { recursive: true });
  await writeFile(join(folder, "page/index.html"), "<!doctype html><title>Studio</title>");
  await writeFile(join(folder, "page/assets/index-1.js"), "globalThis.ran = true;");
  await writeFile(join(folder, "secret.html"), "not of the page");
  const file = join(folder, "schema.graphql");
  if (text !== undefined) await writeFile(file, text);
  const handler = studioOf(
    checkOptions({ on: true, ...options, schemaFile: file }),
    new PageFiles(join(folder, "page")),
  );
  return { file, handler };
}

export const onExpress: Mount = async (options) => {
  const { file, handler } = await prepare(options);
  const app = express();
  app.use("/_studio", handler.node);
  app.use((_request, response) => void response.status(404).send("the app"));
  return { file, ...(await listening(createServer(app))) };
};

/** Mounted without a path, behind a parser, which is what apps do that use one everywhere. */
export const behindParser: Mount = async (options) => {
  const { file, handler } = await prepare(options);
  const app = express();
  app.use(express.json({ limit: "10mb" }));
  app.use(handler.node);
  app.use((_request, response) => void response.status(404).send("the app"));
  return { file, ...(await listening(createServer(app))) };
};

export const byFetch: Mount = async (options) => {
  const { file, handler } = await prepare(options);
  return {
    file,
    url: "http://localhost:4000",
    async ask(path, { method = "GET", headers = {}, body } = {}) {
      const request = new Request(`http://localhost:4000${path}`, {
        method,
        headers,
        ...(body !== undefined && { body }),
      });
      const answer = await handler.fetch(request);
      return { status: answer.status, headers: answer.headers, text: await answer.text() };
    },
    close: () => Promise.resolve(),
  };
};

async function listening(server: Server): Promise<Pick<Mounted, "url" | "ask" | "close">> {
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    ask: (path, asked) => ask(port, path, asked),
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

/** `fetch` would not send any host or path that it is told to. */
function ask(
  port: number,
  path: string,
  { method = "GET", headers = {}, body }: Asked = {},
): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({ host: "127.0.0.1", port, path, method, headers }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (part: string) => (text += part));
      response.on("end", () => {
        const received = new Headers();
        for (let i = 0; i < response.rawHeaders.length; i += 2) {
          received.append(response.rawHeaders[i] ?? "", response.rawHeaders[i + 1] ?? "");
        }
        resolve({ status: response.statusCode ?? 0, headers: received, text });
      });
    });
    request.on("error", reject);
    request.end(body);
  });
}
