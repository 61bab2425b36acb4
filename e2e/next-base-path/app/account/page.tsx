import type { ReactNode } from "react";
import { identity } from "../../lib/auth.ts";

export default async function Account(): Promise<ReactNode> {
  return <p id="who">{(await identity())?.id ?? "nobody"}</p>;
}
