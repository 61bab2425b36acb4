import { createAuthFetch, type HeaderSource, outbound } from "@authmodes/core/outbound";
import type { RunningShop, StartShopOptions } from "@authmodes/app-shared";
import { expect } from "vitest";

// The app under test and its callers. There is one, since a test file tests one app.

interface Running {
  /** Starts another instance of the app. */
  start: (options?: StartShopOptions) => Promise<RunningShop>;
  shop: RunningShop;
  sources: ReadonlyMap<string, HeaderSource>;
}

export const running: Running = {
  start: () => Promise.reject(new TypeError("contract() was not given an app")),
  get shop(): RunningShop {
    throw new TypeError("the app has not started");
  },
  sources: new Map(),
};

/** Starts the app under test. */
export async function open(start: Running["start"]): Promise<void> {
  const shop = await start();
  const { region, credentials } = shop.ready;
  const signedIn = outbound.iam({ region, credentials: credentials.alice.aws });
  const sources = new Map([
    ...shop.callers.map(({ name, source }) => [name, source] as const),
    ["alice.aws", signedIn] as const,
  ]);
  Object.defineProperty(running, "shop", { value: shop });
  Object.assign(running, { start, sources });
}

export type Json = Readonly<Record<string, unknown>>;

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Json;
}

/** Calls as one of the demo's callers. */
export function call(caller: string, path: string, init?: RequestInit): Promise<Answer> {
  const source = running.sources.get(caller);
  if (source === undefined) throw new TypeError(`there is no caller '${caller}'`);
  return callBy(source, path, init);
}

export async function callBy(source: HeaderSource, path: string, init?: RequestInit): Promise<Answer> {
  const { url } = running.shop;
  return answerOf(await createAuthFetch(source, { origins: [url] })(url + path, init));
}

async function answerOf(response: Response): Promise<Answer> {
  const text = await response.text();
  const body: unknown = text === "" ? {} : JSON.parse(text);
  return { status: response.status, headers: response.headers, body: Object(body) };
}

/** @param request such as `GET /books` */
export function ask(source: HeaderSource, request: string, body?: unknown): Promise<Answer> {
  const [method = "GET", path = ""] = request.split(" ");
  return callBy(source, path, {
    method,
    ...(body !== undefined && {
      body: typeof body === "string" ? body : JSON.stringify(body),
      headers: { "content-type": "application/json" },
    }),
  });
}

export function as(caller: string, request: string, body?: unknown): Promise<Answer> {
  const source = running.sources.get(caller);
  if (source === undefined) throw new TypeError(`there is no caller '${caller}'`);
  return ask(source, request, body);
}

export function itemsOf({ body }: Answer): readonly Json[] {
  return body["items"] as readonly Json[];
}

/** Returns a user of the pool as the rules store owners. */
export function stored(username: string): string {
  return `${running.shop.identityProvider.kit.userPool.sub(username)}::${username}`;
}

/** Creates a record as the admin role, and deletes it afterwards. */
export async function withRecord(
  path: string,
  values: Json,
  use: (id: string) => Promise<void>,
): Promise<void> {
  const made = await as("machine", `POST ${path}`, values);
  expect(made.status).toBe(201);
  const id = String(made.body["id"]);
  await use(id);
  await as("machine", `DELETE ${path}/${id}`);
}
