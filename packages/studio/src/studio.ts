import { AuthError, type IdentityBase } from "@authmodes/core";
import type { SaveAnswer } from "./api.ts";
import type { Call } from "./call.ts";
import { Feed } from "./feed.ts";
import { admit, type Door, isSafe, openLink, refuseCrossSite } from "./guard.ts";
import type { Settings } from "./options.ts";
import type { PageFiles } from "./page-files.ts";
import { prove } from "./prove.ts";
import { json, notFound, problem, Refusal, refused, sentence } from "./reply.ts";
import { SchemaStore } from "./schema-file.ts";
import { ServerState } from "./state.ts";

/** Answers the requests of the page, after checks of their origin and their sender. */
export class Studio {
  readonly #settings: Settings;
  readonly #door: Door;
  readonly #files: PageFiles;
  readonly #store: SchemaStore;
  readonly #state: ServerState;
  readonly #feed: Feed;

  constructor(settings: Settings, door: Door, files: PageFiles) {
    this.#settings = settings;
    this.#door = door;
    this.#files = files;
    this.#store = new SchemaStore(settings.path);
    this.#state = new ServerState(settings, this.#store);
    this.#feed = new Feed(settings, this.#store, this.#state);
  }

  async answer(call: Call): Promise<Response> {
    try {
      return await this.#answer(call);
    } catch (error) {
      if (error instanceof AuthError) return refused(error);
      if (error instanceof Refusal) return problem(error);
      throw error;
    }
  }

  async #answer(call: Call): Promise<Response> {
    const { path, view } = call;
    const isReading = isSafe(view);
    const isPage = isReading && (path === "" || path === "/");
    refuseCrossSite(call, this.#settings, isPage);
    // Assets are the same for every server, and the page that asks for a token needs them.
    if (isReading && path.startsWith("/assets/") && this.#settings.people !== undefined)
      return this.#asset(call, path);
    if (isPage) return this.#page(call);
    const caller = await admit(call, this.#door);
    if (isReading && path.startsWith("/assets/")) return this.#asset(call, path);
    return this.#api(call, caller);
  }

  async #page(call: Call): Promise<Response> {
    try {
      const opened = openLink(call, this.#door);
      if (opened !== undefined) return opened;
      await admit(call, this.#door);
    } catch (error) {
      if (error instanceof Refusal) return sentence(error);
      // A rejected caller gets the page too, which asks for a token. The status stays that of the rejection.
      if (!(error instanceof AuthError) || (error.status !== 401 && error.status !== 403)) throw error;
      const page = await this.#index(call, error.status);
      const challenge = error.headers["WWW-Authenticate"];
      if (challenge !== undefined) page.headers.set("WWW-Authenticate", challenge);
      return page;
    }
    return this.#index(call);
  }

  /** Addresses in the page are relative, since a proxy may strip a prefix. Next.js strips the trailing slash. */
  async #index(call: Call, status?: number): Promise<Response> {
    if (call.path === "/") return this.#asset(call, "/index.html", status);
    const page = (await this.#files.answer("/index.html", "", status)) ?? notFound();
    const folder = this.#settings.basePath.split("/").at(-1) ?? "";
    return new Response((await page.text()).replaceAll('"./', `"./${folder}/`), page);
  }

  async #asset({ view }: Call, path: string, status?: number): Promise<Response> {
    return (await this.#files.answer(path, view.header("accept-encoding") ?? "", status)) ?? notFound();
  }

  async #api(call: Call, caller: IdentityBase | undefined): Promise<Response> {
    const request = `${call.view.method} ${call.path}`;
    switch (request) {
      case "GET /api/state":
        return json(200, await this.#state.read(caller));
      case "GET /api/events":
        return this.#feed.stream(caller);
      case "PUT /api/schema":
        return this.#save(await bodyOf(call));
      case "POST /api/caller":
        return json(200, await prove(this.#settings.auth, call, await bodyOf(call)));
      default:
        return this.#asked(/^GET \/api\/decisions\/([\w-]+)$/.exec(request)?.[1] ?? "");
    }
  }

  #asked(id: string): Response {
    const { policy } = this.#settings;
    const asked = policy && this.#feed.decisions.askedOf(id, policy);
    return asked === undefined ? notFound() : json(200, asked);
  }

  async #save(body: unknown): Promise<Response> {
    if (!this.#settings.write) {
      throw new Refusal(403, "read_only", "This studio may not write the file. Use the patch.");
    }
    const { text, hash } = Object(body) as Readonly<Record<string, unknown>>;
    if (typeof text !== "string" || typeof hash !== "string") {
      throw new Refusal(400, "bad_request", "Send `text`, and `hash` of the file that it was made from.");
    }
    const findings = this.#state.flawsOf(text);
    if (findings.length > 0) return json(422, { outcome: "invalid", findings } satisfies SaveAnswer);
    const { saved, file } = await this.#store.save(text, hash);
    const outcome = saved ? "saved" : "changed";
    return json(saved ? 200 : 409, { outcome, file } satisfies SaveAnswer);
  }
}

/** Other sites can make a browser send forms and plain text, but JSON only after a preflight, which fails here. */
async function bodyOf(call: Call): Promise<unknown> {
  const type = call.view.header("content-type")?.split(";", 1)[0]?.trim().toLowerCase();
  if (type !== "application/json") throw new Refusal(415, "not_json", "Send application/json.");
  try {
    return await call.json();
  } catch (error) {
    if (error instanceof AuthError) throw error;
    throw new Refusal(400, "bad_request", "The body is not JSON.");
  }
}
