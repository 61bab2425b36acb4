import { createAuth, createNextAuth, oidc } from "@authmodes/next";

const { issuer, audience } = globalThis.benchSetting ?? {};
const keySet = { cooldownSeconds: 1, timeoutSeconds: 1 };
const { withAuth } = createNextAuth(() => {
  const auth = createAuth([oidc({ issuer, audience, clientId: null, keySet })]);
  auth.onEvent(() => {});
  return auth;
});

export const GET = withAuth(() => Response.json({ ok: true }));
