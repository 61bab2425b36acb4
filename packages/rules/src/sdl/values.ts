import { closest } from "@authmodes/core/options";
import {
  type ASTNode,
  type ConstDirectiveNode,
  type ConstObjectFieldNode,
  type ConstValueNode,
  Kind,
  print,
} from "graphql";
import type { Complain } from "./document.ts";

// Readers of argument values. Each reports an error and returns undefined if a value is invalid.

export type Reader<T> = (value: ConstValueNode, name: string, complain: Complain) => T | undefined;

/** A set of words, such as the strategies. */
export interface Vocabulary<Word extends string = string> {
  /** What one of them is called in messages. */
  readonly kind: string;
  readonly words: readonly Word[];
  /** Words from other products, and what to write instead. */
  readonly foreign?: Readonly<Record<string, string>>;
}

export function word<Word extends string>(vocabulary: Vocabulary<Word>): Reader<Word> {
  return (value, name, complain) => {
    if (value.kind === Kind.STRING && isOneOf(vocabulary.words, value.value)) {
      const mend = `write ${name}: ${value.value}, without quotes`;
      complain(value, "argument-kind", `${name} is a word, not text.`, mend);
      return undefined;
    }
    if (value.kind !== Kind.ENUM && value.kind !== Kind.STRING) {
      return refuseKind(value, name, `one of ${vocabulary.words.join(", ")}`, complain);
    }
    if (isOneOf(vocabulary.words, value.value)) return value.value;
    return refuseWord(value, vocabulary, value.value, `${name}: `, complain);
  };
}

export const text: Reader<string> = (value, name, complain) => {
  if (value.kind === Kind.STRING) return value.value;
  if (value.kind === Kind.ENUM) return refuseKind(value, name, `text: "${value.value}", in quotes`, complain);
  return refuseKind(value, name, "text in quotes", complain);
};

export const flag: Reader<boolean> = (value, name, complain) =>
  value.kind === Kind.BOOLEAN ? value.value : refuseKind(value, name, "true or false", complain);

/** Accepts a single value for a list, as GraphQL does. undefined if any element is invalid. */
export function listOf<T>(element: Reader<T>): Reader<readonly T[]> {
  return (value, name, complain) => {
    const nodes = value.kind === Kind.LIST ? value.values : [value];
    const elements = nodes.map((node) => element(node, name, complain));
    const read = elements.filter((one) => one !== undefined);
    return read.length === elements.length ? read : undefined;
  };
}

/** The arguments of a directive, or the fields of an object, by name. Unknown and repeated names are errors. */
export function entriesOf(
  nodes: readonly (ConstObjectFieldNode | NonNullable<ConstDirectiveNode["arguments"]>[number])[] | undefined,
  vocabulary: Vocabulary,
  complain: Complain,
): ReadonlyMap<string, ConstValueNode> {
  const entries = new Map<string, ConstValueNode>();
  for (const node of nodes ?? []) {
    const name = node.name.value;
    if (!vocabulary.words.includes(name)) {
      refuseWord(node, vocabulary, name, "", complain);
    } else if (entries.has(name)) {
      const mend = "keep one of them";
      complain(node, "repeated-argument", `${name} is given twice.`, mend);
    } else {
      entries.set(name, node.value);
    }
  }
  return entries;
}

/** @param before what to write before the right word */
export function refuseWord(
  node: ASTNode,
  { kind, words, foreign = {} }: Vocabulary,
  wrong: string,
  before: string,
  complain: Complain,
): undefined {
  const right = Object.hasOwn(foreign, wrong) ? foreign[wrong] : closest(wrong, words);
  const mend = right === undefined ? `use one of ${words.join(", ")}` : `write ${before}${right}`;
  complain(node, `unknown-${kind.split(" ")[0]}`, `There is no ${kind} '${wrong}'.`, mend);
}

export function refuseKind(
  value: ConstValueNode,
  name: string,
  wanted: string,
  complain: Complain,
): undefined {
  const message = value.kind === Kind.NULL ? `${name} is null.` : `${name} cannot be ${print(value)}.`;
  const mend = value.kind === Kind.NULL ? `leave ${name} out, or write ${wanted}` : `write ${wanted}`;
  complain(value, "argument-kind", message, mend);
}

function isOneOf<Word extends string>(words: readonly Word[], candidate: string): candidate is Word {
  return words.some((known) => known === candidate);
}
