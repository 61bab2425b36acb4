import type { ReactNode } from "react";
import { identity } from "../../../pages.ts";

export const dynamic = "force-dynamic";

/** A mistake: what one caller gets would be kept for the next. */
async function readCaller(): Promise<string> {
  "use cache";
  return (await identity())?.id ?? "nobody";
}

export default async function Cached(): Promise<ReactNode> {
  return <p>{await readCaller()}</p>;
}
