import { NextResponse } from "next/server";

export const config = { matcher: "/mounted/:path*" };

/** Does nothing; but if a proxy exists, Next keeps each body for it, up to a limit. */
export function proxy(): NextResponse {
  return NextResponse.next();
}
