import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app.tsx";
import { errorOf } from "./lib/attempt.ts";
import { loadState } from "./lib/server.ts";

// The frame of index.html stays until there is something to show in it.
const first = await loadState().catch(errorOf);
const root = document.querySelector("#root");
if (root !== null) {
  createRoot(root).render(
    <StrictMode>
      <App first={first} />
    </StrictMode>,
  );
}
