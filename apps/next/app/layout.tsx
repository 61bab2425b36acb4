import type { Metadata } from "next";
import Link from "next/link";
import type { ReactNode } from "react";
import { Decisions } from "../components/decisions.tsx";
import { readVisitor, type Visitor } from "../lib/visitor.ts";
import { signOut } from "./actions.ts";
import "./globals.css";

export const metadata: Metadata = {
  title: { default: "The bookstore", template: "%s · The bookstore" },
  description: "A small shop whose every page, action and route asks who calls and what the rules say",
};

export default async function Layout({ children }: { readonly children: ReactNode }): Promise<ReactNode> {
  const visitor = await readVisitor();
  return (
    <html lang="en">
      <body>
        <a className="skip" href="#main">
          Skip to the books
        </a>
        <header>
          <Link className="brand" href="/" prefetch={false}>
            The bookstore
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
          <Decisions />
        </div>
        <footer>
          Sample data, sample users. The token of whoever signs in lies in a cookie that scripts cannot read;
          other sites cannot use it. The same routes take API keys, signed requests and tokens from programs.
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
