/** Loads the auth when Next starts, so that it sees the first request as the client sent it. */
export async function register(): Promise<void> {
  if (process.env["NEXT_RUNTIME"] === "nodejs") await import("./lib/auth.ts");
}
