import { type ReactNode, useEffect } from "react";
import type { RunningRules } from "../../api.ts";
import { useStore } from "../store.ts";

/** How long success is reported, in milliseconds. Failures stay. */
const noticeTime = 8000;

export function Notice(): ReactNode {
  const { notice, dismiss, state } = useStore();
  const isDone = notice?.kind === "good" || (notice?.kind === "saved" && state.running?.stale !== true);
  useEffect(() => {
    if (!isDone) return undefined;
    const timer = setTimeout(dismiss, noticeTime);
    return () => clearTimeout(timer);
  }, [notice, isDone, dismiss]);
  const { running } = state;
  return (
    <div role="status" className="notices">
      {notice !== undefined && (
        <p className={`notice ${notice.kind === "bad" ? "bad" : "good"}`}>
          <span>
            {notice.text}
            {notice.kind === "saved" && running !== null && ` ${forceInWords(running)}`}
          </span>
          <button type="button" className="quiet" onClick={dismiss}>
            Dismiss
          </button>
        </p>
      )}
    </div>
  );
}

/** "in force now" */
export function forceOf({ stale, needsRestart }: RunningRules): string {
  if (!stale) return "in force now";
  return needsRestart ? "needs a restart" : "waiting";
}

export function forceInWords({ stale, needsRestart }: RunningRules): string {
  if (!stale) return "In force now: the server decides by the rules of the file.";
  return needsRestart
    ? "Needs a restart: the server still decides by the rules that it started with."
    : "Waiting: the server has not loaded the rules of the file yet.";
}

/** Shown on every view of a server whose auth has no rules. */
export function NoPolicy(): ReactNode {
  const { state } = useStore();
  const { name } = state.file;
  if (state.running !== null) return null;
  if (state.hasOwnPolicy) {
    return (
      <p className="notice bad">
        This server decides by a policy of its own, which the studio cannot show. The page shows the rules of{" "}
        {name}.
      </p>
    );
  }
  return (
    <section className="notice bad no-policy" aria-label="No policy">
      <p>
        <strong>No rule of {name} is in force:</strong> the auth of this server has no policy. Add the marked
        line to its code.
      </p>
      <pre className="code" tabIndex={0} aria-label="The missing line">
        {"const auth = createAuth(modes, {\n"}
        <ins>{`  policy: createPolicy(parseSchema(readFileSync("${name}", "utf8"))),\n`}</ins>
        {"});"}
      </pre>
    </section>
  );
}
