// Misuse that must not compile, and types that must narrow. Checked by `npm run check:types`; nothing here runs.
import { createAuth, type Auth, type IdentityOf } from "./auth.ts";
import type { ApiKeyIdentity, Identity, NoneIdentity } from "../identity.ts";
import { apiKey } from "../modes/api-key.ts";
import { none } from "../modes/none.ts";
import type { RequestView } from "../types.ts";

type Equals<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function same<A, B>(_proof: Equals<A, B>): void {}

declare const view: RequestView;

const auth = createAuth([apiKey({ keys: [] }), none()]);
same<IdentityOf<typeof auth>, ApiKeyIdentity | NoneIdentity>(true);
same<Awaited<ReturnType<typeof auth.authenticate>>, ApiKeyIdentity | NoneIdentity>(true);

const keyOnly = auth.only("apiKey");
same<IdentityOf<typeof keyOnly>, ApiKeyIdentity>(true);
same<ReturnType<typeof keyOnly.identity>, ApiKeyIdentity | undefined>(true);

// An auth with known modes is assignable to `Auth`, not the other way round.
const any: Auth = auth;
// @ts-expect-error an auth of any modes does not promise an API key
const wrong: Auth<ApiKeyIdentity> = any;

// @ts-expect-error iam is not in the list
auth.only("iam");
// @ts-expect-error narrowed away
keyOnly.only("none");
// @ts-expect-error a mode is called
createAuth([none]);
// @ts-expect-error there is no such option
createAuth([none()], { format: "problem" });
// @ts-expect-error there is no such format
createAuth([none()], { errorFormat: "json" });
// @ts-expect-error keys must be named
apiKey({});
// @ts-expect-error whether a key ends is said in words
apiKey({ keys: [{ id: "a", hash: "b" }] });

// Requirements that would guard nothing.
// @ts-expect-error misspelt
void auth.authenticate(view, { scope: ["read"] });
// @ts-expect-error modes are narrowed by only()
void auth.authenticate(view, { modes: ["apiKey"] });
// @ts-expect-error a list
void auth.authenticate(view, { scopes: "read" });
// @ts-expect-error all are needed anyway
void auth.authenticate(view, { scopes: { all: ["read"] } });
// @ts-expect-error not set
void auth.authenticate(view, { groups: undefined });
// @ts-expect-error not set
void auth.authenticate(view, { groups: [process.env["ADMINS"]] });
// @ts-expect-error not set
createAuth([none()], { publicUrl: process.env["PUBLIC_URL"] });

const keyed = createAuth([none()], { requires: apiKey({ keys: [] }) });
same<IdentityOf<typeof keyed>, NoneIdentity & { readonly key: ApiKeyIdentity }>(true);

const reporting = createAuth([none()], { reportOnly: true });
void reporting.authenticate(view).then((identity) => {
  if (identity.mode === "refused") return identity.error.reason;
  same<typeof identity, NoneIdentity>(true);
  return identity.id;
});
// @ts-expect-error without reportOnly no caller is "refused": rejections are thrown
void auth.authenticate(view).then((identity) => identity.mode === "refused");

// The union narrows by mode, and an identity cannot be written to.
export function describe(identity: Identity): string {
  // @ts-expect-error not before it is narrowed
  void identity.userArn;
  if (identity.mode === "iam") return identity.userArn;
  // @ts-expect-error identities are read-only
  identity.id = "somebody else";
  return identity.mode === "userPool" ? identity.username : (identity.id ?? "nobody");
}
void wrong;
