import type { AuthRule } from "@authmodes/rules";
import type { RulesPlace } from "@authmodes/rules/sdl";
import type { ReactNode } from "react";
import { allows, toggledRules } from "../lib/cells.ts";
import { sentenceOf } from "../lib/sentences.ts";
import { columns, type Column, type RoleWords, upper } from "../lib/words.ts";
import { useStore } from "../store.ts";

interface CellRuleProps {
  readonly at: RulesPlace;
  readonly role: RoleWords;
  /** undefined if no rule at this place is about the role. */
  readonly rule: AuthRule | undefined;
  readonly toggle: (column: Column) => void;
}

/** Switches the operations of a role on and off, in the rule behind an open cell. */
export function CellRule({ at, role, rule, toggle }: CellRuleProps): ReactNode {
  const { schema, objectionsTo } = useStore();
  const isShared = at.field === undefined && Object.hasOwn(schema.models, at.type);
  return (
    <div className="cell-rule" role="group" aria-label={`Operations of ${role.long}`}>
      <p className="hint">
        {rule === undefined ? `No rule here is about ${lower(role.long)}. A click adds one. ` : ""}
        {isShared && `It applies to all fields of ${at.type} without rules of their own.`}
      </p>
      <div className="row">
        {columns.map((column) => {
          const [objection] = objectionsTo(at, toggledRules(schema, at, role, column));
          return (
            <button
              key={column}
              type="button"
              aria-pressed={rule !== undefined && allows(rule, column)}
              disabled={objection !== undefined}
              title={objection && sentenceOf(objection)}
              onClick={() => toggle(column)}
            >
              {upper(column)}
            </button>
          );
        })}
      </div>
    </div>
  );
}

function lower(text: string): string {
  return text.slice(0, 1).toLowerCase() + text.slice(1);
}
