import type { Difference } from "./compare.ts";

// Differences that are meant. docs/decisions/0020-differences-from-the-transformer.md tells the reasons in full.

export interface Deliberate {
  readonly name: string;
  readonly reason: string;
  readonly covers: (difference: Difference, sdl: string) => boolean;
}

export const deliberate: readonly Deliberate[] = [
  {
    name: "models that @manyToMany makes",
    reason: "the table between two models belongs to the store, which may not even have one",
    covers: (difference, sdl) =>
      difference.kind === "model" &&
      difference.side === "theirs" &&
      sdl.includes(`@manyToMany(relationName: "${difference.model}")`),
  },
  {
    name: "subscriptions: null",
    reason: "without subscriptions nobody is sent a guarded field that is required",
    covers: (difference, sdl) => {
      if (difference.kind !== "theirs-refuses") return false;
      const model = /Found model "(\w+)" with required fields/.exec(difference.message)?.[1];
      return model !== undefined && sdl.includes(`type ${model} @model(subscriptions: null)`);
    },
  },
  {
    name: "read twice in one list of operations",
    reason: "the transformer trips over the second, which grants nothing that the first does not",
    covers: (difference, sdl) =>
      difference.kind === "theirs-refuses" &&
      difference.message === "Operation: read does not exist in the ACM." &&
      sdl.includes("[read, read]"),
  },
  refused(
    "dynamic-rule-outside-models",
    "the transformer drops owner and groupsField rules of nested and root fields, so that the field stays open",
  ),
  refused(
    "argument-of-strategy",
    "an argument of another strategy is ignored, or turns an owner rule into a group's",
  ),
  refused("argument-text", "an empty name is taken for none, or for a group without a name"),
  refused("identity-claim-parts", "a part of identityClaim that is empty names no claim"),
];

/** What the transformer takes, and we do not. */
function refused(code: string, reason: string): Deliberate {
  return {
    name: code,
    reason,
    covers: (difference) => difference.kind === "ours-refuses" && difference.code === code,
  };
}
