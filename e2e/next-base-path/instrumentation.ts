/** Loads the auth when Next starts: it then sees the first request too as the client sent it. */
export async function register(): Promise<void> {
  if (process.env["NEXT_RUNTIME"] === "nodejs") await import("./lib/auth.ts");
}
