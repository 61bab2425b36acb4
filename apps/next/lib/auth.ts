import { createNextAuth } from "@authmodes/next";
import { bookstore } from "../src/bookstore.ts";
import { errorResponse } from "./replies.ts";

/** Guards the routes. Each names the modes that it accepts. */
export const { withAuth, allow } = createNextAuth(() => bookstore().auth, { errorResponse });

/** Guards the pages, for signed-in users. */
export const {
  identity,
  access,
  proxy: turnAway,
} = createNextAuth(() => bookstore().auth.only("userPool", "oidc"), { signIn: "/sign-in" });

/** Every mode that identifies its caller. */
export const known = ["apiKey", "iam", "userPool", "oidc", "lambda"] as const;
