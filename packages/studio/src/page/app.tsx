import { lazy, type ReactNode, Suspense, useEffect, useRef, useState } from "react";
import type { State } from "../api.ts";
import { errorOf } from "./lib/attempt.ts";
import { loadState, Refused } from "./lib/server.ts";
import { Conflict } from "./parts/conflict.tsx";
import { Nav } from "./parts/nav.tsx";
import { NoPolicy, Notice } from "./parts/notices.tsx";
import { TopBar } from "./parts/top-bar.tsx";
import { nameOf, type Route, useRoute } from "./route.ts";
import { StoreContext, useNewStore, useStore } from "./store.ts";
import { ChangesView } from "./views/changes.tsx";
import { LiveView } from "./views/live/live-view.tsx";
import { ModesView } from "./views/modes/modes-view.tsx";
import { SignIn } from "./views/sign-in.tsx";
import { TypeView } from "./views/type.tsx";
import { WhyView } from "./views/why/why-view.tsx";
import { Button } from "./parts/controls.tsx";

/** With its code editor, which is as large as the rest of the page. */
const TextView = lazy(() => import("./views/text/text-view.tsx"));

export function App({ first }: { readonly first: State | Error }): ReactNode {
  const [loaded, setLoaded] = useState(first);
  const load = (): void => void loadState().catch(errorOf).then(setLoaded);

  if (!(loaded instanceof Error)) return <Studio first={loaded} />;
  if (loaded instanceof Refused && (loaded.status === 401 || loaded.status === 403)) {
    return <SignIn error={loaded} retry={load} />;
  }
  return (
    <main className="alone">
      <h1>The studio cannot be shown</h1>
      <p>{loaded.message}</p>
      <Button className="primary" onClick={load}>
        Try again
      </Button>
    </main>
  );
}

function Studio({ first }: { readonly first: State }): ReactNode {
  const store = useNewStore(first);
  const route = useRoute();
  const { isChanged } = store;
  const main = useRef<HTMLElement>(null);

  useEffect(() => {
    const ask = (event: BeforeUnloadEvent): void => event.preventDefault();
    if (isChanged) globalThis.addEventListener("beforeunload", ask);
    return () => globalThis.removeEventListener("beforeunload", ask);
  }, [isChanged]);

  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
      // Text fields undo what was typed into them.
      const [target] = event.composedPath();
      const isText = target instanceof Element && target.matches("input, textarea, [contenteditable=true]");
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

  const name = nameOf(route);
  useEffect(() => {
    document.title = `${isChanged ? "• " : ""}${name} · authmodes studio`;
  }, [name, isChanged]);

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
          <NoPolicy />
          <Notice />
          <Conflict />
          <Suspense fallback={<p className="loading">Loading …</p>}>
            <View route={route} />
          </Suspense>
        </main>
      </div>
    </StoreContext>
  );
}

function View({ route }: { readonly route: Route }): ReactNode {
  const { draft } = useStore();
  switch (route.view) {
    case "modes":
      return <ModesView />;
    case "why":
      return <WhyView query={route.query ?? ""} />;
    case "live":
      return <LiveView />;
    case "text":
      return <TextView />;
    case "changes":
      return <ChangesView />;
    case "type":
      // A text with syntax errors has no models, so its errors are shown.
      return draft.schema === undefined ? <TextView /> : <TypeView key={route.type} route={route} />;
  }
}
