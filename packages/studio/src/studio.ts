import { AuthError, type IdentityBase } from "@authmodes/core";
import type { SaveAnswer } from "./api.ts";
import type { Call } from "./call.ts";
import { Feed } from "./feed.ts";
import { admit, type Door, isSafe, openLink, refuseCrossSite } from "./guard.ts";
import type { Settings } from "./options.ts";
import type { PageFiles } from "./page-files.ts";
import { prove } from "./prove.ts";
import { json, notFound, problem, Refusal, refused, sentence } from "./reply.ts";
import { SchemaStore, UnreadableFile } from "./schema-file.ts";
import { ServerState } from "./state.ts";

/** The way of a request: from its own page, from somebody who may, to one of a few answers. */
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
    this.#state = new ServerState(settings);
    const prefix = `${settings.auth.publicUrl?.prefix ?? ""}${settings.basePath}`;
    this.#feed = new Feed(
      settings.auth,
      this.#store,
      (path) => path === prefix || path.startsWith(`${prefix}/`),
    );
  }

  async answer(call: Call): Promise<Response> {
    try {
      return await this.#answer(call);
    } catch (error) {
      if (error instanceof AuthError) return refused(error);
      if (error instanceof Refusal) return problem(error);
      if (error instanceof UnreadableFile) return problem(new Refusal(500, "unreadable_file", error.message));
      throw error;
    }
  }

  async #answer(call: Call): Promise<Response> {
    const { path, view } = call;
    const isReading = isSafe(view);
    const isPage = isReading && (path === "" || path === "/");
    refuseCrossSite(call, this.#settings, isPage);
    // The published assets hold nothing of this server; the page on which people sign in needs them.
    if (isReading && path.startsWith("/assets/") && this.#settings.people !== undefined)
      return this.#asset(path);
    if (isPage) return this.#page(call);
    const caller = await admit(call, this.#door);
    if (isReading && path.startsWith("/assets/")) return this.#asset(path);
    return this.#api(call, caller);
  }

  async #page(call: Call): Promise<Response> {
    try {
      const opened = openLink(call, this.#door);
      if (opened !== undefined) return opened;
      await admit(call, this.#door);
    } catch (error) {
      if (error instanceof Refusal) return sentence(error);
      // Whom the modes refuse sees the page all the same, where a token can be given; but it is a refusal.
      if (!(error instanceof AuthError) || (error.status !== 401 && error.status !== 403)) throw error;
      const page = await this.#index(call, error.status);
      const challenge = error.headers["WWW-Authenticate"];
      if (challenge !== undefined) page.headers.set("WWW-Authenticate", challenge);
      return page;
    }
    return this.#index(call);
  }

  /** Its addresses are relative, since a proxy may have stripped what comes before; Next strips the slash at the end. */
  async #index({ path }: Call, status?: number): Promise<Response> {
    const page = await this.#asset("/index.html", status);
    if (path === "/") return page;
    const folder = this.#settings.basePath.split("/").at(-1) ?? "";
    return new Response((await page.text()).replaceAll('"./', `"./${folder}/`), page);
  }

  async #asset(path: string, status?: number): Promise<Response> {
    return (await this.#files.answer(path, status)) ?? notFound();
  }

  async #api(call: Call, caller: IdentityBase | undefined): Promise<Response> {
    switch (`${call.view.method} ${call.path}`) {
      case "GET /api/state":
        return json(200, this.#state.of(await this.#store.read(), caller));
      case "GET /api/events":
        return this.#feed.stream(caller);
      case "PUT /api/schema":
        return this.#save(await bodyOf(call));
      case "POST /api/caller":
        return json(200, await prove(this.#settings.auth, call, await bodyOf(call)));
      default:
        return notFound();
    }
  }

  async #save(body: unknown): Promise<Response> {
    if (!this.#settings.write) {
      throw new Refusal(403, "read_only", "The studio does not write here: take the patch.");
    }
    const { text, hash } = Object(body) as Readonly<Record<string, unknown>>;
    if (typeof text !== "string" || typeof hash !== "string") {
      throw new Refusal(400, "bad_request", "Send the text, and the hash of the file that it was made from.");
    }
    const findings = this.#state.flawsOf(text);
    if (findings.length > 0) return json(422, { outcome: "invalid", findings } satisfies SaveAnswer);
    const { saved, file } = await this.#store.save(text, hash);
    const outcome = saved ? "saved" : "changed";
    return json(saved ? 200 : 409, { outcome, file } satisfies SaveAnswer);
  }
}

/** Other sites can make browsers send forms and plain text, but JSON only after a preflight, which is not answered. */
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
