import { calls } from "../../lib/calls.ts";

export const dynamic = "force-dynamic";

export function GET(): Response {
  return Response.json(calls());
}
