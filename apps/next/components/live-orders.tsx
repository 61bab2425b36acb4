"use client";

import { followOrders, type LiveOrder } from "@authmodes/app-shared/live";
import { type ReactNode, useEffect, useState } from "react";
import { liveOrders } from "../app/actions.ts";

const kept = 5;

interface State {
  readonly name: "connecting" | "waiting" | "live" | "denied";
  readonly message?: string | undefined;
}

/** New orders that the visitor may read, as they are made. */
export function LiveOrders(): ReactNode {
  const [state, setState] = useState<State>({ name: "connecting" });
  const [orders, setOrders] = useState<readonly LiveOrder[]>([]);

  useEffect(
    () =>
      followOrders({
        messages: async () => {
          const answer = await liveOrders();
          if ("refused" in answer) throw new Error(answer.refused.code);
          return answer.messages;
        },
        onState: (name, message) => setState({ name, message }),
        onOrder: (order) => setOrders((before) => [order, ...before].slice(0, kept)),
      }),
    [],
  );

  return (
    <section aria-labelledby="live">
      <h2 id="live">New orders</h2>
      <p className={`quiet feed ${state.name}`} role="status">
        {sentence(state)}
      </p>
      <ol className="live-orders" aria-live="polite" aria-labelledby="live">
        {orders.map(({ id, bookId, quantity, owner }) => (
          <li key={id}>
            {quantity ?? "?"} × book {bookId ?? "hidden"}, for {owner ?? "hidden"}{" "}
            <small>{id.slice(0, 8)}</small>
          </li>
        ))}
      </ol>
    </section>
  );
}

function sentence({ name, message }: State): string {
  switch (name) {
    case "connecting":
      return "Connecting …";
    case "waiting":
      return "Not connected. The page tries again.";
    case "live":
      return "Live: the orders that you may read appear here as they are made.";
    case "denied":
      return `Not for you: ${message ?? ""}`;
  }
}
