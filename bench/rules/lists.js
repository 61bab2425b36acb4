import { createPolicy, matches } from "@authmodes/rules";
import { createMongoAbility } from "@casl/ability";
import { counter, race } from "../measure.js";
import { identityOf, markForCasl, ownerOf } from "./contestants.js";

/** @typedef {{ id: number, owner: string, teams: readonly string[] }} Task */

const policy = createPolicy({
  models: {
    Task: {
      rules: [{ allow: "owner" }, { allow: "groups", groupsField: "teams", operations: ["read"] }],
      fields: { id: { type: "ID!" }, owner: { type: "String" }, teams: { type: "[String]" } },
    },
  },
});

/** Of ten thousand the caller owns one in a hundred, and one in ten is of a team that may be one of the caller's. */
const tasks = Array.from({ length: 10_000 }, (_, id) => ({
  id,
  owner: id % 100 === 0 ? "sub-alice::alice" : `sub-${id}::user ${id}`,
  teams: id % 10 === 3 ? ["archive", `team ${id % 400}`] : ["archive"],
}));
markForCasl("Task", tasks);

/**
 * Ten thousand records in memory, and single decisions on them.
 * @param {number} groups how many the caller is in
 */
export async function lists(groups) {
  const user = {
    sub: "sub-alice",
    username: "alice",
    groups: Array.from({ length: groups }, (_, i) => `team ${10 * i + 3}`),
  };
  const identity = identityOf(user);
  const owner = { $in: [ownerOf(user), user.sub, user.username] };
  const ability = createMongoAbility([
    { action: ["read", "update", "delete"], subject: "Task", conditions: { owner } },
    ...(groups > 0 ? [{ action: "read", subject: "Task", conditions: { teams: { $in: user.groups } } }] : []),
  ]);
  const decide = (/** @type {Task} */ record) =>
    policy.decide(identity, { model: "Task", operation: "list", record }).allowed;
  const can = (/** @type {Task} */ task) => ability.can("read", task);
  /** @type {Record<string, () => readonly Task[]>} */
  const filters = {
    authmodes: () => tasks.filter(matches(policy.filter(identity, { model: "Task" }))),
    CASL: () => tasks.filter(can),
  };
  const found = filters["authmodes"]()
    .map(({ id }) => id)
    .join();
  for (const other of [filters["CASL"](), tasks.filter(decide)]) {
    if (other.map(({ id }) => id).join() !== found) throw new Error("not everybody finds the same tasks");
  }
  const sample = tasks.filter(({ id }) => id % 83 === 0);
  const filter = await race(filters, { operations: 20 });
  const single = await race(
    { authmodes: counter(decide, sample), CASL: counter(can, sample) },
    { operations: 200 },
  );
  const micros = Object.entries(single.micros).map(([name, time]) => [name, time / sample.length]);
  return {
    readable: found.split(",").length,
    filter,
    decision: { micros: Object.fromEntries(micros), ratio: single.ratio },
  };
}
