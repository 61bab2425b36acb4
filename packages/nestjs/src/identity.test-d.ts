// Misuse that must not compile. Checked by `npm run check:types`; nothing here runs.
import type { ArgumentsHost, ExecutionContext } from "@nestjs/common";
import { getIdentity } from "./index.ts";

declare const context: ExecutionContext;
declare const host: ArgumentsHost;

export const id: string | null | undefined = getIdentity(context)?.id;
// @ts-expect-error undefined on open routes
export const certainId: string | null = getIdentity(context).id;
// @ts-expect-error a filter has no execution
getIdentity(host);
// @ts-expect-error the request is missing
getIdentity();
