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

/** The best one first, with the ending of the file that the build writes for it. */
const encodings = [
  ["br", ".br"],
  ["gzip", ".gz"],
] as const;

/** Correct for the sources and for the built package. Bundlers would turn `new URL(…)` into a module. */
const built = join(fileURLToPath(import.meta.url), "../../dist/page");

type Bytes = Uint8Array<ArrayBuffer>;

/** The files of the page, read once. Only files of the folder can be requested. */
export class PageFiles {
  readonly #folder: string;
  #files: Promise<ReadonlyMap<string, Bytes>> | undefined;

  constructor(folder: string = built) {
    this.#folder = folder;
  }

  /**
   * @param path such as `/assets/index.js`
   * @param accepted the `Accept-Encoding` of the request; "" for the file as it is
   */
  async answer(path: string, accepted: string, status = 200): Promise<Response | undefined> {
    const files = await this.#load();
    const type = types[extname(path)];
    const plain = files.get(path);
    if (plain === undefined || type === undefined) return undefined;
    const [encoding, ending] =
      encodings.find(([name, end]) => accepts(accepted, name) && files.has(path + end)) ?? [];
    return reply(status, files.get(path + (ending ?? "")) ?? plain, {
      "Content-Type": type,
      Vary: "Accept-Encoding",
      ...(encoding !== undefined && { "Content-Encoding": encoding }),
      // The build names assets by their contents.
      ...(path.startsWith("/assets/") && { "Cache-Control": "public, max-age=31536000, immutable" }),
    });
  }

  #load(): Promise<ReadonlyMap<string, Bytes>> {
    return (this.#files ??= read(this.#folder).catch((error: unknown) => {
      this.#files = undefined;
      throw error;
    }));
  }
}

/** Whether `Accept-Encoding` names the encoding without forbidding it (`;q=0`). */
function accepts(accepted: string, encoding: string): boolean {
  return accepted.split(",").some((part) => {
    const [name = "", ...parameters] = part.toLowerCase().split(";");
    return name.trim() === encoding && !parameters.some((one) => /^\s*q=0(?:\.0*)?\s*$/.test(one));
  });
}

async function read(folder: string): Promise<ReadonlyMap<string, Bytes>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = await Promise.all(
    entries
      .filter((entry) => entry.isFile())
      .map(async (entry): Promise<[string, Bytes]> => {
        const path = join(entry.parentPath, entry.name);
        const name = path.slice(folder.length).replaceAll("\\", "/").replace(/^\/?/, "/");
        return [name, new Uint8Array(await readFile(path))];
      }),
  );
  if (files.length > 0) return new Map(files);
  throw new Refusal(503, "not_built", "The page is not built: run npm run build in @authmodes/studio.");
}
