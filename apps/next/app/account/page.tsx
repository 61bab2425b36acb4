import type { Metadata } from "next";
import Link from "next/link";
import { redirect } from "next/navigation";
import type { ReactNode } from "react";
import { Attempt } from "../../components/attempt.tsx";
import { LiveOrders } from "../../components/live-orders.tsx";
import { access } from "../../lib/auth.ts";
import { recordsOf } from "../../lib/models.ts";
import { numberOf, textOf } from "../../lib/values.ts";
import { readVisitor } from "../../lib/visitor.ts";
import { cancel, send } from "../actions.ts";

export const metadata: Metadata = { title: "Orders" };

interface Order {
  readonly id: string;
  readonly title: string;
  readonly quantity: number | null;
  readonly note: string | null;
  readonly status: string | null;
  readonly owner: string | null;
}

export default async function Account({ searchParams }: PageProps<"/account">): Promise<ReactNode> {
  const { after } = await searchParams;
  const visitor = await readVisitor();
  // proxy.ts checks that there is a cookie, this what it holds.
  if (visitor === undefined) redirect("/sign-in?next=/account");
  const { orders, cursor } = await readOrders(typeof after === "string" ? after : undefined);
  return (
    <>
      <section aria-labelledby="orders">
        <h1 id="orders">{visitor.isLibrarian ? "All orders" : "Your orders"}</h1>
        <p className="lead">
          {visitor.isLibrarian
            ? "Librarians may read and send every order, and cancel only their own."
            : "The rules became a filter: the database was asked for yours alone."}
        </p>
        {orders.length === 0 && <p>Nothing ordered yet.</p>}
        <ul className="orders">
          {orders.map(({ id, title, quantity, note, status, owner }) => (
            <li key={id}>
              <div>
                <h2>{title}</h2>
                <p className="quiet">
                  {[
                    `${quantity ?? "?"} ${quantity === 1 ? "copy" : "copies"}`,
                    status,
                    note,
                    `for ${owner ?? "hidden"}`,
                  ]
                    .filter((fact) => fact !== null)
                    .join(" · ")}
                </p>
              </div>
              <div className="actions">
                {visitor.isLibrarian && status !== "sent" && (
                  <Attempt action={send} label="Send" about={`Send ${title}`}>
                    <input type="hidden" name="order" value={id} />
                  </Attempt>
                )}
                <Attempt action={cancel} label="Cancel" about={`Cancel ${title}`}>
                  <input type="hidden" name="order" value={id} />
                </Attempt>
              </div>
            </li>
          ))}
        </ul>
        {cursor !== null && (
          <p>
            <Link className="button" href={`/account?after=${encodeURIComponent(cursor)}`} prefetch={false}>
              More orders
            </Link>
          </p>
        )}
      </section>
      <LiveOrders />
    </>
  );
}

/** The rules give a filter, and the database applies it. */
async function readOrders(after: string | undefined) {
  const [orders, books] = await Promise.all([access("list", "Order"), access("list", "Book")]);
  const query = new URLSearchParams({ limit: "12", ...(after !== undefined && { cursor: after }) });
  const page = await recordsOf("Order").list(orders.filter, `/orders?${query.toString()}`);
  const shown = page.items.map(async (item) => {
    const order = orders.mask(item);
    const book = await recordsOf("Book").get(String(order["bookId"]));
    const own: Order = {
      id: item.id,
      title: textOf(book && books.mask(book)["title"]) ?? "A book",
      quantity: numberOf(order["quantity"]),
      note: textOf(order["note"]),
      status: textOf(order["status"]),
      owner: textOf(order["owner"]),
    };
    return own;
  });
  return { orders: await Promise.all(shown), cursor: page.cursor };
}
