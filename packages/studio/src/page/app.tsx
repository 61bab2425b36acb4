import { type ReactNode, useEffect, useRef, useState } from "react";
import type { Decided, State } from "../api.ts";
import { errorOf } from "./lib/attempt.ts";
import { listen, loadState, Refused } from "./lib/server.ts";
import { Nav } from "./parts/nav.tsx";
import { TopBar } from "./parts/top-bar.tsx";
import { type Route, useRoute } from "./route.ts";
import { StoreContext, useNewStore, useStore } from "./store.ts";
import { ChangesView } from "./views/changes.tsx";
import { LiveView } from "./views/live.tsx";
import { ModesView } from "./views/modes.tsx";
import { SignIn } from "./views/sign-in.tsx";
import { TextView } from "./views/text.tsx";
import { TypeView } from "./views/type.tsx";
import { WhyView } from "./views/why/why-view.tsx";

export function App(): ReactNode {
  const [loaded, setLoaded] = useState<State | Error>();
  const load = (): void => void loadState().catch(errorOf).then(setLoaded);
  useEffect(load, []);

  if (loaded === undefined) return <p className="loading">Loading</p>;
  if (!(loaded instanceof Error)) return <Studio first={loaded} />;
  if (loaded instanceof Refused && (loaded.status === 401 || loaded.status === 403)) {
    return <SignIn error={loaded} retry={load} />;
  }
  return (
    <main className="alone">
      <h1>The studio cannot be shown</h1>
      <p>{loaded.message}</p>
      <button type="button" className="primary" onClick={load}>
        Try again
      </button>
    </main>
  );
}

const maxShown = 100;

function Studio({ first }: { readonly first: State }): ReactNode {
  const store = useNewStore(first);
  const route = useRoute();
  const [decisions, setDecisions] = useState<readonly Decided[]>([]);
  const [isConnected, setConnected] = useState(false);
  const { fileChanged, isChanged } = store;
  const main = useRef<HTMLElement>(null);
  useEffect(() => {
    const stop = new AbortController();
    const read = async (): Promise<void> => {
      while (!stop.signal.aborted) {
        await listen((told) => {
          setConnected(true);
          if (told.name === "recent") setDecisions(told.data);
          else if (told.name === "decided") setDecisions((old) => [...old, told.data].slice(-maxShown));
          else void fileChanged(told.data.hash);
        }, stop.signal).catch(() => undefined);
        setConnected(false);
        // A server that is started anew is back in a moment.
        await new Promise((resolve) => setTimeout(resolve, 2000));
      }
    };
    void read();
    return () => stop.abort();
  }, []);

  useEffect(() => {
    const ask = (event: BeforeUnloadEvent): void => event.preventDefault();
    if (isChanged) globalThis.addEventListener("beforeunload", ask);
    return () => globalThis.removeEventListener("beforeunload", ask);
  }, [isChanged]);

  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
      const isText = event.target instanceof HTMLElement && event.target.matches("input, textarea");
      if (event.key.toLowerCase() === "s") {
        event.preventDefault();
        globalThis.location.hash = "#/changes";
      } else if (event.key.toLowerCase() === "z" && !isText) {
        event.preventDefault();
        if (event.shiftKey) store.redo();
        else store.undo();
      }
    };
    globalThis.addEventListener("keydown", press);
    return () => globalThis.removeEventListener("keydown", press);
  });

  const view = route.view === "type" ? `type ${route.type}` : route.view;
  useEffect(() => {
    main.current?.scrollTo({ top: 0 });
  }, [view]);

  return (
    <StoreContext value={store}>
      <a className="skip" href="#main" onClick={(event) => (event.preventDefault(), main.current?.focus())}>
        Skip to the content
      </a>
      <TopBar route={route} />
      <div className="frame">
        <Nav route={route} />
        <main ref={main} id="main" tabIndex={-1}>
          <Notice />
          <View route={route} decisions={decisions} isConnected={isConnected} />
        </main>
      </div>
    </StoreContext>
  );
}

function View({
  route,
  decisions,
  isConnected,
}: {
  readonly route: Route;
  readonly decisions: readonly Decided[];
  readonly isConnected: boolean;
}): ReactNode {
  const { draft } = useStore();
  switch (route.view) {
    case "modes":
      return <ModesView />;
    case "why":
      return <WhyView />;
    case "live":
      return <LiveView decisions={decisions} isConnected={isConnected} />;
    case "text":
      return <TextView />;
    case "changes":
      return <ChangesView />;
    case "type":
      // What cannot be read has no models: the text with its errors is what there is to work on.
      return draft.schema === undefined ? (
        <TextView />
      ) : (
        <TypeView key={route.type} route={route} schema={draft.schema} />
      );
  }
}

/** Good news goes by itself, in milliseconds; bad news stays. */
const noticeTime = 8000;

function Notice(): ReactNode {
  const { notice, dismiss } = useStore();
  useEffect(() => {
    if (notice?.kind !== "good") return undefined;
    const timer = setTimeout(dismiss, noticeTime);
    return () => clearTimeout(timer);
  }, [notice, dismiss]);
  return (
    <div role="status" className="notices">
      {notice !== undefined && (
        <p className={`notice ${notice.kind}`}>
          <span>{notice.text}</span>
          <button type="button" className="quiet" onClick={dismiss}>
            Dismiss
          </button>
        </p>
      )}
    </div>
  );
}
