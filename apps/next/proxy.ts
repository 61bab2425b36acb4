import { type NextRequest, NextResponse } from "next/server";
import { turnAway } from "./lib/auth.ts";

export const config = { matcher: ["/", "/account", "/sign-in"] };

/** Sends visitors of the account to sign in before anything is rendered, and gives pages their security policy. */
export async function proxy(request: NextRequest): Promise<Response> {
  const answer = request.nextUrl.pathname === "/account" ? await turnAway(request) : undefined;
  if (answer !== undefined) return answer;
  const policy = policyWith(crypto.randomUUID());
  const headers = new Headers(request.headers);
  headers.set("Content-Security-Policy", policy); // Next reads the nonce of its scripts here
  const response = NextResponse.next({ request: { headers } });
  response.headers.set("Content-Security-Policy", policy);
  return response;
}

function policyWith(nonce: string): string {
  return [
    "default-src 'none'",
    `script-src 'nonce-${nonce}' 'strict-dynamic'`,
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join("; ");
}
