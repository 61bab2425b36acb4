import { counter, race } from "../measure.js";
import * as contestants from "./contestants.js";

/** @typedef {import("./contestants.js").User} User */
/** @typedef {import("./contestants.js").Post} Post */
/** @typedef {{ user: User, operation: "get" | "update" | "delete", post: Post }} Question */

// Awaiting each decision would take longer than deciding.
const batch = 120;

/** @type {readonly User[]} */
const users = ["alice", "bob", "carol", "libby"].map((username) => ({
  sub: `sub-${username}`,
  username,
  groups: username === "libby" ? ["Librarians", "Staff"] : ["Staff"],
}));
const posts = Array.from({ length: 40 }, (_, i) => ({
  id: `post-${i}`,
  owner: contestants.ownerOf(users[i % 3]),
  text: "…",
}));
contestants.markForCasl("Post", posts);

/**
 * An owner updates, a stranger updates, a user does everything with all posts, and so do all users in turn.
 * @returns {Record<string, readonly Question[]>} as many questions as a batch has
 */
function questions() {
  const [alice, bob] = users;
  const some = (/** @type {(i: number) => Question} */ question) =>
    Array.from({ length: batch }, (_, i) => question(i));
  const operations = /** @type {const} */ (["get", "update", "delete"]);
  return {
    allowed: some((i) => ({
      user: alice,
      operation: "update",
      post: posts[(3 * i) % 39],
    })),
    denied: some((i) => ({
      user: bob,
      operation: "update",
      post: posts[(3 * i) % 39],
    })),
    varied: some((i) => ({
      user: alice,
      operation: operations[i % 3],
      post: posts[(7 * i) % posts.length],
    })),
    "callers alternate": some((i) => ({
      user: users[i % users.length],
      operation: operations[Math.floor(i / 4) % 3],
      post: posts[(7 * i) % posts.length],
    })),
  };
}

/**
 * A decision on a record.
 * @returns {Promise<Record<string, { micros: Record<string, number>, ratios: Record<string, number> }>>} by kind of
 *   question: microseconds each, and how many times as long as ours the others take
 */
export async function decisions() {
  const { authmodes, casl, casbin, accesscontrol, cedar } = contestants;
  const others = { CASL: casl, casbin: await casbin(), accesscontrol: accesscontrol(), Cedar: cedar() };
  /** @type {Record<string, { micros: Record<string, number>, ratios: Record<string, number> }>} */
  const results = {};
  for (const [kind, asked] of Object.entries(questions())) {
    const ours = prepare(authmodes, asked);
    const result = {
      micros: /** @type {Record<string, number>} */ ({}),
      ratios: /** @type {Record<string, number>} */ ({}),
    };
    for (const [name, other] of Object.entries(others)) {
      const theirs = prepare(other, asked);
      if (theirs.answers().join() !== ours.answers().join())
        throw new Error(`${name} answers differently: ${kind}`);
      const { micros, ratio } = await race(
        { authmodes: ours.count, [name]: theirs.count },
        { rounds: 11, operations: name === "CASL" ? 400 : 20 },
      );
      if (name === "CASL") result.micros["authmodes"] = micros["authmodes"] / batch;
      result.micros[name] = micros[name] / batch;
      result.ratios[name] = ratio(name, "authmodes");
    }
    results[kind] = result;
  }
  return results;
}

/** @param {contestants.Contestant} contestant @param {readonly Question[]} questions */
function prepare({ caller, decide }, questions) {
  const callers = new Map(users.map((user) => [user, caller(user)]));
  const asked = questions.map(({ user, operation, post }) => ({ by: callers.get(user), operation, post }));
  return { answers: () => asked.map(decide), count: counter(decide, asked) };
}

/** The first decision for a caller who has not been seen: with all that is worked out for them. */
export async function newCallers() {
  const [user] = users;
  const [post] = posts;
  const first =
    (/** @type {contestants.Contestant} */ { caller, decide }) =>
    () =>
      decide({ by: caller(user), operation: "update", post });
  return race(
    { authmodes: first(contestants.authmodes), CASL: first(contestants.casl) },
    { operations: 3000 },
  );
}
