import { execFile } from "node:child_process";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { promisify } from "node:util";
import { expect, it, onTestFinished } from "vitest";
import { curlOf } from "./exchange.ts";

const run = promisify(execFile);

it("writes a curl command that sends the same request, and runs nothing else", async () => {
  const seen: object[] = [];
  const server = createServer(async (request, response) => {
    const { method, url, headers } = request;
    let body = "";
    for await (const chunk of request.setEncoding("utf8")) body += String(chunk);
    seen.push({ method, url, key: headers["x-api-key"], body });
    response.end();
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const path = "/books?q='$(id)'&list[1-2]={a,b}&`id`";
  const body = "@/etc/hostname 'it''s' \"$HOME\" `id` $(id) \\ !! ; id &\n--url";
  const key = "a'; id; '$(id)`id`\\";
  const command = curlOf({
    method: "POST",
    url: new URL(path, `http://127.0.0.1:${port}`),
    headers: [["x-api-key", key]],
    body,
    status: 200,
    answer: "",
    events: [],
  });
  const { stdout } = await run("sh", ["-c", `${command} -s`]);
  const { pathname, search } = new URL(path, "http://127.0.0.1");
  expect([stdout, seen]).toEqual(["", [{ method: "POST", url: pathname + search, key, body }]]);
});
