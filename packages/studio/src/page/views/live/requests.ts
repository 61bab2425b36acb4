import type { Decided } from "../../../api.ts";

/** The events of one request, in their order: it was authenticated, then a rule decided. */
export interface LiveRequest {
  readonly id: string;
  readonly events: readonly [Decided, ...Decided[]];
  /** The last event, which is the outcome. */
  readonly last: Decided;
}

/** Groups events by request, the newest request first. */
export function requestsOf(events: readonly Decided[]): readonly LiveRequest[] {
  const byId = new Map<string, [Decided, ...Decided[]]>();
  for (const event of events) {
    const known = byId.get(event.id);
    if (known === undefined) byId.set(event.id, [event]);
    else known.push(event);
  }
  return [...byId].map(([id, all]) => ({ id, events: all, last: all.at(-1) ?? all[0] })).toReversed();
}

export const outcomes = [
  ["all", "All"],
  ["refused", "Rejected"],
  ["passed", "Passed"],
] as const;

export interface Filter {
  readonly outcome: (typeof outcomes)[number][0];
  /** A mode, or "" for all. */
  readonly mode: string;
  readonly search: string;
}

export const everything: Filter = { outcome: "all", mode: "", search: "" };

const searched = ["method", "path", "mode", "name", "caller", "code", "reason", "rule"] as const;

export function filtered(requests: readonly LiveRequest[], filter: Filter): readonly LiveRequest[] {
  const words = filter.search
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "");
  return requests.filter(({ id, events, last }) => {
    const isRefused = last.type === "refused";
    if (filter.outcome !== "all" && (filter.outcome === "refused") !== isRefused) return false;
    if (filter.mode !== "" && last.mode !== filter.mode) return false;
    const texts = events.flatMap((event) => searched.map((name) => event[name]));
    const text = [id, ...texts].join(" ").toLowerCase();
    return words.every((word) => text.includes(word));
  });
}
