import { type NextRequest, NextResponse } from "next/server";
import { proxy as turnAway, publicProxy } from "./lib/auth.ts";

export const config = { matcher: ["/account", "/members", "/v2/:path*"] };

/** Turns visitors of the account away, and rewrites the rest. */
export async function proxy(request: NextRequest): Promise<Response | undefined> {
  const { nextUrl } = request;
  if (nextUrl.pathname === "/account") return turnAway(request);
  if (nextUrl.pathname === "/members") return publicProxy(request);
  const url = nextUrl.clone();
  url.pathname = nextUrl.pathname.replace("/v2/", "/");
  return NextResponse.rewrite(url);
}
