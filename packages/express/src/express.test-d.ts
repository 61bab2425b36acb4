// Misuse that must not compile. Checked by `npm run check:types`; nothing here runs.
import { authenticate, createAllow, createAuth, none } from "./index.ts";

const auth = createAuth([none()]);
const allow = createAllow(auth);

// @ts-expect-error misspelt
authenticate(auth, { scope: ["read"] });
// @ts-expect-error modes are narrowed by only()
authenticate(auth, { modes: ["none"] });
// @ts-expect-error a list
authenticate(auth, { groups: "Admins" });
// @ts-expect-error not set
authenticate(auth, { groups: undefined });
// @ts-expect-error not set
authenticate(auth, { groups: [process.env["ADMINS"]] });
// @ts-expect-error without its auth
authenticate();
// @ts-expect-error misspelt
allow("get", "Note", { laod: () => null });
// @ts-expect-error not set
allow("get", "Note", { load: undefined });
