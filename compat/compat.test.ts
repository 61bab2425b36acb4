import { expect, it } from "vitest";
import type { Answer } from "./answer.ts";
import { compare, describe, type Difference } from "./compare.ts";
import { deliberate } from "./differences.ts";
import { askOurs } from "./ours.ts";
import { printSchema } from "./random/print.ts";
import { randomSchema } from "./random/schema.ts";
import { askTransformer } from "./transformer.ts";

const onlySeed = process.env["COMPAT_SEED"];
const schemas = Number(process.env["COMPAT_SCHEMAS"] ?? 200);

it.skipIf(onlySeed)(`has the transformer's matrix on ${schemas} random schemas`, () => {
  silenceTransformer();
  const seen = { cells: 0, refused: 0, inTheSameWords: 0 };
  const listed = new Map(deliberate.map(({ name }) => [name, 0]));
  const unlisted: string[] = [];
  for (let seed = 1; seed <= schemas; seed += 1) {
    const { sdl, theirs, ours } = ask(seed);
    const { cells, refusal, differences } = compare(theirs, ours);
    seen.cells += cells;
    if (refusal !== "none") seen.refused += 1;
    if (refusal === "both-in-the-same-words") seen.inTheSameWords += 1;
    for (const difference of differences) {
      const name = nameOf(difference, sdl);
      if (name === undefined) unlisted.push(`seed ${seed}: ${describe(difference)}`);
      else listed.set(name, (listed.get(name) ?? 0) + 1);
    }
  }
  for (const line of unlisted) console.log(line);
  console.log(`${schemas} schemas, ${seen.cells} cells compared, ${unlisted.length} differences`);
  console.log(
    `${seen.refused} schemas refused by both, ${seen.inTheSameWords} of them with the same sentence`,
  );
  console.log("Deliberate differences (docs/decisions/0020-differences-from-the-transformer.md):");
  for (const [name, times] of listed) console.log(`  ${name}: ${times}`);

  expect(unlisted).toEqual([]);
  // With fewer schemas not every mistake is made.
  if (schemas < 200) return;
  const stale = [...listed].filter(([, times]) => times === 0);
  expect(stale, "differences that are listed, but are none any more").toEqual([]);
});

it.runIf(onlySeed)("shows what both sides say to one schema", () => {
  const { sdl, theirs, ours } = ask(Number(onlySeed));
  console.log(`seed ${onlySeed}\n\n${sdl}\n`);
  for (const [side, answer] of [["transformer", theirs] as const, ["ours", ours] as const]) {
    if (!("refused" in answer)) console.log(`${side}: ${answer.cells.size} cells`);
    else for (const { message } of answer.refused) console.log(`${side} refuses: ${message.trim()}`);
  }
  const { differences } = compare(theirs, ours);
  for (const difference of differences) {
    console.log(`${describe(difference)}: ${nameOf(difference, sdl) ?? "not listed"}`);
  }
  expect(differences.filter((difference) => nameOf(difference, sdl) === undefined)).toEqual([]);
});

function ask(seed: number): { sdl: string; theirs: Answer; ours: Answer } {
  const draft = randomSchema(seed);
  const sdl = printSchema(draft);
  const models = draft.models.map(({ name }) => name);
  return { sdl, theirs: askTransformer(sdl, models, draft.providers), ours: askOurs(sdl, draft.providers) };
}

function nameOf(difference: Difference, sdl: string): string | undefined {
  return deliberate.find(({ covers }) => covers(difference, sdl))?.name;
}

/** It warns of every rule on a root type. */
function silenceTransformer(): void {
  console.warn = () => {};
}
