import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";

/**
 * Starts a program that has to be told its port. Another process can take a free port before the program listens: then the
 * program is started again, with another port.
 * @param start rejects with what the program says, in which a port that is taken is "address already in use"
 */
export async function onFreePort<T>(start: (port: number) => Promise<T>): Promise<T> {
  for (let left = 9; ; left--) {
    try {
      return await start(await freePort());
    } catch (error) {
      if (left === 0 || !/address already in use/i.test(String(error))) throw error;
    }
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
