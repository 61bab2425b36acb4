import { createNextAuth } from "@authmodes/next";
import { identifying } from "../src/auth.ts";
import { bookstore } from "../src/bookstore.ts";
import { errorResponse } from "./replies.ts";

/** Guards the routes of identified callers. */
export const { withAuth, allow } = createNextAuth(() => bookstore().auth.only(...identifying), {
  errorResponse,
});

/** Guards the routes that also accept requests without credentials. */
export const { withAuth: withAnyCaller } = createNextAuth(() => bookstore().auth, { errorResponse });

/** Guards the pages, for signed-in users. */
export const {
  identity,
  access,
  proxy: turnAway,
} = createNextAuth(() => bookstore().auth.only("userPool", "oidc"), { signIn: "/sign-in" });
