// Prints the table adapter × audit as Markdown, from what vitest wrote about runs of the audits:
// node scripts/audit-table.js RESULTS.json …

import { readFileSync } from "node:fs";

/**
 * The tests of each adapter: a part of their file's path, and the titles around them. `more` are of tests that count where these
 * have none: scopes of Fastify have no guards of routes.
 * @type {readonly { name: string, file: string, titles: string, more?: string }[]}
 */
const adapters = [
  { name: "Express 5", file: "packages/express/", titles: "Express 5 with authentication before parsers" },
  { name: "Express 4", file: "packages/express/", titles: "Express 4 with authentication before parsers" },
  { name: "Koa 3", file: "packages/koa/", titles: "with authentication before parsers" },
  {
    name: "Fastify 5",
    file: "packages/fastify/",
    titles: "with authModes in scopes",
    more: "with authenticate() as a hook of routes",
  },
  { name: "NestJS 12 on Express", file: "packages/nestjs/", titles: "on Express" },
  { name: "NestJS 12 on Fastify", file: "packages/nestjs/", titles: "on Fastify" },
  { name: "Next 16", file: "e2e/next-audits", titles: "Next 16" },
  { name: "Hono", file: "audits/hono", titles: "Hono on @hono/node-server" },
];

/** @typedef {{ status: string, title: string, ancestorTitles: string[] }} Result */

/** @type {{ name: string, assertionResults: Result[] }[]} */
const files = process.argv.slice(2).flatMap((path) => JSON.parse(readFileSync(path, "utf8")).testResults);

const columns = adapters.map((adapter) => ({ ...adapter, results: resultsOf(adapter) }));
/** @type {Map<string, string>} the plain name of each audit, by its id */
const names = new Map();
for (const { results } of columns) {
  for (const [id, { name, answer }] of results) {
    if (answer === undefined || !names.has(id)) names.set(id, name);
  }
}

/** @type {string[]} */
const notes = [];
console.log(`| | audit | ${columns.map(({ name }) => name).join(" | ")} |`);
console.log(`|---|---|${columns.map(() => "---|").join("")}`);
for (const [id, name] of names) {
  const cells = columns.map(({ results, name: adapter }) => cellOf(results.get(id), `${adapter}, ${id}`));
  console.log(`| ${id} | ${name} | ${cells.join(" | ")} |`);
}
if (notes.length > 0) console.log(`\n${notes.join("\n")}`);

/**
 * @param {(typeof adapters)[number]} adapter
 * @returns {Map<string, { status: string, name: string, answer?: string | undefined }>}
 */
function resultsOf({ file, titles, more }) {
  const all = files.filter(({ name }) => name.includes(file)).flatMap((one) => one.assertionResults);
  const results = [more, titles].flatMap((wanted) =>
    all.filter(({ ancestorTitles }) => ancestorTitles.join(" ") === wanted),
  );
  return new Map(
    results.flatMap(({ status, title }) => {
      const [, id, name, answer] = /^([0-9a-f]{4}) (.*?)(?: \(answers (.*)\))?$/.exec(title) ?? [];
      return id === undefined || name === undefined ? [] : [[id, { status, name, answer }]];
    }),
  );
}

/**
 * @param {{ status: string, answer?: string | undefined } | undefined} result
 * @param {string} where
 */
function cellOf(result, where) {
  if (result === undefined) return "–";
  if (result.status !== "passed") return "fails";
  if (result.answer === undefined) return "✓";
  notes.push(`- ${where}: ${result.answer}`);
  return result.answer.split(":", 1)[0];
}
