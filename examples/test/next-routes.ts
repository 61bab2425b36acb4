import { createServer } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { NextRequest } from "next/server.js";

type Handler = (request: NextRequest, context: { params: Promise<object> }) => Promise<Response>;

const routes = new Map<string, Readonly<Record<string, unknown>>>();

/** Serves what a file such as `app/books/[id]/route.ts` exports, as Next.js does. */
export function serveRoute(file: string, exported: Readonly<Record<string, unknown>>): void {
  routes.set(file.slice("app".length, -"/route.ts".length), exported);
  createServer(getRequestListener(answer, { overrideGlobalObjects: false })).listen(3000);
}

async function answer(request: Request): Promise<Response> {
  const parts = new URL(request.url).pathname.split("/");
  for (const [route, exported] of routes) {
    const names = route.split("/");
    const isSame =
      names.length === parts.length && names.every((name, i) => name.startsWith("[") || name === parts[i]);
    const handler = exported[request.method];
    if (!isSame || typeof handler !== "function") continue;
    const params = names.flatMap((name, i) => (name.startsWith("[") ? [[name.slice(1, -1), parts[i]]] : []));
    const body = request.method === "GET" ? {} : { body: await request.text() };
    const next = new NextRequest(request.url, { method: request.method, headers: request.headers, ...body });
    return (handler as Handler)(next, { params: Promise.resolve(Object.fromEntries(params) as object) });
  }
  return new Response("Not Found", { status: 404 });
}
