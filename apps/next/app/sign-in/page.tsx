import type { Metadata } from "next";
import type { ReactNode } from "react";
import { bookstore } from "../../src/bookstore.ts";
import { signIn } from "../actions.ts";

export const metadata: Metadata = { title: "Sign in" };

export default async function SignIn({ searchParams }: PageProps<"/sign-in">): Promise<ReactNode> {
  const { next } = await searchParams;
  return (
    <section aria-labelledby="sign-in">
      <h1 id="sign-in">Who are you?</h1>
      <p className="lead">
        {next === undefined
          ? "Choose a user. There is no password: these users exist while the shop runs."
          : "That page is for signed-in users. Choose one to go there."}
      </p>
      <form action={signIn} className="users">
        <input type="hidden" name="next" value={typeof next === "string" ? next : "/"} />
        {bookstore().shop.users.map(({ name, about }) => (
          <button key={name} type="submit" name="user" value={name}>
            <strong>{name}</strong>
            <span>{about}</span>
          </button>
        ))}
      </form>
    </section>
  );
}
