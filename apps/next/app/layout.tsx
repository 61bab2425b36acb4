import type { Metadata } from "next";
import Link from "next/link";
import type { ReactNode } from "react";
import { Decisions } from "../components/decisions.tsx";
import { bookstore } from "../src/bookstore.ts";
import { readVisitor, type Visitor } from "../lib/visitor.ts";
import { signOut } from "./actions.ts";
import "./globals.css";

export const metadata: Metadata = {
  title: { default: "The bookstore on Next.js", template: "%s · The bookstore on Next.js" },
  description: "A small shop whose pages, actions and routes authenticate callers and ask the rules",
};

export default async function Layout({ children }: { readonly children: ReactNode }): Promise<ReactNode> {
  const visitor = await readVisitor();
  const { shop } = bookstore();
  return (
    <html lang="en">
      <body>
        <a className="skip" href="#main">
          Skip to the books
        </a>
        <header>
          <Link className="brand" href="/" prefetch={false}>
            The bookstore on Next.js
          </Link>
          <nav aria-label="Shop">
            <Link href="/" prefetch={false}>
              Shelf
            </Link>
            <Link href="/account" prefetch={false}>
              Orders
            </Link>
          </nav>
          <Who visitor={visitor} />
        </header>
        <div className="columns">
          <main id="main">{children}</main>
          <Decisions recent={shop.recent} />
        </div>
        <footer>
          <p>
            Sample data, sample users. The token of a signed-in user is in a cookie that scripts cannot read
            and other sites cannot use; a server action gives it to the script that follows new orders. The
            same routes accept API keys, signed requests and tokens from programs.
          </p>
          <p>
            Docs: <a href="/docs/getting-started.md">getting started</a>, <a href="/docs/modes.md">modes</a>,{" "}
            <a href="/docs/rules.md">rules</a>. Studio:{" "}
            {shop.studioPath === undefined ? (
              <code>npm start -- --app next --studio</code>
            ) : (
              <a href={shop.studioPath}>open</a>
            )}
          </p>
        </footer>
      </body>
    </html>
  );
}

function Who({ visitor }: { readonly visitor: Visitor | undefined }): ReactNode {
  if (visitor === undefined) {
    return (
      <Link className="button" href="/sign-in" prefetch={false}>
        Sign in
      </Link>
    );
  }
  return (
    <form action={signOut} className="who">
      <span>
        {visitor.name}
        {visitor.isLibrarian && <small>librarian</small>}
      </span>
      <button type="submit">Sign out</button>
    </form>
  );
}
