import type { Finding, Strategy } from "@authmodes/rules";
import { listed, providerNames, upper } from "./words.ts";

// Findings for people. Those that are sentences of Amplify's compiler, which names directives and arguments, are said
// in the words of the page here; all others are written for people already. The code stays beside them.

const strategyNames: Readonly<Record<string, string>> = {
  owner: "Rules for owners",
  groups: "Rules for groups",
  private: "Private rules",
  public: "Public rules",
  custom: "Custom rules",
} satisfies Readonly<Record<Strategy, string>>;

const sentences: Readonly<Record<string, (finding: Finding, quoted: readonly string[]) => string>> = {
  "provider-of-strategy": ({ mend }, [strategy = ""]) =>
    `${strategyNames[strategy] ?? "These rules"} need callers of the ${providersIn(mend)}.`,
  "provider-not-configured": ({ mend }) =>
    `This server does not verify callers of the ${providersIn(mend)}. See Modes for how to turn it on.`,
  "groups-missing": () => "The rule names no group.",
  "groups-empty": () => "The rule names no group.",
  "groups-and-groups-field": () =>
    "The rule names groups and a field with groups. Only one of them can count.",
  "identity-claim-on-groups": () => "Only rules for owners compare an identity claim.",
  "group-claim-on-owner": () => "Only rules for groups compare a group claim.",
  "operations-outside-models": () =>
    "Rules on this field cannot name operations, since the field itself is the operation.",
  "operation-on-field": (_finding, [operations = ""]) =>
    `On a single field, a rule cannot tell ${operations.replaceAll(",", " and ")} from other reading.`,
  "read-and-more": (_finding, [operations = ""]) =>
    `The rule allows all reading, and ${operations.replaceAll(",", " and ")} again.`,
  "role-twice": ({ model, message }) => {
    const group = /:staticGroup:([^:]+):/.exec(message)?.[1];
    const who = group === undefined ? "the same callers" : `the group ${group}`;
    return `${model ?? "The model"} already has a rule for ${who}.`;
  },
  "no-rules": ({ model, field }) => `The list of rules of ${field ?? model ?? "this place"} is empty.`,
  "owner-is-sort-key": ({ field }) =>
    `${field ?? "The field"} is part of the primary key, so it cannot hold an owner that is made of several claims.`,
  "required-field-guarded": ({ model, message }) =>
    `Some readers of ${model ?? "the model"} may not read its required fields ${fieldsIn(message)}, which subscriptions send them.`,
  "rules-on-type": () => "Only models and fields can have rules, and this type is not a model.",
  "owner-may-reassign": ({ model, field }) =>
    `Owners may give a ${model ?? "record"} to another user, since they may update ${field ?? "its owner"}.`,
  "owner-field-case": ({ model, field }, [, owner = "owner"]) =>
    `${model ?? "The model"} has a field ${field ?? ""}, and its rules name the owner field ${owner}: these are different fields.`,
  "deprecated-iam": () => "A rule names its provider iam, which is the old name of identityPool.",
};

/** Says what is wrong, in a sentence for people. */
export function sentenceOf(finding: Finding): string {
  const quoted = [...finding.message.matchAll(/'([^']*)'|"([^"]*)"/g)].map(([, a, b]) => a ?? b ?? "");
  const sentence = sentences[finding.code]?.(finding, quoted);
  if (sentence !== undefined) return sentence;
  const plain = upper(finding.message.replace(/^(?:WARNING|Syntax Error): /, ""));
  return /[.!?]$/.test(plain) ? plain : `${plain}.`;
}

function providersIn(text: string): string {
  const names = Object.entries(providerNames).flatMap(([provider, name]) =>
    new RegExp(`\\b${provider}\\b`).test(text) ? [name] : [],
  );
  return listed(names, "or");
}

function fieldsIn(message: string): string {
  const [, list = ""] = /required fields \[(.*?)\]/.exec(message) ?? [];
  return listed(list.replaceAll('"', "").split(","), "and");
}
