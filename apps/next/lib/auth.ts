import { createNextAuth } from "@authmodes/next";
import { bookstore } from "../src/bookstore.ts";
import { errorResponse } from "./replies.ts";

/** The routes, for programs and people: each says which modes it accepts. */
export const { withAuth, allow } = createNextAuth(() => bookstore().auth, { errorResponse });

/** The pages, for people who signed in. */
export const {
  identity,
  access,
  proxy: turnAway,
} = createNextAuth(() => bookstore().auth.only("userPool", "oidc"), { signIn: "/sign-in" });

/** Somebody has to be known. */
export const known = ["apiKey", "iam", "userPool", "oidc", "lambda"] as const;
