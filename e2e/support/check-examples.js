// Runs the compiled examples of a folder as their user would, and prints what came of it as JSON.
//   node check-examples.js <folder with express.js and outbound.js>

import { once } from "node:events";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const folder = process.argv[2] ?? ".";
const supplier = "https://supplier.example.com/";

process.env["SUPPLIER_SECRET"] = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const realFetch = globalThis.fetch;
/** What was sent to the supplier, whom nobody can reach from here. */
const sent = [];
globalThis.fetch = async (input, init) => {
  const request = new Request(input, init);
  if (!request.url.startsWith(supplier)) return realFetch(request);
  const { method, url, headers } = request;
  sent.push({ method, url, authorization: headers.get("authorization"), body: await request.text() });
  return new Response(null, { status: 201 });
};

const printed = [];
const realLog = console.log;
console.log = (...words) => printed.push(words);
const { default: app } = await load("express");
const { order } = await load("outbound");
console.log = realLog;

const server = app.listen(0, "127.0.0.1");
await once(server, "listening");
const origin = `http://127.0.0.1:${server.address().port}`;
const [, key] = printed[0] ?? [];
const known = { headers: { "x-api-key": key } };
const answers = {
  whoami: await ask("/whoami", known),
  nobody: await ask("/whoami"),
  profile: await ask("/profile", known),
  order: (await order("7")).status,
  sent,
};
server.close();
server.closeAllConnections();
console.log(JSON.stringify(answers));

/** An example as a module, or, where a module cannot wait for anything, as a function that returns what it exports. */
async function load(name) {
  const loaded = await import(pathToFileURL(join(folder, `${name}.js`)).href);
  return "load" in loaded ? loaded.load() : loaded;
}

async function ask(path, init) {
  const response = await realFetch(origin + path, init);
  return { status: response.status, body: await response.json() };
}
