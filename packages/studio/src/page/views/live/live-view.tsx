import { type ReactNode, useMemo, useState } from "react";
import type { Decided } from "../../../api.ts";
import { Button, Entry, Select } from "../../parts/controls.tsx";
import { useStore } from "../../store.ts";
import { Request } from "./request.tsx";
import { everything, type Filter, filtered, outcomes, requestsOf } from "./requests.ts";

/** The last requests, the newest first. */
export function LiveView(): ReactNode {
  const { state, decisions, isConnected } = useStore();
  const [filter, setFilter] = useState(everything);
  /** What is shown while the view is paused. */
  const [paused, setPaused] = useState<readonly Decided[]>();
  const requests = useMemo(() => requestsOf(paused ?? decisions), [paused, decisions]);
  const shown = filtered(requests, filter);
  const missed = paused === undefined ? 0 : decisions.filter((one) => !paused.includes(one)).length;
  const change = (part: Partial<Filter>): void => setFilter({ ...filter, ...part });
  const status = paused !== undefined ? "paused" : isConnected ? "live" : "connecting";
  return (
    <div className="page wide">
      <div className="title">
        <h1>Decisions</h1>
        <span className={status === "live" ? "badge on" : "badge"}>{status}</span>
      </div>
      <p className="lead">
        What the server decides, as it happens, in your local time. Open a request to see each step.
      </p>
      <div className="row filter">
        <Entry
          label="Search"
          type="search"
          placeholder="path, caller, reason or id"
          value={filter.search}
          set={(search) => change({ search })}
        />
        <Select
          label="Outcome"
          value={filter.outcome}
          choices={outcomes}
          set={(outcome) => change({ outcome })}
        />
        <Select
          label="Mode"
          value={filter.mode}
          choices={[["", "All"], ...state.modes.map(({ mode }) => mode)]}
          set={(mode) => change({ mode })}
        />
        <Button
          aria-pressed={paused !== undefined}
          onClick={() => setPaused(paused === undefined ? decisions : undefined)}
        >
          {paused === undefined ? "Pause" : `Continue${missed > 0 ? ` (${missed} new)` : ""}`}
        </Button>
      </div>
      {requests.length === 0 && <p className="hint">No requests yet. Send one to the server.</p>}
      {requests.length > 0 && shown.length === 0 && <p className="hint">No request matches the filter.</p>}
      <ul className="decisions">
        {shown.map((request) => (
          <Request key={request.id} request={request} />
        ))}
      </ul>
    </div>
  );
}
