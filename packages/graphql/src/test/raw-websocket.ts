import { once } from "node:events";
import { connect as connectTcp, type Socket } from "node:net";
import { onTestFinished } from "vitest";
import { base64url } from "./realtime-client.ts";

type Headers = Readonly<Record<string, unknown>>;

/** An upgrade written by hand. The socket stays open until the server ends both of its sides. */
export async function rawUpgrade(host: string, path = "/graphql", headers: Headers = {}): Promise<Socket> {
  const [address = "", port = ""] = host.split(":");
  const raw = connectTcp({ port: Number(port), host: address, allowHalfOpen: true });
  raw.on("error", () => undefined);
  onTestFinished(() => void raw.destroy());
  const lines = [
    `GET ${path} HTTP/1.1`,
    `Host: ${host}`,
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    `Sec-WebSocket-Key: ${Buffer.alloc(16).toString("base64")}`,
    `Sec-WebSocket-Protocol: graphql-ws, header-${base64url({ host, ...headers })}`,
  ];
  raw.write(`${lines.join("\r\n")}\r\n\r\n`);
  await once(raw, "readable");
  return raw;
}

const opcodes = { text: 1, ping: 9 };

/** A short frame, masked with zeros. */
export function rawFrame(kind: keyof typeof opcodes, text: string): Buffer {
  const payload = Buffer.from(text);
  return Buffer.concat([
    Buffer.from([0x80 | opcodes[kind], 0x80 | payload.length]),
    Buffer.alloc(4),
    payload,
  ]);
}
