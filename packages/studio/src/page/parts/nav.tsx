import { addModel } from "@authmodes/rules/sdl";
import { type ReactNode, useMemo, useState } from "react";
import { changedTypes } from "../lib/rights.ts";
import { go, hashOf, nameOf, type Route, viewNames } from "../route.ts";
import { useStore } from "../store.ts";
import { AddForm } from "./add-form.tsx";
import { Button, Input } from "./controls.tsx";

const views = ["modes", "why", "live", "text"] as const;

export function Nav({ route }: { readonly route: Route }): ReactNode {
  const { draft } = useStore();
  const [isOpen, setOpen] = useState(false);
  const types = Object.entries(draft.schema?.types ?? {}).filter(
    ([, { fields }]) => Object.keys(fields).length > 0,
  );
  return (
    <nav aria-label="Studio" className={isOpen ? "nav open" : "nav"}>
      <Button className="menu" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        <span aria-hidden="true" className="icon bars" />
        {nameOf(route)}
      </Button>
      <div
        className="nav-body"
        onClick={(event) => {
          if (event.target instanceof HTMLAnchorElement) setOpen(false);
        }}
      >
        <ul>
          {views.map((view) => (
            <li key={view}>
              <a href={hashOf({ view })} aria-current={route.view === view ? "page" : undefined}>
                {viewNames[view]}
                {view === "text" && draft.errors.length > 0 && (
                  <span className="count bad">{draft.errors.length}</span>
                )}
              </a>
            </li>
          ))}
        </ul>
        <Models route={route} added={() => setOpen(false)} />
        {types.length > 0 && (
          <>
            <h2>Other types</h2>
            <TypeLinks route={route} names={types.map(([name]) => name)} changed={new Set()} />
          </>
        )}
      </div>
    </nav>
  );
}

/** From this number of models there is a search field. */
const many = 9;

function Models({ route, added }: { readonly route: Route; readonly added: () => void }): ReactNode {
  const { draft, saved, edit } = useStore();
  const [search, setSearch] = useState("");
  const names = Object.keys(draft.schema?.models ?? {});
  const found = names.filter((name) => name.toLowerCase().includes(search.trim().toLowerCase()));
  const changed = useMemo(() => {
    const isComparable = saved.policy !== undefined && draft.policy !== undefined && saved !== draft;
    return new Set(isComparable ? changedTypes(saved.policy, draft.policy) : []);
  }, [saved, draft]);
  const add = (type: string): boolean => {
    const isAdded = edit((text) => addModel(text, type));
    if (isAdded) {
      added();
      go({ view: "type", type });
    }
    return isAdded;
  };
  return (
    <>
      <h2>Models {draft.schema !== undefined && <span className="number">{names.length}</span>}</h2>
      {names.length >= many && (
        <Input
          type="search"
          placeholder="Find a model"
          aria-label="Find a model"
          value={search}
          set={setSearch}
        />
      )}
      {draft.schema === undefined ? (
        <p className="hint">The text has errors. Fix them under Schema text.</p>
      ) : (
        <>
          <TypeLinks route={route} names={found} changed={changed} />
          {names.length === 0 && <p className="hint">No models yet. Add the first one.</p>}
          <AddForm what="model" button="Add" add={add} />
        </>
      )}
    </>
  );
}

interface TypeLinksProps {
  readonly route: Route;
  readonly names: readonly string[];
  readonly changed: ReadonlySet<string>;
}

function TypeLinks({ route, names, changed }: TypeLinksProps): ReactNode {
  return (
    <ul className="models">
      {names.map((name) => (
        <li key={name}>
          <a
            href={hashOf({ view: "type", type: name })}
            aria-current={route.view === "type" && route.type === name ? "page" : undefined}
          >
            {name}
            {changed.has(name) && <span className="dot changed" title="changed" />}
          </a>
        </li>
      ))}
    </ul>
  );
}
