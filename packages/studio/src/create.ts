import type { ServerResponse } from "node:http";
import { nodeView, type NodeRequest, type RequestView } from "@authmodes/core";
import { fetchView } from "@authmodes/core/fetch";
import { below, type Call, maxBodyBytes, parseBody } from "./call.ts";
import { type Link, linkOfProcess } from "./link.ts";
import { checkOptions, type Settings, type StudioOptions } from "./options.ts";
import { PageFiles } from "./page-files.ts";
import { notFound } from "./reply.ts";
import { send } from "./send.ts";
import { Studio } from "./studio.ts";

/** The studio, as the two kinds of servers mount it. */
export interface StudioHandler {
  /**
   * Path and query of the link that opens the studio, a secret: `http://localhost:3000` + `link`. It is undefined if
   * the studio is off, and with `mode` and `groups`.
   */
  readonly link: string | undefined;
  /**
   * Answers a request, for servers that use `Request` and `Response`: with 404 if its path is not below `basePath`, and
   * always with 404 if the studio is off.
   * @param remoteAddress the IP address of the client, which a `Request` does not contain; without it, only `mode` and
   * `groups` can open the studio
   * @example
   * import { getConnInfo } from "@hono/node-server/conninfo";
   * import { createStudio } from "@authmodes/studio";
   * import { Hono } from "hono";
   *
   * const studio = createStudio({ on: process.env["STUDIO"] === "1", auth, schemaFile: "schema.graphql" });
   * new Hono().all("/_studio/*", (c) => studio.fetch(c.req.raw, getConnInfo(c).remote.address));
   */
  fetch(request: Request, remoteAddress?: string): Promise<Response>;
  /**
   * Answers a request, for servers on `node:http`. Other requests are passed to `next`; without it they are answered
   * with 404.
   * @example
   * import { createStudio } from "@authmodes/studio";
   *
   * app.use("/_studio", createStudio({ on: true, auth, schemaFile: "schema.graphql" }).node); // Express
   */
  node(request: NodeRequest, response: ServerResponse, next?: (error?: unknown) => void): void;
}

/**
 * Creates the handler of the studio, the page that shows and edits the rules of a server. Without `mode` and `groups` it
 * prints the link that opens the page to standard error, once in a process, unless `printLink` is false.
 * @throws {TypeError} if an option is missing or invalid; in production also without `mode` and `groups`
 * @example
 * import { createStudio } from "@authmodes/studio";
 *
 * const studio = createStudio({ on: process.env["STUDIO"] === "1", auth, schemaFile: "schema.graphql" });
 * app.use("/_studio", studio.node);
 */
export function createStudio(options: StudioOptions): StudioHandler {
  return studioOf(checkOptions(options), new PageFiles(), linkOfProcess);
}

/**
 * Creates a handler from checked options.
 * @param files of the page, for tests without a build
 * @param makeLink called unless `mode` says who can open the studio
 */
export function studioOf(
  settings: Settings,
  files: PageFiles,
  makeLink: (basePath: string, isPrinted: boolean) => Link,
): StudioHandler {
  const { on, basePath, auth, people, printLink } = settings;
  const link = on && people === undefined ? makeLink(basePath, printLink) : undefined;
  const door = people ?? link;
  const studio = door && new Studio(settings, door, files);
  return {
    link: link?.target,
    async fetch(request, remoteAddress) {
      const path = below(basePath, new URL(request.url).pathname);
      if (studio === undefined || path === undefined) return notFound();
      return studio.answer(fetchCall(request, path, fetchView(request, auth.publicUrl), remoteAddress));
    },
    node(request, response, next) {
      const target = request.originalUrl ?? request.url ?? "/";
      const path = below(basePath, target.split("?", 1)[0] ?? "");
      if (studio === undefined || path === undefined) {
        if (next === undefined) void send(notFound(), request, response);
        else next();
        return;
      }
      studio
        .answer(nodeCall(request, path, nodeView(request, auth.publicUrl)))
        .then((answer) => send(answer, request, response))
        .catch((error: unknown) => {
          if (next !== undefined && !response.headersSent) next(error);
          else response.destroy(error instanceof Error ? error : undefined);
        });
    },
  };
}

function fetchCall(request: Request, path: string, view: RequestView, peer: string | undefined): Call {
  const { host, protocol } = new URL(request.url);
  return {
    path,
    view,
    host: request.headers.get("host") ?? host,
    peer,
    httpVersion: undefined,
    isSecure: protocol === "https:",
    json: async () => parseBody(await view.body(maxBodyBytes)),
  };
}

function nodeCall(request: NodeRequest & { readonly body?: unknown }, path: string, view: RequestView): Call {
  const { socket } = request;
  return {
    path,
    view,
    host: request.headers.host ?? view.header(":authority"),
    peer: socket.remoteAddress,
    httpVersion: request.httpVersion,
    isSecure: "encrypted" in socket && socket.encrypted === true,
    // A body parser of the app may have read it already.
    json: async () =>
      typeof request.body === "object" && request.body !== null && request.readableDidRead
        ? request.body
        : parseBody(await view.body(maxBodyBytes)),
  };
}
