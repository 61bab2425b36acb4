import { readdir, readFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Refusal, reply } from "./reply.ts";

const types: Readonly<Record<string, string>> = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".svg": "image/svg+xml",
};

/** The same from the sources and from the built package. Of `new URL(…)` bundlers would make a module. */
const built = join(fileURLToPath(import.meta.url), "../../dist/page");

interface PageFile {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly type: string;
}

/** The page's files, read once: only what is in the folder can be asked for. */
export class PageFiles {
  readonly #folder: string;
  #files: Promise<ReadonlyMap<string, PageFile>> | undefined;

  constructor(folder: string = built) {
    this.#folder = folder;
  }

  /** @param path such as `/assets/index.js` */
  async answer(path: string, status = 200): Promise<Response | undefined> {
    const file = (await this.#load()).get(path);
    if (file === undefined) return undefined;
    // The build names assets by what is in them.
    const isNamed = path.startsWith("/assets/");
    return reply(status, file.bytes, {
      "Content-Type": file.type,
      ...(isNamed && { "Cache-Control": "public, max-age=31536000, immutable" }),
    });
  }

  #load(): Promise<ReadonlyMap<string, PageFile>> {
    return (this.#files ??= read(this.#folder).catch((error: unknown) => {
      this.#files = undefined;
      throw error;
    }));
  }
}

async function read(folder: string): Promise<ReadonlyMap<string, PageFile>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = await Promise.all(
    entries
      .filter((entry) => entry.isFile() && Object.hasOwn(types, extname(entry.name)))
      .map(async (entry): Promise<[string, PageFile]> => {
        const path = join(entry.parentPath, entry.name);
        const name = path.slice(folder.length).replaceAll("\\", "/").replace(/^\/?/, "/");
        return [name, { bytes: new Uint8Array(await readFile(path)), type: types[extname(path)] ?? "" }];
      }),
  );
  if (files.length > 0) return new Map(files);
  throw new Refusal(503, "not_built", "The page is not built: run npm run build in @authmodes/studio.");
}
