import type { MatrixDiff, Policy, PolicyOptions } from "@authmodes/rules";
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
import type { SchemaFile, State } from "../api.ts";
import { type Analysis, analyse } from "../analyse.ts";
import { servedProviders } from "./lib/choices.ts";
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

const nothing: PolicyOptions = {};

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

  const options = state.running?.options ?? nothing;
  const choosing = useMemo(
    () => ({ ...options, providers: servedProviders(state.modes, options) }),
    [options, state.modes],
  );
  const saved = useMemo(() => analyse(base.text, options), [base.text, options]);
  const draft = useMemo(
    () => (text === base.text ? saved : analyse(text, options)),
    [text, base.text, saved, options],
  );
  const empty = useMemo(() => analyse("", options), [options]);
  const isChanged = text !== base.text;
  const before = saved.policy ?? empty.policy;
  const diff = useMemo(() => {
    if (draft.policy === undefined || before === undefined) return undefined;
    return isChanged ? difference(before, draft.policy) : { widened: [], narrowed: [] };
  }, [draft.policy, before, isChanged]);
  const policies = [draft.policy, before].filter((policy) => policy !== undefined);

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
    edit(change) {
      try {
        setText(change(text));
        tell(undefined);
        return true;
      } catch (error) {
        tell({ kind: "bad", text: error instanceof Error ? error.message : String(error) });
        return false;
      }
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
