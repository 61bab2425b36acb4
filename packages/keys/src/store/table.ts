import { randomUUID } from "node:crypto";
import { type Changes, keptSeconds, type Row, type Write } from "./store.ts";

/** The records of a store in memory, at one moment. It does not change: a write makes another. */
export class Table {
  /** Another one after the records were lost: cursors of the old ones do not count. */
  readonly epoch: string;
  /** The version of the last write. */
  readonly version: number;
  readonly rows: ReadonlyMap<string, Row>;

  /** Without arguments: an empty store, which has no epoch yet. */
  constructor(rows: Iterable<Row> = [], version = 0, epoch = "") {
    this.rows = new Map(Array.from(rows, (row) => [nameOf(row), row]));
    this.version = version;
    this.epoch = epoch;
  }

  changes(kind: string, after?: string): Changes {
    const [epoch, text] = after?.split(" ") ?? [];
    const known = Number(text);
    const isWhole = epoch !== this.epoch || !(known <= this.version);
    const rows = [...this.rows.values()].filter(
      (row) => row.kind === kind && (isWhole || row.version > known),
    );
    return { rows, cursor: this.#cursor, isWhole };
  }

  /** @returns the table after the writes; undefined if it changed since the cursor */
  with(writes: readonly Write[], after?: string): Table | undefined {
    if (after !== undefined && after !== this.#cursor) return undefined;
    const version = this.version + 1;
    const written = writes.map(({ expiresAt = null, ...write }) => ({ ...write, version, expiresAt }));
    const oldest = Date.now() / 1000 - keptSeconds;
    const kept = [...this.rows.values()].filter(({ expiresAt }) => expiresAt === null || expiresAt > oldest);
    return new Table([...kept, ...written], version, this.epoch === "" ? randomUUID() : this.epoch);
  }

  get #cursor(): string {
    return `${this.epoch} ${this.version}`;
  }
}

function nameOf({ kind, id }: { readonly kind: string; readonly id: string }): string {
  return `${kind} ${id}`;
}
