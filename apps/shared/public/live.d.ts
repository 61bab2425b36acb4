import type { LiveMessages } from "../src/page/live.ts";

/** A new order. The rules may hide any field but the id: it is null then. */
export interface LiveOrder {
  readonly id: string;
  readonly bookId: string | null;
  readonly quantity: number | null;
  readonly owner: string | null;
}

export function followOrders(options: {
  /** Makes the messages of a connection. */
  readonly messages: () => Promise<LiveMessages>;
  /** `waiting` for the next try, `live`, or `denied` for good, with a sentence. */
  readonly onState: (state: "waiting" | "live" | "denied", message?: string) => void;
  readonly onOrder: (order: LiveOrder) => void;
}): () => void;
