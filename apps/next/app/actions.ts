"use server";

import { liveMessages, type LiveMessages } from "@authmodes/app-shared/answers";
import { AuthError } from "@authmodes/next";
import { cookies, headers } from "next/headers";
import { redirect } from "next/navigation";
import { access, identity } from "../lib/auth.ts";
import { recordsOf } from "../lib/models.ts";
import { type Outcome, outcomeOf, type Refusal, refusalOf } from "../lib/outcome.ts";
import { bookstore } from "../src/bookstore.ts";
import { ownPath } from "../src/own-path.ts";
import { sessionCookie } from "../src/session-cookie.ts";

// Every action asks the rules itself: its id is enough to call it from anywhere.

export async function order(_before: Outcome, form: FormData): Promise<Outcome> {
  return outcomeOf(async () => {
    const owner = text(form, "owner");
    const wanted = {
      bookId: text(form, "book"),
      quantity: Number(text(form, "quantity")),
      status: "open",
      ...(owner !== "" && { owner }),
    };
    const { input, decision } = await access("create", "Order", { input: wanted });
    const { id } = await recordsOf("Order").create(input);
    return { done: `Ordered. It is number ${id.slice(0, 8)}.`, why: decision?.explanation };
  });
}

export async function cancel(_before: Outcome, form: FormData): Promise<Outcome> {
  return outcomeOf(async () => {
    const id = text(form, "order");
    const { decision, filter } = await access("delete", "Order", { load: () => recordsOf("Order").get(id) });
    await recordsOf("Order").remove(id, filter);
    return { done: "Cancelled.", why: decision?.explanation };
  });
}

export async function send(_before: Outcome, form: FormData): Promise<Outcome> {
  return outcomeOf(async () => {
    const id = text(form, "order");
    const load = () => recordsOf("Order").get(id);
    const { input, filter, decision } = await access("update", "Order", { load, input: { status: "sent" } });
    await recordsOf("Order").update(id, input, filter);
    return { done: "Sent.", why: decision?.explanation };
  });
}

export async function readOrder(_before: Outcome, form: FormData): Promise<Outcome> {
  return outcomeOf(async () => {
    const load = () => recordsOf("Order").get(text(form, "order"));
    const { record, mask, decision } = await access("get", "Order", { load });
    const { quantity, status, owner } = mask(record);
    return {
      done: `${String(quantity)} for ${String(owner)}, ${String(status)}.`,
      why: decision?.explanation,
    };
  });
}

export async function setPrice(_before: Outcome, form: FormData): Promise<Outcome> {
  return outcomeOf(async () => {
    const id = text(form, "book");
    const load = () => recordsOf("Book").get(id);
    const { input, filter, decision } = await access("update", "Book", {
      load,
      input: { price: Number(text(form, "price")) },
    });
    const { title, price } = await recordsOf("Book").update(id, input, filter);
    return { done: `${String(title)} now costs ${Number(price).toFixed(2)}.`, why: decision?.explanation };
  });
}

export async function readReports(): Promise<Outcome> {
  return outcomeOf(async () => {
    const { filter } = await access("list", "Report");
    const { items } = await recordsOf("Report").list(filter, "/reports");
    return { done: `${items.length} reports.`, why: undefined };
  });
}

/** For the script of the page, which follows orders: cookies authenticate no WebSocket, since any site can open one. */
export async function liveOrders(): Promise<
  { readonly messages: LiveMessages } | { readonly refused: Refusal }
> {
  try {
    if ((await identity()) === undefined) throw new AuthError("credentials_missing", "no_credentials");
    const token = (await cookies()).get(sessionCookie)?.value ?? "";
    const host = (await headers()).get("host") ?? "";
    return { messages: await liveMessages(async () => ({ authorization: token }), host) };
  } catch (error) {
    return { refused: refusalOf(error) };
  }
}

/** Open without a password, since this is a sample. */
export async function signIn(form: FormData): Promise<void> {
  const user = bookstore().shop.users.find(({ name }) => name === text(form, "user"));
  if (user === undefined) redirect("/sign-in");
  (await cookies()).set(sessionCookie, user.accessToken, {
    httpOnly: true,
    sameSite: "lax",
    path: "/",
    secure: false, // the sample has no TLS
  });
  redirect(ownPath(text(form, "next")));
}

export async function signOut(): Promise<void> {
  (await cookies()).delete(sessionCookie);
  redirect("/");
}

function text(form: FormData, name: string): string {
  const value = form.get(name);
  return typeof value === "string" ? value : "";
}
