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

/** The studio in the two forms that servers mount. */
export interface StudioHandler {
  /**
   * Path and query of the link that opens it, a secret: `http://localhost:3000` + `link`. Undefined if it is off, and
   * with a mode and groups.
   */
  readonly link: string | undefined;
  /**
   * For servers that speak fetch. Answers 404 to what is not below `basePath`, and to everything where it is off.
   * @param remoteAddress the IP address of whoever is connected, which a `Request` does not tell; without it, it opens
   * only to people with the mode and the groups that were named
   */
  fetch(request: Request, remoteAddress?: string): Promise<Response>;
  /** For servers on `node:http`. What is not for it goes to `next`; without one it is answered with 404. */
  node(request: NodeRequest, response: ServerResponse, next?: (error?: unknown) => void): void;
}

/**
 * The page that shows and changes who may do what, as a handler. Without a mode and groups it prints the link that
 * opens it to standard error, once in a process.
 * @throws TypeError where an option is missing or wrong; in production without a mode and groups
 */
export function createStudio(options: StudioOptions): StudioHandler {
  return studioOf(checkOptions(options), new PageFiles(), linkOfProcess);
}

/**
 * @param files of the page, for tests without a build
 * @param makeLink called if there is no mode that says who may open it
 */
export function studioOf(
  settings: Settings,
  files: PageFiles,
  makeLink: (basePath: string) => Link,
): StudioHandler {
  const { on, basePath, auth, people } = settings;
  const link = on && people === undefined ? makeLink(basePath) : undefined;
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
    // A parser of the app may have been there before.
    json: async () =>
      typeof request.body === "object" && request.body !== null && request.readableDidRead
        ? request.body
        : parseBody(await view.body(maxBodyBytes)),
  };
}
