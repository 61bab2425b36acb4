import { createAuth, createNextAuth, iam } from "@authmodes/next";
import { accountId, region, secretAccessKey, userArn } from "../caller.js";

const modes = [iam({ region, credentials: () => ({ secretAccessKey, accountId, userArn }) })];

export const { withAuth, withApiAuth, identity, proxy } = createNextAuth(() => createAuth(modes), {
  signIn: "/sign-in",
});

/** Of an app behind a proxy. */
export const { proxy: publicProxy } = createNextAuth(
  () => createAuth(modes, { publicUrl: "https://shop.example" }),
  { signIn: "/sign-in" },
);
