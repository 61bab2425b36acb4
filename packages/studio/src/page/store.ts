import { createPolicy, type MatrixDiff, type Policy, type PolicyOptions } from "@authmodes/rules";
import { createContext, useCallback, useContext, useEffect, useMemo, useRef, useState } from "react";
import { type Analysis, analyser } from "../analyse.ts";
import type { SchemaFile, State } from "../api.ts";
import { attempt, errorOf } from "./lib/attempt.ts";
import { servedProviders } from "./lib/choices.ts";
import { readDraft } from "./lib/draft-text.ts";
import { merge } from "./lib/patch.ts";
import { difference } from "./lib/rights.ts";
import { loadState, saveSchema } from "./lib/server.ts";

// What the page knows: the file as it was loaded, the text that is made of it, and the way back.

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

/** Another file is under the same text, or under another one. */
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

/** What happened, for a person to read. */
export interface Notice {
  readonly kind: "good" | "bad";
  readonly text: string;
}

export interface Store {
  readonly state: State;
  readonly options: PolicyOptions;
  /** The same, with the providers that the server serves: what can be chosen. */
  readonly choosing: PolicyOptions;
  readonly base: SchemaFile;
  readonly saved: Analysis;
  readonly draft: Analysis;
  readonly isChanged: boolean;
  /** undefined while the text has errors. */
  readonly diff: MatrixDiff | undefined;
  /** The policies that roles of the difference stand in, the newer first. */
  readonly policies: readonly Policy[];
  /** What somebody else made of the file meanwhile. */
  readonly conflict: SchemaFile | undefined;
  readonly notice: Notice | undefined;
  readonly canUndo: boolean;
  readonly canRedo: boolean;
  /** Changes the text; what cannot be done is told. @returns whether it was */
  readonly edit: (change: (text: string) => string, done?: string) => boolean;
  readonly setText: (text: string) => void;
  readonly undo: () => void;
  readonly redo: () => void;
  readonly discard: () => void;
  readonly save: () => Promise<void>;
  /** Goes on from the file as it is on the disk: with both changes, or without the own ones. */
  readonly takeTheirs: () => void;
  readonly takeBoth: () => void;
  /** The file changed on the disk. */
  readonly fileChanged: (hash: string) => Promise<void>;
  /** What went well, and what went wrong. */
  readonly tell: (text: string) => void;
  readonly fail: (error: unknown) => void;
  readonly dismiss: () => void;
}

export const StoreContext: React.Context<Store | undefined> = createContext<Store | undefined>(undefined);

export function useStore(): Store {
  const store = useContext(StoreContext);
  if (store === undefined) throw new TypeError("There is no store around this part of the page.");
  return store;
}

const sameLines =
  "Both of you changed the same lines. Take your changes as a patch, load the file, and make them again.";

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

  // The same as long as it says the same: the state is loaded again after each save.
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

  const tell = (told: string): void => setNotice({ kind: "good", text: told });
  const fail = (error: unknown): void => setNotice({ kind: "bad", text: errorOf(error).message });
  const dismiss = useCallback(() => setNotice(undefined), []);
  const setText = useCallback((now: string) => setTexts((so) => edited(so, now)), []);
  const rebase = (on: SchemaFile, now: string): void => {
    setTexts((so) => rebased(so, on, now));
    setConflict(undefined);
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
        tell(`Saved ${answer.file.name}. The server decides by it once it is started anew.`);
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
      tell("Your changes now stand on the file as it is on the disk. Look at them again, then save.");
    },
    // It is called by an effect of the first render: what counts is how the page is now, also after the answer.
    async fileChanged(hash) {
      if (hash === latest.current.base.hash) return;
      const now = await loadState();
      setState(now);
      const current = latest.current;
      if (now.file.hash === current.base.hash) return;
      if (current.text !== current.base.text) {
        setConflict(now.file);
        return;
      }
      rebase(now.file, now.file.text);
      tell(`${now.file.name} changed on the disk, and was loaded again.`);
    },
    tell,
    fail,
    dismiss,
  };
}
