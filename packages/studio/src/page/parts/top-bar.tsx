import type { ReactNode } from "react";
import { counted } from "../lib/words.ts";
import { hashOf, type Route } from "../route.ts";
import { useStore } from "../store.ts";
import { useForce } from "./notices.tsx";
import { Button } from "./controls.tsx";

export function TopBar({ route }: { readonly route: Route }): ReactNode {
  const { base, diff, draft, isChanged, canUndo, canRedo, undo, redo, state } = useStore();
  const force = useForce();
  const widened = diff?.widened.length ?? 0;
  const narrowed = diff?.narrowed.length ?? 0;
  return (
    <header className="top">
      <a className="brand" href={hashOf({ view: "modes" })} aria-label="authmodes studio">
        <svg viewBox="0 0 32 32" width="22" height="22" aria-hidden="true">
          <rect width="32" height="32" rx="8" fill="currentColor" />
          <path d="M9 22 16 8l7 14M12 17h8" className="brand-mark" />
        </svg>
        <span>authmodes studio</span>
      </a>
      <span className="file" title={isChanged ? "There are unsaved changes" : "As on the disk"}>
        <span className={isChanged ? "dot changed" : "dot"} aria-hidden="true" />
        <span className="file-name">{base.name}</span>
        <span className="hidden">{isChanged ? "changed" : "saved"}</span>
        {force !== undefined && (
          <span className={force.isNow ? "badge on" : "badge stale"} title={force.sentence}>
            {force.name}
          </span>
        )}
      </span>
      {state.caller !== null && <span className="file who">{state.caller}</span>}
      <span className="space" />
      <Button className="quiet" onClick={undo} disabled={!canUndo} aria-label="Undo">
        <span aria-hidden="true" className="icon undo" />
        <span className="hidden-narrow">Undo</span>
      </Button>
      <Button className="quiet" onClick={redo} disabled={!canRedo} aria-label="Redo">
        <span aria-hidden="true" className="icon redo" />
        <span className="hidden-narrow">Redo</span>
      </Button>
      <a
        className={isChanged ? "button primary" : "button"}
        href={hashOf({ view: "changes" })}
        aria-current={route.view === "changes" ? "page" : undefined}
      >
        <span>
          Review<span className="hidden-narrow"> changes</span>
        </span>
        {draft.errors.length > 0 && (
          <span className="count bad">{counted(draft.errors.length, "error")}</span>
        )}
        {widened > 0 && <span className="count widened">+{widened}</span>}
        {narrowed > 0 && <span className="count narrowed">−{narrowed}</span>}
      </a>
    </header>
  );
}
