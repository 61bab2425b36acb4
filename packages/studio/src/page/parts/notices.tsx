import { type ReactNode, useEffect } from "react";
import { useStore } from "../store.ts";
import { Button } from "./controls.tsx";

/** How long success is reported, in milliseconds. Failures stay. */
const noticeTime = 8000;

export function Notice(): ReactNode {
  const { notice, dismiss } = useStore();
  const force = useForce();
  const isDone = notice?.kind === "good" || (notice?.kind === "saved" && force?.isNow !== false);
  useEffect(() => {
    if (!isDone) return undefined;
    const timer = setTimeout(dismiss, noticeTime);
    return () => clearTimeout(timer);
  }, [notice, isDone, dismiss]);
  return (
    <div role="status" className="notices">
      {notice !== undefined && (
        <p className={`notice ${notice.kind === "bad" ? "bad" : "good"}`}>
          <span>
            {notice.text}
            {notice.kind === "saved" && force !== undefined && ` ${force.sentence}`}
          </span>
          <Button className="quiet" onClick={dismiss}>
            Dismiss
          </Button>
        </p>
      )}
    </div>
  );
}

const forces = {
  now: ["in force now", "In force now: the server decides by the rules of the file."],
  waiting: ["waiting", "Waiting: the server has not loaded the rules of the file yet."],
  restart: [
    "needs a restart",
    "Needs a restart: the server still decides by the rules that it started with.",
  ],
  errors: [
    "not in force",
    "Not in force: the file has errors, so the server decides by the rules that it had before.",
  ],
} as const;

/** Says whether the rules of the file are in force, by what the server reports; undefined if it has no rules. */
export function useForce() {
  const { state, saved } = useStore();
  if (state.running === null) return undefined;
  const { stale, needsRestart } = state.running;
  const force = !stale ? "now" : saved.errors.length > 0 ? "errors" : needsRestart ? "restart" : "waiting";
  const [name, sentence] = forces[force];
  return { name, sentence, isNow: force === "now" };
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
        <ins>{`  policy: createPolicy(parseSchema(readFileSync(${JSON.stringify(name)}, "utf8"))),\n`}</ins>
        {"});"}
      </pre>
    </section>
  );
}
