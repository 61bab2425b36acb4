import { apiKey, custom, type CustomSource, userPool } from "../sources.ts";
import type { HeaderSource, OutboundRequest } from "../header-source.ts";
import { type Origin, startOrigin } from "../../test/origin.ts";

export const key: HeaderSource = apiKey({ key: "k-secret" });
export const token: HeaderSource = userPool({ token: () => "t-secret" });

/** A source that signs: what it gives differs with method, path and length of the body, and with every try. */
export function signer(seen: OutboundRequest[] = []): HeaderSource {
  const sign: CustomSource = (request) => {
    seen.push(request);
    const { length = 0 } = request.body ?? {};
    return { authorization: `Signed ${seen.length} ${request.method} ${request.url.pathname} ${length}` };
  };
  return custom(Object.assign(sign, { needsBody: true }));
}

/** Redirects if the path says so (see `to`) and answers everything else with `ok`. */
export function startRedirector(): Promise<Origin> {
  return startOrigin(({ path }) => {
    const { pathname, searchParams } = new URL(path, "http://any");
    if (pathname !== "/to") return { body: "ok" };
    const headers = { location: searchParams.get("location") ?? "" };
    return { status: Number(searchParams.get("status")), headers, body: "moved" };
  });
}

/** A path that redirects. */
export function to(location: string, status = 302): string {
  return `/to?${new URLSearchParams({ status: String(status), location }).toString()}`;
}

export function streamOf(...texts: readonly string[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const text of texts) controller.enqueue(new TextEncoder().encode(text));
      controller.close();
    },
  });
}

/** All that a log of the failure could show: messages and stacks, causes included. */
export async function failureOf(call: Promise<unknown>): Promise<string> {
  const error: unknown = await call.then(
    () => new Error("it did not fail"),
    (error: unknown) => error,
  );
  const told: string[] = [];
  for (let e = error; e instanceof Error; e = e.cause) told.push(`${e.name}: ${e.message}`, e.stack ?? "");
  return told.join("\n");
}
