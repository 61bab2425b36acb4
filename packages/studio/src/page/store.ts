import { createPolicy, type MatrixDiff, type Policy, type PolicyOptions } from "@authmodes/rules";
import {
  createContext,
  useCallback,
  useContext,
  useEffect,
  useMemo,
  useReducer,
  useRef,
  useState,
} from "react";
import { type Analysis, analyser } from "../analyse.ts";
import type { SchemaFile, State } from "../api.ts";
import { attempt, errorOf } from "./lib/attempt.ts";
import { servedProviders } from "./lib/choices.ts";
import { parseDraft } from "./lib/draft-text.ts";
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

type Action =
  | { readonly type: "edit"; readonly text: string }
  | { readonly type: "undo" }
  | { readonly type: "redo" }
  /** Another file is under the same text, or under another one. */
  | { readonly type: "rebase"; readonly base: SchemaFile; readonly text: string };

const maxPast = 200;

const analyse = analyser(parseDraft);

function reduce(texts: Texts, action: Action): Texts {
  const { text, past, future } = texts;
  switch (action.type) {
    case "edit":
      return action.text === text
        ? texts
        : { ...texts, text: action.text, past: [...past, text].slice(-maxPast), future: [] };
    case "undo": {
      const before = past.at(-1);
      return before === undefined
        ? texts
        : { ...texts, text: before, past: past.slice(0, -1), future: [text, ...future] };
    }
    case "redo": {
      const [next, ...rest] = future;
      return next === undefined ? texts : { ...texts, text: next, past: [...past, text], future: rest };
    }
    case "rebase":
      return {
        base: action.base,
        text: action.text,
        past: action.text === text ? past : [...past, text],
        future: [],
      };
  }
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
  /** Tells what went wrong. */
  readonly fail: (error: unknown) => void;
  /** Changes the text; what cannot be done is told. @returns whether it was */
  readonly edit: (change: (text: string) => string) => boolean;
  readonly setText: (text: string) => void;
  readonly undo: () => void;
  readonly redo: () => void;
  readonly discard: () => void;
  readonly save: () => Promise<void>;
  /** Goes on from the file as it is on the disk: with both changes, or without the own ones. */
  readonly takeTheirs: () => void;
  /** @returns false where both changed the same lines */
  readonly takeBoth: () => boolean;
  /** The file changed on the disk. */
  readonly fileChanged: (hash: string) => Promise<void>;
  readonly tell: (notice: Notice | undefined) => void;
}

export const StoreContext: React.Context<Store | undefined> = createContext<Store | undefined>(undefined);

export function useStore(): Store {
  const store = useContext(StoreContext);
  if (store === undefined) throw new TypeError("There is no store around this part of the page.");
  return store;
}

export function useNewStore(first: State): Store {
  const [state, setState] = useState(first);
  const [texts, dispatch] = useReducer(reduce, {
    base: first.file,
    text: first.file.text,
    past: [],
    future: [],
  });
  const [conflict, setConflict] = useState<SchemaFile>();
  const [notice, tell] = useState<Notice>();
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

  const fail = (error: unknown): void => tell({ kind: "bad", text: errorOf(error).message });
  const setText = useCallback((now: string) => dispatch({ type: "edit", text: now }), []);

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
    fail,
    edit(change) {
      const changed = attempt(() => change(text));
      if (changed instanceof Error) {
        fail(changed);
        return false;
      }
      setText(changed);
      tell(undefined);
      return true;
    },
    setText,
    undo: () => dispatch({ type: "undo" }),
    redo: () => dispatch({ type: "redo" }),
    discard: () => setText(base.text),
    async save() {
      const answer = await saveSchema({ text, hash: base.hash });
      if (answer.outcome === "invalid") {
        tell({ kind: "bad", text: answer.findings.map(({ message }) => message).join(" ") });
      } else if (answer.outcome === "changed") {
        setConflict(answer.file);
      } else {
        dispatch({ type: "rebase", base: answer.file, text });
        setConflict(undefined);
        tell({
          kind: "good",
          text: `Saved ${answer.file.name}. The server decides by it once it is started anew.`,
        });
        setState(await loadState());
      }
    },
    takeTheirs() {
      if (conflict === undefined) return;
      dispatch({ type: "rebase", base: conflict, text: conflict.text });
      setConflict(undefined);
    },
    takeBoth() {
      if (conflict === undefined) return false;
      const both = merge(base.text, text, conflict.text);
      if (both === undefined) return false;
      dispatch({ type: "rebase", base: conflict, text: both });
      setConflict(undefined);
      tell({
        kind: "good",
        text: "Your changes now stand on the file as it is on the disk. Look at them again, then save.",
      });
      return true;
    },
    async fileChanged(hash) {
      if (hash === base.hash) return;
      const now = await loadState();
      setState(now);
      // Meanwhile somebody may have gone on: what counts is how the page is now.
      const { base: current, text: edited } = latest.current;
      if (now.file.hash === current.hash) return;
      if (edited !== current.text) {
        setConflict(now.file);
        return;
      }
      dispatch({ type: "rebase", base: now.file, text: now.file.text });
      tell({ kind: "good", text: `${now.file.name} changed on the disk, and was loaded again.` });
    },
    tell,
  };
}
