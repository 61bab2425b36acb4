import { createPolicy, type MatrixDiff, type Policy, type PolicyOptions } from "@authmodes/rules";
import { createContext, useCallback, useContext, useEffect, useMemo, useRef, useState } from "react";
import { type Analysis, analyser } from "../analyse.ts";
import type { Force, SchemaFile, State } from "../api.ts";
import { attempt, errorOf } from "./lib/attempt.ts";
import { servedProviders } from "./lib/choices.ts";
import { readDraft } from "./lib/draft-text.ts";
import { merge } from "./lib/patch.ts";
import { difference } from "./lib/rights.ts";
import { loadState, saveSchema } from "./lib/server.ts";

// What the page knows: the file as it was loaded, its text with the changes made here, and the steps to undo.

interface Texts {
  /** The file that the text was made from. */
  readonly base: SchemaFile;
  readonly text: string;
  readonly past: readonly string[];
  readonly future: readonly string[];
}

const maxPast = 200;

const analyse = analyser(readDraft);

function edited(texts: Texts, text: string): Texts {
  if (text === texts.text) return texts;
  return { ...texts, text, past: [...texts.past, texts.text].slice(-maxPast), future: [] };
}

/** The text starts from another file from here on. */
function rebased(texts: Texts, base: SchemaFile, text: string): Texts {
  return { ...edited(texts, text), base, future: [] };
}

function undone(texts: Texts): Texts {
  const { text, past, future } = texts;
  const before = past.at(-1);
  if (before === undefined) return texts;
  return { ...texts, text: before, past: past.slice(0, -1), future: [text, ...future] };
}

function redone(texts: Texts): Texts {
  const { text, past, future } = texts;
  const [next, ...rest] = future;
  return next === undefined ? texts : { ...texts, text: next, past: [...past, text], future: rest };
}

/** What happened. `saved` is shown with whether the rules are in force. */
export interface Notice {
  readonly kind: "good" | "saved" | "bad";
  readonly text: string;
}

export interface Store {
  readonly state: State;
  readonly options: PolicyOptions;
  /** The same, limited to the providers that the server serves: what can be chosen. */
  readonly choosing: PolicyOptions;
  readonly base: SchemaFile;
  readonly saved: Analysis;
  readonly draft: Analysis;
  readonly isChanged: boolean;
  /** undefined if the text has errors. */
  readonly diff: MatrixDiff | undefined;
  /** The policies that the roles of the difference are from, the newer first. */
  readonly policies: readonly Policy[];
  /** The file on the disk, if it changed after it was loaded and the page has changes too. */
  readonly conflict: SchemaFile | undefined;
  readonly notice: Notice | undefined;
  readonly canUndo: boolean;
  readonly canRedo: boolean;
  /** Changes the text, or reports why it cannot be changed. @returns whether it was changed */
  readonly edit: (change: (text: string) => string, done?: string) => boolean;
  readonly setText: (text: string) => void;
  readonly undo: () => void;
  readonly redo: () => void;
  readonly discard: () => void;
  readonly save: () => Promise<void>;
  /** Continue from the file on the disk: without the changes made here, or with both. */
  readonly takeTheirs: () => void;
  readonly takeBoth: () => void;
  /** Loads the state of the server again. */
  readonly refresh: () => Promise<void>;
  /** The file on the disk has this hash. */
  readonly fileChanged: (hash: string) => Promise<void>;
  readonly setForce: (force: Force) => void;
  /** Report success or a failure. */
  readonly tell: (text: string) => void;
  readonly fail: (error: unknown) => void;
  readonly dismiss: () => void;
}

export const StoreContext: React.Context<Store | undefined> = createContext<Store | undefined>(undefined);

export function useStore(): Store {
  const store = useContext(StoreContext);
  if (store === undefined) throw new TypeError("StoreContext is missing around this part of the page.");
  return store;
}

const sameLines =
  "Both changes touch the same lines. Copy your changes as a patch, load the file, and make them again.";

export function useNewStore(first: State): Store {
  const [state, setState] = useState(first);
  const { file } = first;
  const [texts, setTexts] = useState<Texts>({ base: file, text: file.text, past: [], future: [] });
  const [conflict, setConflict] = useState<SchemaFile>();
  const [notice, setNotice] = useState<Notice>();
  const { base, text } = texts;
  const latest = useRef(texts);
  useEffect(() => {
    latest.current = texts;
  });

  // Keeps its identity while its contents stay, since the state is loaded again after each save.
  const optionsText = JSON.stringify(state.running?.options ?? {});
  const options = useMemo((): PolicyOptions => JSON.parse(optionsText), [optionsText]);
  const choosing = useMemo(
    () => ({ ...options, providers: servedProviders(state.modes, options) }),
    [options, state.modes],
  );
  const saved = analyse(base.text, options);
  const draft = analyse(text, options);
  const isChanged = text !== base.text;
  const before = useMemo(
    () => saved.policy ?? createPolicy({ models: {} }, options),
    [saved.policy, options],
  );
  const diff = useMemo(() => draft.policy && difference(before, draft.policy), [draft.policy, before]);
  const policies = draft.policy === undefined ? [before] : [draft.policy, before];

  const tell = (sentence: string): void => setNotice({ kind: "good", text: sentence });
  const fail = (error: unknown): void => setNotice({ kind: "bad", text: errorOf(error).message });
  const dismiss = useCallback(() => setNotice(undefined), []);
  const setText = useCallback((now: string) => setTexts((so) => edited(so, now)), []);
  const rebase = (on: SchemaFile, now: string): void => {
    setTexts((so) => rebased(so, on, now));
    setConflict(undefined);
  };

  // Called from an effect of the first render, so it reads the latest texts, also after the answer.
  const refresh = async (): Promise<void> => {
    const now = await loadState();
    setState(now);
    const current = latest.current;
    if (now.file.hash === current.base.hash) return;
    if (current.text !== current.base.text) {
      setConflict(now.file);
      return;
    }
    rebase(now.file, now.file.text);
    tell(`${now.file.name} changed on the disk and was loaded again.`);
  };

  return {
    state,
    options,
    choosing,
    base,
    saved,
    draft,
    isChanged,
    diff,
    policies,
    conflict,
    notice,
    canUndo: texts.past.length > 0,
    canRedo: texts.future.length > 0,
    edit(change, done) {
      const changed = attempt(() => change(text));
      if (changed instanceof Error) {
        fail(changed);
        return false;
      }
      setText(changed);
      setNotice(done === undefined ? undefined : { kind: "good", text: done });
      return true;
    },
    setText,
    undo: () => setTexts(undone),
    redo: () => setTexts(redone),
    discard: () => setText(base.text),
    async save() {
      const answer = await saveSchema({ text, hash: base.hash });
      if (answer.outcome === "invalid") {
        fail(answer.findings.map(({ message }) => message).join(" "));
      } else if (answer.outcome === "changed") {
        setConflict(answer.file);
      } else {
        rebase(answer.file, text);
        setNotice({ kind: "saved", text: `Saved ${answer.file.name}.` });
        setState(await loadState());
      }
    },
    takeTheirs() {
      if (conflict !== undefined) rebase(conflict, conflict.text);
    },
    takeBoth() {
      if (conflict === undefined) return;
      const both = merge(base.text, text, conflict.text);
      if (both === undefined) {
        fail(sameLines);
        return;
      }
      rebase(conflict, both);
      tell("Your changes are now based on the file on the disk. Review them again, then save.");
    },
    refresh,
    async fileChanged(hash) {
      if (hash !== latest.current.base.hash) await refresh();
    },
    setForce: (force) =>
      setState((so) => (so.running === null ? so : { ...so, running: { ...so.running, ...force } })),
    tell,
    fail,
    dismiss,
  };
}
