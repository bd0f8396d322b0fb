/**
 * The inventory port: what the relay knows of the objects it has seen (a fingerprint each) and how far it has read (a
 * cursor per watched source). Where it is persisted, a relay that restarts sends exactly what changed while it was away.
 */

/** How far a source has been read. No resourceVersion: start with a list. */
export interface Cursor {
  readonly resourceVersion?: string | undefined
}

/**
 * One step of the relay's memory, stored atomically: fingerprints to put (by key `namespace/name`), keys to forget, and
 * the cursor that holds once they are stored.
 */
export interface Step {
  readonly puts: ReadonlyMap<string, string>
  readonly deletes: readonly string[]
  readonly cursor: Cursor
}

/** Keeps fingerprints and cursors by source. A source's name tells resource, scope and selector. */
export interface Inventory {
  /** Everything known of a source; absent: never read. */
  load(source: string): Promise<{ cursor: Cursor; fingerprints: ReadonlyMap<string, string> } | undefined>
  /** Stores a step. Called only after the queue has accepted every message that the step stands for. */
  commit(source: string, step: Step): Promise<void>
}
