import { createAuth, createNextAuth, oidc } from "@authmodes/next";

const { issuer, audience } = globalThis.benchSetting ?? {};
const keySet = { cooldownSeconds: 1, timeoutSeconds: 1 };
const { withAuth } = createNextAuth(() => createAuth([oidc({ issuer, audience, clientId: null, keySet })]));

export const GET = withAuth(() => Response.json({ ok: true }));
