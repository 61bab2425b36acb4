import { type InputObjectTypeDefinitionNode, Kind, print } from "graphql";
import type { Findings } from "./findings.ts";
import { unknownWord } from "./values.ts";

// `input AMPLIFY { globalAuthRule: AuthRule = { allow: public } }`

const example = "globalAuthRule: AuthRule = { allow: public }";
const mend = `write ${example}, or rules on each model`;

/** Whether API keys may do everything with models that have no rules. */
export function readGlobalRule(input: InputObjectTypeDefinitionNode, findings: Findings): boolean {
  const complain = findings.of(input.name.value);
  const known = {
    kind: "field of AMPLIFY",
    words: ["globalAuthRule"],
    foreign: { global_auth_rule: "globalAuthRule" },
  };
  let sandbox = false;
  for (const field of input.fields ?? []) {
    const { defaultValue } = field;
    if (field.name.value !== "globalAuthRule") {
      complain(field, unknownWord(known, field.name.value, ""));
    } else if (defaultValue === undefined) {
      complain(field, {
        code: "global-rule",
        message: "globalAuthRule has no rule.",
        mend: `write ${example}`,
      });
    } else if (isPublic(defaultValue)) {
      sandbox = true;
    } else {
      const message = `Only { allow: public } can be the rule of all models, not ${print(defaultValue)}.`;
      complain(defaultValue, { code: "global-rule", message, mend });
    }
  }
  return sandbox;
}

type Value = NonNullable<NonNullable<InputObjectTypeDefinitionNode["fields"]>[number]["defaultValue"]>;

function isPublic(value: Value): boolean {
  if (value.kind !== Kind.OBJECT || value.fields.length !== 1) return false;
  const [field] = value.fields;
  return field?.name.value === "allow" && field.value.kind === Kind.ENUM && field.value.value === "public";
}
