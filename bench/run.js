// `npm run bench`: one run, ratios, the peers beside us; `npm run bench -- rules` only a part. Nothing here fails a build;
// what misses is explained in docs/bench.md.
import { styleText } from "node:util";
import { frameworks, throughput, trouble } from "./http.js";
import { hostile } from "./hostile.js";
import { median, medianRatio } from "./measure.js";
import { busy, fanOut, idle, idleSockets, subscribers } from "./realtime.js";
import { decisions, newCallers } from "./rules/decisions.js";
import { lists } from "./rules/lists.js";
import { rows } from "./rules/rows.js";
import { firstSeen, key, refusal, repeated, signature } from "./verification.js";

/** @type {{ what: string, measured: number, goal: string, met: boolean }[]} */
const goals = [];

/** @param {string} what @param {number} ratio @param {"at most" | "at least"} side @param {number} bound */
function goal(what, ratio, side, bound) {
  const measured = Math.round(ratio * 100) / 100;
  goals.push({
    what,
    measured,
    goal: `${side} ${bound}`,
    met: side === "at most" ? measured <= bound : measured >= bound,
  });
}

/** @param {string} title @param {Record<string, number>} values @param {string} unit */
function show(title, values, unit) {
  console.log(`\n${styleText("bold", title)}`);
  for (const [name, value] of Object.entries(values)) {
    console.log(`  ${name.padEnd(40)} ${value.toFixed(value < 100 ? 1 : 0).padStart(9)} ${unit}`);
  }
}

async function modes() {
  for (const [alg, bound] of /** @type {const} */ ([
    ["RS256", 1.5],
    ["ES256", 1.3],
  ])) {
    const results = await firstSeen(alg);
    console.log(`\n${styleText("bold", `A token seen for the first time, ${alg}`)}`);
    for (const [name, { micros }] of Object.entries(results)) {
      console.log(
        `  authmodes ${micros.authmodes.toFixed(1).padStart(8)} µs   ${name} ${micros[name].toFixed(1)} µs`,
      );
    }
    goal(
      `first-seen ${alg}: time beside a bare crypto.verify`,
      results["a bare crypto.verify"].ratio,
      "at most",
      bound,
    );
    goal(`first-seen ${alg}: time beside aws-jwt-verify`, results["aws-jwt-verify"].ratio, "at most", 1);
    goal(`first-seen ${alg}: time beside fast-jwt`, results["fast-jwt"].ratio, "at most", 1);
  }
  const again = await repeated();
  show("A token seen before", again.micros, "µs");
  goal(
    "repeated token, token mode: fast-jwt's cache takes times as long",
    again.ratio("fast-jwt's cache", "token mode"),
    "at least",
    5,
  );

  const refusals = await refusal();
  show("New tokens, good ones and forged ones", refusals.micros, "µs");
  goal(
    "a refused token costs as much as accepted ones",
    refusals.ratio("refused", "accepted"),
    "at most",
    1.2,
  );

  const signed = await signature();
  show("A signed POST with a small body", signed.micros, "µs");
  goal(
    "signature: time beside the bare hashes and HMAC",
    signed.ratio("authmodes", "bare hashes and HMAC"),
    "at most",
    2.5,
  );

  const { micros, beyond } = await key();
  show("A handler behind an API key that was seen before", micros, "µs");
  for (const name of Object.keys(micros).slice(1)) {
    goal(
      `an API key seen before, ${name}: µs beyond the bare handler`,
      beyond(name, "bare handler"),
      "at most",
      3,
    );
  }
}

async function servers() {
  for (const framework of /** @type {import("./http.js").Framework[]} */ (Object.keys(frameworks))) {
    const measured = await throughput(framework);
    if (measured === undefined) continue;
    const { results, peer, least } = measured;
    console.log(`\n${styleText("bold", `${framework}, requests with the same credentials`)}`);
    const { bare, authmodes: ours } = results;
    for (const [name, { rates, micros }] of Object.entries(results)) {
      const [rate, time] = [median(rates).toFixed(0), median(micros).toFixed(1)];
      const ratios = `${medianRatio(rates, bare.rates).toFixed(2)}, ${medianRatio(bare.micros, micros).toFixed(2)}`;
      console.log(
        `  ${name.padEnd(28)} ${rate.padStart(8)} /s   ${time.padStart(8)} µs   beside bare: ${ratios}`,
      );
    }
    const beside = medianRatio(ours.rates, bare.rates);
    goal(`${framework}: rate beside the bare one`, beside, "at least", least);
    const byTime = medianRatio(bare.micros, ours.micros);
    goal(`${framework}: the same by processor time`, byTime, "at least", least);
    if (peer === undefined) continue;
    goal(`${framework}: rate beside ${peer}`, medianRatio(ours.rates, results[peer].rates), "at least", 1);
  }

  const { p50, p99, ...counts } = await trouble();
  show(
    "Keys rotate, the provider hangs, one token in ten is bad",
    { "p50, ms": p50, "p99, ms": p99, ...counts },
    "",
  );
  goal("trouble: good tokens refused", counts.goodRefused, "at most", 0);
  goal("trouble: bad tokens accepted", counts.badAccepted, "at most", 0);
}

async function attacks() {
  console.log(
    `\n${styleText("bold", "A hostile request of 15 KB beside one of 300 bytes, for which the same is verified")}`,
  );
  for await (const { what, small, hostile: large, ratio, longest } of hostile()) {
    const micros = `${small.toFixed(0).padStart(6)} µs ${large.toFixed(0).padStart(6)} µs`;
    console.log(`  ${what.padEnd(48)} ${micros}   longest ${(longest / 1000).toFixed(1)} ms`);
    goal(`hostile: ${what}`, ratio, "at most", 10);
    goal(`hostile: ${what}: keeps the event loop, ms`, longest / 1000, "at most", 5);
  }
}

async function rules() {
  for (const [kind, { micros, ratios }] of Object.entries(await decisions())) {
    show(`A decision on a record, ${kind}`, nanos(micros), "ns");
    // Finding who asks is part of ours then, and not of CASL's `can`: its ability is at hand.
    if (kind === "callers alternate") continue;
    goal(`decision, ${kind}: CASL takes times as long`, ratios["CASL"], "at least", 5);
  }
  show("A decision for a caller who is new", nanos((await newCallers()).micros), "ns");
  for (const groups of [0, 4, 100]) {
    const { filter, decision, readable } = await lists(groups);
    show(`${readable} of 10,000 records, for a caller in ${groups} groups`, filter.micros, "µs");
    show("A decision on one of them", nanos(decision.micros), "ns");
    const [list, single] = [filter, decision].map(({ ratio }) => ratio("CASL", "authmodes"));
    goal(`10,000 records, ${groups} groups: CASL takes times as long`, list, "at least", 10);
    goal(`decision, ${groups} groups: CASL takes times as long`, single, "at least", 5);
  }
  const found = await rows();
  show("40 of 1,000,000 rows of PostgreSQL (PGlite)", found.micros, "µs");
  goal("40 rows: time beside the query by hand", found.ratio("authmodes", "by hand"), "at most", 1.2);
}

async function realtime() {
  const memory = await idle();
  console.log(`\n${styleText("bold", `Memory of an idle socket, of ${idleSockets}`)}`);
  for (const [name, { rss, used }] of Object.entries(memory)) {
    console.log(`  ${name.padEnd(40)} ${rss.toFixed(1).padStart(9)} KiB, in use ${used.toFixed(1)} KiB`);
  }
  const { p50, p99, max, load, lost } = await busy();
  show(
    `1,000 events a second beside ${idleSockets} idle sockets`,
    {
      "loop delay, p50, ms": p50,
      "p99, ms": p99,
      "longest, ms": max,
      "load of the processor, %": load * 100,
      lost,
    },
    "",
  );
  const { millis, ratio } = await fanOut();
  show(`An event to ${subscribers} subscribers, processor time`, millis, "ms");
  goal(`an event to ${subscribers} subscribers: rules take times as long`, ratio("with rules"), "at most", 3);
  const hidden = ratio("with rules and a hidden field");
  goal("the same, with a field that is hidden", hidden, "at most", 3);
}

/** @param {Record<string, number>} micros */
function nanos(micros) {
  return Object.fromEntries(Object.entries(micros).map(([name, time]) => [name, time * 1000]));
}

const parts = { modes, hostile: attacks, servers, rules, realtime };
const asked = process.argv.slice(2);
const unknown = asked.find((name) => !Object.hasOwn(parts, name));
if (unknown !== undefined) {
  console.error(
    `There is no part '${unknown}'. The parts are ${Object.keys(parts).join(", ")}; without any, all run.`,
  );
  process.exit(2);
}
for (const [name, run] of Object.entries(parts)) if (asked.length === 0 || asked.includes(name)) await run();

console.log(`\n${styleText("bold", "Goals")}`);
for (const { what, measured, goal, met } of goals) {
  const sign = met ? styleText("green", "✓") : styleText("red", "✗");
  console.log(`  ${sign} ${what.padEnd(76)} ${String(measured).padStart(6)}   ${goal}`);
}
