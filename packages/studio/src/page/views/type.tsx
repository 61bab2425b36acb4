import { addField, removeModel, setRules, setSubscriptions } from "@authmodes/rules/sdl";
import { type ReactNode, useState } from "react";
import { type CellPlace, placeOf, toggledRules } from "../lib/cells.ts";
import { typeNamed } from "../lib/schema.ts";
import { type Column, columns, rolesOfType, upper } from "../lib/words.ts";
import { AddForm } from "../parts/add-form.tsx";
import { Findings } from "../parts/findings.tsx";
import { Button, Input, Select } from "../parts/controls.tsx";
import { Inspector } from "../parts/inspector.tsx";
import { Matrix } from "../parts/matrix.tsx";
import { go, type Route } from "../route.ts";
import { useStore } from "../store.ts";

type TypeRoute = Extract<Route, { readonly view: "type" }>;

export function TypeView({ route }: { readonly route: TypeRoute }): ReactNode {
  const { schema, draft, policies, edit } = useStore();
  const { type } = route;
  const [cell, setCell] = useState<CellPlace>();
  const roles = rolesOfType(type, policies);
  const open = (place: CellPlace | undefined): void => {
    setCell(place);
    if (place !== undefined) go({ view: "type", type, field: placeOf(schema, type, place.field).field });
  };
  const toggle = ({ field, role }: CellPlace, column: Column): void => {
    const words = roles.get(role);
    const at = placeOf(schema, type, field);
    if (words !== undefined) edit((text) => setRules(text, at, toggledRules(schema, at, words, column)));
  };
  const remove = (): void => {
    const done = `${type} was removed. Undo brings it back.`;
    if (edit((text) => removeModel(text, type), done)) go({ view: "modes" });
  };
  const definition = typeNamed(schema, type);
  const model = Object.hasOwn(schema.models, type) ? schema.models[type] : undefined;
  if (definition === undefined) {
    return (
      <>
        <h1>{type}</h1>
        <p className="hint">The schema has no such type.</p>
      </>
    );
  }
  const field =
    route.field !== undefined && Object.hasOwn(definition.fields, route.field) ? route.field : undefined;
  const findings = [...draft.errors, ...draft.warnings].filter((finding) => finding.model === type);
  return (
    <div className="with-inspector">
      <div>
        <div className="title">
          <h1>{type}</h1>
          {model !== undefined && (
            <>
              <Select
                label="Subscriptions"
                value={model.subscriptions ?? "on"}
                choices={levels}
                set={(level) => void edit((text) => setSubscriptions(text, type, level))}
              />
              <Button className="quiet danger" onClick={remove}>
                Remove the model
              </Button>
            </>
          )}
        </div>
        {draft.policy === undefined ? (
          <Findings findings={draft.errors} />
        ) : (
          <Matrix
            type={type}
            policy={draft.policy}
            selected={field}
            cell={cell}
            select={(name) => {
              setCell(undefined);
              go({ view: "type", type, field: name });
            }}
            open={open}
            toggle={toggle}
          />
        )}
        <Legend />
        <AddField type={type} />
        {findings.length > 0 && draft.policy !== undefined && <Findings findings={findings} />}
      </div>
      <Inspector
        key={`${type} ${field}`}
        at={field === undefined ? { type } : { type, field }}
        role={cell && roles.get(cell.role)}
        toggle={(column) => cell && toggle(cell, column)}
      />
    </div>
  );
}

function Legend(): ReactNode {
  return (
    <p className="legend">
      {columns.map((column) => (
        <span key={column}>{`${upper(column).slice(0, 1)} ${column}`}</span>
      ))}
      <span>
        <span className="mark widened">+R</span>wider than saved
      </span>
      <span>
        <span className="mark narrowed">−R</span>narrower
      </span>
    </p>
  );
}

const levels = ["on", "public", "off"] as const;

const types = "ID! String String! Int Int! Float Float! Boolean [String] AWSDateTime".split(" ");

function AddField({ type }: { readonly type: string }): ReactNode {
  const { edit } = useStore();
  const [fieldType, setFieldType] = useState("String");
  return (
    <AddForm
      what="field"
      button="Add field"
      add={(name) => edit((text) => addField(text, type, name, fieldType.trim()))}
    >
      <Input value={fieldType} set={setFieldType} options={types} aria-label="Type of the new field" />
    </AddForm>
  );
}
