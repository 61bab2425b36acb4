import Link from "next/link";
import type { ReactNode } from "react";
import { Attempt } from "../components/attempt.tsx";
import { LiveOrders } from "../components/live-orders.tsx";
import { AsRequest } from "../components/request.tsx";
import { access } from "../lib/auth.ts";
import { recordsOf } from "../lib/models.ts";
import { numberOf, textOf } from "../lib/values.ts";
import { publicAccess, readVisitor } from "../lib/visitor.ts";
import { order, readOrder, readReports, setPrice } from "./actions.ts";

/** A field is null for visitors who may not read it. */
interface Book {
  readonly id: string;
  readonly title: string | null;
  readonly author: string | null;
  readonly price: number | null;
  readonly stock: number | null;
  readonly costPrice: number | null;
}

const shelfLength = 12;

export default async function Shelf({ searchParams }: PageProps<"/">): Promise<ReactNode> {
  const { after } = await searchParams;
  const visitor = await readVisitor();
  return (
    <>
      <section aria-labelledby="shelf">
        <h1 id="shelf">
          {visitor === undefined ? "Good books, careful rules" : `Good to see you, ${visitor.name}`}
        </h1>
        <p className="lead">
          {visitor === undefined
            ? "Every visitor may read these books: the page reads them with the shop’s public API key. Sign in to order."
            : "Order what you like. Try what is not yours below: the shop says why not."}
        </p>
        {visitor === undefined && (
          <p>
            <Link className="button strong" href="/sign-in" prefetch={false}>
              Sign in as a sample user
            </Link>
          </p>
        )}
        <Books after={typeof after === "string" ? after : undefined} isSignedIn={visitor !== undefined} />
      </section>
      {visitor !== undefined && <LiveOrders />}
      <Forbidden />
    </>
  );
}

interface BooksProps {
  readonly after: string | undefined;
  readonly isSignedIn: boolean;
}

/** The books, as far as the rules let this visitor see them. */
async function Books({ after, isSignedIn }: BooksProps): Promise<ReactNode> {
  const { books, cursor } = await readBooks(after, isSignedIn);
  return (
    <>
      <ul className="shelf">
        {books.map((book) => (
          <BookCard key={book.id} book={book} isSignedIn={isSignedIn} />
        ))}
      </ul>
      {cursor !== null && (
        <p>
          <Link className="button" href={`/?after=${encodeURIComponent(cursor)}`} prefetch={false}>
            More books
          </Link>
        </p>
      )}
    </>
  );
}

async function readBooks(after: string | undefined, isSignedIn: boolean) {
  const { filter, mask } = isSignedIn ? await access("list", "Book") : await publicAccess("Book");
  const query = new URLSearchParams({
    limit: String(shelfLength),
    ...(after !== undefined && { cursor: after }),
  });
  const { items, cursor } = await recordsOf("Book").list(filter, `/books?${query.toString()}`);
  const books = items.map((item): Book => {
    const { title, author, price, stock, costPrice } = mask(item);
    return {
      id: item.id,
      title: textOf(title),
      author: textOf(author),
      price: numberOf(price),
      stock: numberOf(stock),
      costPrice: numberOf(costPrice),
    };
  });
  return { books, cursor };
}

function BookCard({ book, isSignedIn }: { readonly book: Book; readonly isSignedIn: boolean }): ReactNode {
  const { id, title, author, price, stock, costPrice } = book;
  return (
    <li className="book">
      <div className={`cover cloth-${Number(id) % 7}`}>
        <h2>{title ?? "hidden"}</h2>
        <p>{author ?? "hidden"}</p>
      </div>
      <p className="price">
        <b>{price?.toFixed(2) ?? "hidden"}</b> <span>{stock ?? "?"} in stock</span>
      </p>
      {costPrice !== null && <p className="cost">cost price {costPrice.toFixed(2)}</p>}
      {isSignedIn && (
        <Attempt action={order} label="Order" about={`Order ${title ?? id}`}>
          <input type="hidden" name="book" value={id} />
          <input
            type="number"
            name="quantity"
            min={1}
            max={9}
            defaultValue={1}
            required
            aria-label={`How many of ${title ?? id}`}
          />
        </Attempt>
      )}
    </li>
  );
}

/** Attempts that the rules deny to most callers. */
function Forbidden(): ReactNode {
  return (
    <section aria-labelledby="forbidden">
      <h2 id="forbidden">What is not yours</h2>
      <p className="quiet">
        Each button calls a server action, which asks the rules. Sign in as another user and the answers
        change. For the requests, <code>npm start --silent -- --json</code> prints tokens.
      </p>
      <ul className="attempts">
        <li>
          <h3>Order in bob’s name</h3>
          <p>The shop fills in the owner: no rule lets a caller write the field.</p>
          <Attempt action={order} label="Order for bob">
            <input type="hidden" name="book" value="101" />
            <input type="hidden" name="quantity" value="1" />
            <input type="hidden" name="owner" value="bob" />
          </Attempt>
          <AsRequest method="POST" path="/orders" body={{ bookId: "101", quantity: 1, owner: "bob" }} />
        </li>
        <li>
          <h3>Read another user’s order</h3>
          <p>104 is bob’s. Librarians may read it too.</p>
          <Attempt action={readOrder} label="Read the order" about="Read the order with this number">
            <input name="order" defaultValue="104" size={5} required aria-label="Number of the order" />
          </Attempt>
          <AsRequest method="GET" path="/orders/104" />
        </li>
        <li>
          <h3>Change a price</h3>
          <p>Emma for next to nothing? Only librarians may.</p>
          <Attempt action={setPrice} label="Set the price" about="Set the price of Emma">
            <input type="hidden" name="book" value="102" />
            <input
              type="number"
              name="price"
              min={1}
              max={99}
              step="0.5"
              defaultValue={9}
              required
              aria-label="Price of Emma"
            />
          </Attempt>
          <AsRequest method="PATCH" path="/books/102" body={{ price: 9 }} />
        </li>
        <li>
          <h3>Read the reports</h3>
          <p>Only callers that the custom authorizer accepts may.</p>
          <Attempt action={readReports} label="Read the reports" />
          <AsRequest method="GET" path="/reports" />
        </li>
      </ul>
    </section>
  );
}
