import { createAuth, createNextAuth, iam } from "@authmodes/next";
import { accountId, region, secretAccessKey, userArn } from "../caller.js";

export const { withAuth, withApiAuth, identity, proxy } = createNextAuth(
  () => createAuth([iam({ region, credentials: () => ({ secretAccessKey, accountId, userArn }) })]),
  { signIn: "/sign-in" },
);
