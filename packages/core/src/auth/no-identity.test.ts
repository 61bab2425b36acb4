import { expect, it } from "vitest";
import { createGuard, Adapter } from "../adapter/adapter.ts";
import { viewOf } from "../test/view.ts";
import type { AuthMode, IdentityBase, MaybePromise, RequestView } from "../types.ts";
import { createAuth } from "./auth.ts";

/** A mode of a developer without types, who returns what is no identity to reject a caller. */
function modeThatReturns(value: unknown): AuthMode {
  const verify = () => value as MaybePromise<IdentityBase>;
  return { name: "mine", detect: () => ({ place: "x-mine", verify }) };
}

const nothing = [undefined, null, false, true, 0, "", "alice", [], Promise.resolve(false), Promise.resolve()];
const rejection = { code: "misconfigured", reason: "no_identity", status: 500 };

// Without a listener: reporting an acceptance reads the identity.
it.each(nothing)("rejects %o in place of an identity", async (value) => {
  const auth = createAuth([modeThatReturns(value)]);
  const view = viewOf();
  await expect(auth.authenticate(view)).rejects.toMatchObject(rejection);
  expect(() => auth.identity(view)).toThrow(expect.objectContaining(rejection));
});

it("lets no such request reach a handler", () => {
  const adapter = new Adapter<RequestView>((view) => view);
  const guard = createGuard("authenticate(auth)", createAuth([modeThatReturns(undefined)]), undefined);
  expect(() => adapter.authenticate(viewOf(), guard)).toThrow(expect.objectContaining(rejection));
});
