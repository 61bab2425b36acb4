import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { authenticate, authErrorHandler, createAllow } from "@authmodes/express";
import { createPolicy, type ReloadablePolicy, reloadablePolicy } from "@authmodes/rules";
import { parseSchema } from "@authmodes/rules/sdl";
import { createStudio } from "@authmodes/studio";
import { createTestKit, type TestKit } from "@authmodes/testing";
import express from "express";

/** The rules of the bookstore. */
export const bookstore: string = await readFile(
  new URL("../../apps/shared/schema.graphql", import.meta.url),
  "utf8",
);

export interface StudioServer {
  readonly url: string;
  /** Opens the studio. */
  readonly link: string;
  readonly file: string;
  readonly kit: TestKit;
  /** Puts the rules of the file in force. */
  reload(): Promise<void>;
  stop(): Promise<void>;
}

export interface StudioServerOptions {
  readonly write?: boolean;
  readonly people?: boolean;
  /** Default true. */
  readonly policy?: boolean;
  /** Default: all. */
  readonly modes?: readonly ("apiKey" | "userPool")[];
}

/** A server on Express with the studio, and a schema file of its own. */
export async function serveStudio(text: string, options: StudioServerOptions = {}): Promise<StudioServer> {
  const folder = await mkdtemp(join(tmpdir(), "studio-"));
  const file = join(folder, "schema.graphql");
  await writeFile(file, text);
  const kit = await createTestKit();
  const read = (sdl: string) =>
    createPolicy(parseSchema(sdl), {
      identityPool: { id: "us-east-1:00000000-0000-4000-8000-000000000000" },
    });
  const rules: ReloadablePolicy = reloadablePolicy(read(bookstore));
  const all = kit.auth(options.policy === false ? {} : { policy: rules.policy });
  const auth = options.modes === undefined ? all : all.only(...options.modes);
  auth.onEvent(() => undefined);
  await auth.ready();
  const app = express();
  const studio = createStudio({
    on: true,
    auth,
    schemaFile: file,
    ...(options.write !== undefined && { write: options.write }),
    ...(options.people === true && { mode: "userPool", groups: ["Admins"] }),
  });
  app.use("/_studio", studio.node);
  app.get(
    "/books",
    authenticate(auth.only("apiKey", "userPool")),
    (_request, response) => void response.json([]),
  );
  if (options.policy !== false) {
    const allow = createAllow(auth);
    const load = () => ({
      id: "101",
      bookId: "1",
      quantity: 2,
      note: "a secret note",
      owner: "sub-1::alice",
    });
    app.get("/orders/101", authenticate(auth), allow("get", "Order", { load }), (_request, response) => {
      response.json({});
    });
  }
  app.get("/elsewhere", (_request, response) => void response.send("<title>Elsewhere</title>"));
  app.use(authErrorHandler());
  const server = createServer(app);
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  return {
    url,
    link: url + (studio.link ?? "/_studio/"),
    file,
    kit,
    reload: async () => void rules.replace(read(await readFile(file, "utf8"))),
    stop: () => stop(server, folder),
  };
}

async function stop(server: Server, folder: string): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => void server.close(resolve));
  await rm(folder, { recursive: true });
}
