import Link from "next/link";
import type { ReactNode } from "react";
import { Attempt } from "../components/attempt.tsx";
import { Verdict } from "../components/verdict.tsx";
import { access } from "../lib/auth.ts";
import { recordsOf } from "../lib/models.ts";
import { refusalOf } from "../lib/outcome.ts";
import { readVisitor } from "../lib/visitor.ts";
import { order, readOrder, readReports, setPrice } from "./actions.ts";

interface Book {
  readonly id: string;
  readonly title: string;
  readonly author: string;
  readonly price: number;
  readonly stock: number;
  /** null for whom the rules keep it from. */
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
            ? "The shelf is for people who signed in. Try the buttons below all the same: nothing here is guarded by the page alone."
            : "Order what you like. What is not yours is below, and the shop says why."}
        </p>
        {visitor === undefined && (
          <p>
            <Link className="button strong" href="/sign-in" prefetch={false}>
              Sign in as a sample user
            </Link>
          </p>
        )}
        <Books after={typeof after === "string" ? after : undefined} />
      </section>
      <Forbidden />
    </>
  );
}

/** The books, as far as the rules let this visitor see them. */
async function Books({ after }: { readonly after: string | undefined }): Promise<ReactNode> {
  let page: Awaited<ReturnType<typeof readBooks>>;
  try {
    page = await readBooks(after);
  } catch (error) {
    return (
      <>
        <Verdict outcome={{ refused: refusalOf(error) }} />
        <ClosedShelf />
      </>
    );
  }
  return (
    <>
      <ul className="shelf">
        {page.books.map((book) => (
          <BookCard key={book.id} book={book} />
        ))}
      </ul>
      {page.cursor !== null && (
        <p>
          <Link className="button" href={`/?after=${encodeURIComponent(page.cursor)}`} prefetch={false}>
            More books
          </Link>
        </p>
      )}
    </>
  );
}

function ClosedShelf(): ReactNode {
  return (
    <div className="shelf closed" aria-hidden="true">
      {[3, 4, 5, 6].map((cloth) => (
        <div key={cloth} className={`cover cloth-${cloth}`} />
      ))}
    </div>
  );
}

async function readBooks(after: string | undefined) {
  const { filter, mask } = await access("list", "Book");
  const query = new URLSearchParams({
    limit: String(shelfLength),
    ...(after !== undefined && { cursor: after }),
  });
  const { items, cursor } = await recordsOf("Book").list(filter, `/books?${query.toString()}`);
  return { books: items.map((item) => mask(item) as unknown as Book), cursor };
}

function BookCard({ book }: { readonly book: Book }): ReactNode {
  const { id, title, author, price, stock, costPrice } = book;
  return (
    <li className="book">
      <div className={`cover cloth-${Number(id) % 7}`}>
        <h2>{title}</h2>
        <p>{author}</p>
      </div>
      <p className="price">
        <b>{price.toFixed(2)}</b> <span>{stock} in stock</span>
      </p>
      {costPrice !== null && <p className="cost">cost price {costPrice.toFixed(2)}</p>}
      <Attempt action={order} label="Order" about={`Order ${title}`}>
        <input type="hidden" name="book" value={id} />
        <input
          type="number"
          name="quantity"
          min={1}
          max={9}
          defaultValue={1}
          required
          aria-label={`How many of ${title}`}
        />
      </Attempt>
    </li>
  );
}

/** What the rules keep from most people. */
function Forbidden(): ReactNode {
  return (
    <section aria-labelledby="forbidden">
      <h2 id="forbidden">What is not yours</h2>
      <p className="quiet">
        Each button sends a real request. Sign in as somebody else and the answers change.
      </p>
      <ul className="attempts">
        <li>
          <h3>Order in bob’s name</h3>
          <p>Whose an order is the shop writes, nobody else.</p>
          <Attempt action={order} label="Order for bob">
            <input type="hidden" name="book" value="101" />
            <input type="hidden" name="quantity" value="1" />
            <input type="hidden" name="owner" value="bob" />
          </Attempt>
        </li>
        <li>
          <h3>Read somebody’s order</h3>
          <p>104 is one of bob’s. Librarians may see it too.</p>
          <Attempt action={readOrder} label="Read it" about="Read the order with this number">
            <input name="order" defaultValue="104" size={5} required aria-label="Number of the order" />
          </Attempt>
        </li>
        <li>
          <h3>Change a price</h3>
          <p>Emma for next to nothing? That is for librarians.</p>
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
        </li>
        <li>
          <h3>Read the reports</h3>
          <p>They are for programs that the Lambda authorizer knows.</p>
          <Attempt action={readReports} label="Read them" about="Read the reports" />
        </li>
      </ul>
    </section>
  );
}
