import { type AuthRule, createPolicy, type PolicyOptions } from "@authmodes/rules";
import type { RulesPlace } from "@authmodes/rules/sdl";
import { createContext, useCallback, useContext, useEffect, useEffectEvent, useMemo, useState } from "react";
import { analyser } from "../analyse.ts";
import type { Decided, SchemaFile, State } from "../api.ts";
import { attempt, errorOf } from "./lib/attempt.ts";
import { namedProviders, objections, servedProviders } from "./lib/choices.ts";
import { noModels, readDraft } from "./lib/draft-text.ts";
import { merge } from "./lib/patch.ts";
import { difference } from "./lib/rights.ts";
import { listen, loadState, saveSchema, type ServerEvent } from "./lib/server.ts";

// What the page knows: the file as it was loaded, its text with the changes made here, and what the server reports.

interface Texts {
  /** The file that the text was made from. */
  readonly base: SchemaFile;
  /** The text after each change. */
  readonly steps: readonly string[];
  /** The position of the text that is shown: earlier ones can be undone to, later ones redone. */
  readonly at: number;
}

const maxUndo = 200;
const maxDecisions = 200;
/** Milliseconds. */
const reconnectAfter = 2000;

const analyse = analyser(readDraft);

function edited(texts: Texts, text: string): Texts {
  const { steps, at } = texts;
  if (text === steps[at]) return texts;
  const next = [...steps.slice(0, at + 1), text].slice(-1 - maxUndo);
  return { ...texts, steps: next, at: next.length - 1 };
}

/** The text starts from another file from here on. */
function rebased({ steps, at }: Texts, base: SchemaFile, text: string): Texts {
  return edited({ base, steps: steps.slice(0, at + 1), at }, text);
}

/** What happened. `saved` is shown with whether the rules are in force. */
interface Notice {
  readonly kind: "good" | "saved" | "bad";
  readonly text: string;
}

type Store = ReturnType<typeof useNewStore>;

export const StoreContext = createContext<Store | undefined>(undefined);

export function useStore(): Store {
  const store = useContext(StoreContext);
  if (store === undefined) throw new TypeError("StoreContext is missing around this part of the page.");
  return store;
}

const sameLines =
  "Both changes touch the same lines. Copy your changes as a patch, load the file, and make them again.";

export function useNewStore(first: State) {
  const [state, setState] = useState(first);
  const [texts, setTexts] = useState<Texts>({ base: first.file, steps: [first.file.text], at: 0 });
  const [conflict, setConflict] = useState<SchemaFile>();
  const [notice, setNotice] = useState<Notice>();
  const [decisions, setDecisions] = useState<readonly Decided[]>([]);
  const [isConnected, setConnected] = useState(false);
  const { base, steps, at } = texts;
  const text = steps[at] ?? "";

  // Keeps its identity while its contents stay, since the state is loaded again after each save.
  const optionsText = JSON.stringify(state.running?.options ?? {});
  const options = useMemo((): PolicyOptions => JSON.parse(optionsText), [optionsText]);
  const named = namedProviders(state.running);
  const choosing = useMemo(
    () => ({ ...options, providers: servedProviders(state.modes, named) }),
    [options, state.modes, named],
  );
  const saved = analyse(base.text, options);
  const draft = analyse(text, options);
  const isChanged = text !== base.text;
  const before = useMemo(() => saved.policy ?? createPolicy(noModels, options), [saved.policy, options]);
  const diff = useMemo(() => draft.policy && difference(before, draft.policy), [draft.policy, before]);
  const schema = draft.schema ?? noModels;

  const tell = (sentence: string): void => setNotice({ kind: "good", text: sentence });
  const fail = (error: unknown): void => setNotice({ kind: "bad", text: errorOf(error).message });
  const setText = (now: string): void => setTexts((so) => edited(so, now));
  const rebase = (on: SchemaFile, now: string): void => {
    setTexts((so) => rebased(so, on, now));
    setConflict(undefined);
  };

  // The text may change while the state is loaded.
  const receiveState = useEffectEvent((now: State): void => {
    setState(now);
    if (now.file.hash === base.hash) return;
    if (isChanged) {
      setConflict(now.file);
      return;
    }
    rebase(now.file, now.file.text);
    tell(`${now.file.name} changed on the disk and was loaded again.`);
  });
  const receive = useEffectEvent((event: ServerEvent, isReconnected: boolean): void => {
    const refresh = (): void => void loadState().then(receiveState, () => undefined);
    setConnected(true);
    if (event.name === "recent") {
      setDecisions(event.data);
      // The server may have restarted with other options.
      if (isReconnected) refresh();
    } else if (event.name === "decided") {
      setDecisions((old) => [...old, event.data].slice(-maxDecisions));
    } else if (event.name === "force") {
      setState((so) => (so.running === null ? so : { ...so, running: { ...so.running, ...event.data } }));
    } else if (event.data.hash !== base.hash) refresh();
  });
  useEffect(() => {
    const stop = new AbortController();
    const read = async (): Promise<void> => {
      for (let connections = 0; !stop.signal.aborted; connections++) {
        await listen((event) => receive(event, connections > 0), stop.signal).catch(() => undefined);
        setConnected(false);
        await new Promise((resolve) => setTimeout(resolve, reconnectAfter));
      }
    };
    void read();
    return () => stop.abort();
  }, []);

  return {
    state,
    options,
    /** The options, limited to the providers that the server serves: what can be chosen. */
    choosing,
    base,
    saved,
    draft,
    /** Of the draft; without models if its text has errors. */
    schema,
    isChanged,
    /** undefined if the text has errors. */
    diff,
    /** The policies that the roles of the difference are from, the newer first. */
    policies: draft.policy === undefined ? [before] : [draft.policy, before],
    /** The file on the disk, if it changed after it was loaded and the page has changes too. */
    conflict,
    notice,
    /** The last ones, oldest first. */
    decisions,
    isConnected,
    canUndo: at > 0,
    canRedo: at < steps.length - 1,
    /** Returns what would be wrong with these rules at a place, and is not wrong already. */
    objectionsTo: (place: RulesPlace, rules: readonly AuthRule[]) =>
      objections(schema, place, rules, choosing),
    /** Changes the text, or reports why it cannot be changed. @returns whether it was changed */
    edit: (change: (text: string) => string, done?: string): boolean => {
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
    undo: () => setTexts((so) => ({ ...so, at: Math.max(so.at - 1, 0) })),
    redo: () => setTexts((so) => ({ ...so, at: Math.min(so.at + 1, so.steps.length - 1) })),
    discard: () => setText(base.text),
    save: async (): Promise<void> => {
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
    /** Continues from the file on the disk, without the changes made here. */
    takeTheirs: (): void => {
      if (conflict !== undefined) rebase(conflict, conflict.text);
    },
    /** Continues from the file on the disk, with the changes made here. */
    takeBoth: (): void => {
      if (conflict === undefined) return;
      const both = merge(base.text, text, conflict.text);
      if (both === undefined) {
        fail(sameLines);
        return;
      }
      rebase(conflict, both);
      tell("Your changes are now based on the file on the disk. Review them again, then save.");
    },
    /** Reports success. */
    tell,
    fail,
    dismiss: useCallback(() => setNotice(undefined), []),
  };
}
