import { createAuth, none, type AuthOptions } from "@authmodes/core";
import { createUsage, memoryStore, openRevocations } from "../index.ts";

const store = memoryStore();
const plan = () => "free";

export const usage: AuthOptions["usage"] = createUsage(store, { plans: { free: { rate: 1 } }, plan });
// @ts-expect-error a period is written in lower case
createUsage(store, { plans: { free: { quota: { limit: 1, period: "DAY" } } }, plan });
// @ts-expect-error a caller without limits is null, not undefined
createUsage(store, { plans: { free: { rate: 1 } }, plan: () => undefined });
// @ts-expect-error plan is missing
createUsage(store, { plans: { free: { rate: 1 } } });
// @ts-expect-error it is "allow"
createUsage(store, { plans: { free: { rate: 1 } }, plan, ifStoreFails: true });

const revocations = await openRevocations(store);
createAuth([none()], { revoked: revocations.isRevoked });
// @ts-expect-error a number is no claim
void revocations.revoke({ sub: 7 });
