import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";

const wrongPassword = "WRONGPASS invalid username-password pair or user is disabled";

/** How a server rejects a password: what is wrong with it, the message without what was sent, the answer to a command. */
export const rejections: readonly [string, string, (command: readonly string[]) => string][] = [
  ["is wrong", wrongPassword, () => wrongPassword],
  // As servers before Redis 6 and proxies answer commands that they do not know.
  [
    "is an argument of an unknown command",
    "ERR unknown command 'auth'",
    ([name, ...args]) =>
      `ERR unknown command '${name}', with args beginning with: ${args.map((arg) => `'${arg}'`).join(" ")}`,
  ],
];

interface RejectingRedis {
  readonly address: string;
  readonly close: () => void;
}

/** A server with Redis's protocol that answers each command with an error. */
export async function startRejectingRedis(
  answer: (command: readonly string[]) => string,
): Promise<RejectingRedis> {
  const server = createServer((socket) => {
    socket.on("data", (bytes) => {
      // Each command is an array of texts with their lengths: *2 $4 AUTH $6 s3cret
      const [, ...commands] = bytes.toString().split(/^\*\d+\r\n/m);
      for (const command of commands) {
        socket.write(`-${answer(command.split("\r\n").filter((_line, i) => i % 2 === 1))}\r\n`);
      }
    });
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  return { address: `127.0.0.1:${port}`, close: () => void server.close() };
}
