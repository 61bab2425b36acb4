import { type AddressInfo, createServer } from "node:net";
import { onTestFinished } from "vitest";

/** A server until the test ends that is not HTTP: it sends back what it gets, which Node's `fetch` keeps in its error. */
export async function startEcho(): Promise<string> {
  const server = createServer((socket) => void socket.on("error", () => undefined).pipe(socket));
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
