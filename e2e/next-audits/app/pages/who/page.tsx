import type { ReactNode } from "react";
import { identity } from "../../../pages.ts";

/** Says who calls; asks twice, as a layout and a page do. */
export default async function Who(): Promise<ReactNode> {
  const [first, second] = [await identity(), await identity()];
  return <p id="who">{first === second ? (first?.id ?? "nobody") : "two verifications"}</p>;
}
